package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.DocumentationTool;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever others may use says what it takes, returns and throws: javadoc, with every check of doclint, has nothing to remark.
 *
 * <p>The components of records, which doclint does not look at, are looked at here.
 *
 * <p>Three kinds of remarks do not count. A compact constructor takes the components of its record, which are described there. A
 * class that is marked {@code @hidden} is public for other packages of ours, and is not in the documentation. A setter of a builder
 * ("Sets …") or a copy with one change ("Copies with …") says in its sentence what its tags would repeat.
 */
class JavadocTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern RECORD = Pattern.compile(
            "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*public record (\\w+)(?:<[^>]*>)?\\(([^)]*)\\)", Pattern.DOTALL);
    private static final Pattern COMPONENT = Pattern.compile("(\\w+)\\s*(?:,|$)");

    private static final Pattern TYPE = Pattern.compile(
            "/\\*\\*((?:(?!\\*/)[^@])*)(?:(?!\\*/).)*\\*/\\s*(?:@\\w+\\s+)*"
                    + "public (?:static |final |abstract |sealed )*(?:class|record|enum|interface) (\\w+)",
            Pattern.DOTALL);
    private static final Pattern FLUENT =
            Pattern.compile("public (\\w+) \\w+\\(([\\w.]+(<.*>)?(\\.{3})? \\w+)?\\) \\{");

    @TempDir
    private Path folder;

    /** All packages but those that the pom leaves out of the documentation. */
    private static Set<String> publicPackages() throws IOException {
        Matcher internal = Pattern.compile("<packages.internal>(.*)</packages.internal>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertTrue(internal.find(), "the pom lists the packages that are ours alone");
        Set<String> packages = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .map(file -> SOURCES.relativize(file.getParent()).toString().replace('/', '.'))
                    .forEach(packages::add);
        }
        Set<String> left = new TreeSet<>(Arrays.asList(internal.group(1).split(",")));
        assertTrue(packages.containsAll(left), "they exist: " + left);
        packages.removeAll(left);
        return packages;
    }

    private List<String> remarks(Path sources, Set<String> packages) throws IOException {
        DocumentationTool javadoc = ToolProvider.getSystemDocumentationTool();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try (StandardJavaFileManager files =
                javadoc.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            List<String> options = new ArrayList<>(List.of("-quiet", "-Xdoclint:all", "-Xmaxwarns", "100000"));
            options.addAll(List.of("-noindex", "-notree", "-nohelp", "-nonavbar"));
            options.addAll(List.of("-encoding", "UTF-8", "-locale", "en", "-d", folder.resolve("html") + ""));
            options.addAll(List.of("-classpath", System.getProperty("java.class.path"), "-sourcepath", sources + ""));
            options.addAll(packages);
            javadoc.getTask(null, files, found, null, options, null).call();
        }
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() != Diagnostic.Kind.NOTE)
                .filter(diagnostic -> diagnostic.getSource() == null || counts(diagnostic))
                .map(diagnostic -> (diagnostic.getSource() == null
                                ? ""
                                : diagnostic.getSource().getName() + ":") + diagnostic.getLineNumber() + ": "
                        + diagnostic.getMessage(Locale.ROOT))
                .toList();
    }

    private static boolean counts(Diagnostic<? extends JavaFileObject> diagnostic) {
        try {
            Path file = Path.of(diagnostic.getSource().toUri());
            List<String> lines = Files.readAllLines(file);
            int line = (int) diagnostic.getLineNumber() - 1;
            return !lines.get(line).strip().matches("public \\w+ \\{")
                    && lines.stream().noneMatch(" * @hidden"::equals)
                    && !isFluent(lines, line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A method of at most one parameter that gives its own type back and says in one sentence what it sets. */
    private static boolean isFluent(List<String> lines, int line) {
        Matcher method = FLUENT.matcher(lines.get(line).strip());
        if (!method.matches()) {
            return false;
        }
        boolean ownType = lines.subList(0, line).stream()
                .anyMatch(before -> before.matches(".*\\b(class|record) " + method.group(1) + "\\b.*"));
        int start = line;
        while (start > 0 && !lines.get(start).contains("/**")) {
            start--;
        }
        String comment = String.join(" ", lines.subList(start, line));
        return ownType && comment.matches("\\s*/\\*\\*[\\s*]*(Sets|Copies with) .*") && !comment.contains("@param");
    }

    /** The components of public records that their comments do not tell of. */
    private static List<String> untold(String source) {
        List<String> untold = new ArrayList<>();
        for (Matcher found = RECORD.matcher(source); found.find(); ) {
            // a comma between angle brackets divides no components
            String components = found.group(3).replaceAll("<[^(]*?>+(?= )", "").strip();
            for (Matcher component = COMPONENT.matcher(components); component.find(); ) {
                if (!found.group(1).contains("@param " + component.group(1) + " ")) {
                    untold.add(found.group(2) + "." + component.group(1));
                }
            }
        }
        return untold;
    }

    /** Public types whose comments do not begin with what the type is. */
    private static List<String> riddles(String source) {
        return TYPE.matcher(source)
                .results()
                .filter(type ->
                        type.group(1).matches("(?s)[\\s*]*(What|Where|Of|How|That|Whether|Whatever|Whoever|Who)\\b.*"))
                .map(type -> type.group(2))
                .toList();
    }

    @Test
    void commentsOfTypesBeginWithWhatTheTypeIs() throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                riddles(Files.readString(file)).forEach(type -> all.add(file + ": " + type));
            }
        }
        assertEquals(List.of(), all);
        assertEquals(
                List.of("A", "D"),
                riddles(
                        "/** What it is. */\npublic record A() {}\n/** A thing. */\npublic class B {\n"
                                + "    /**\n     * How.\n     */\n    @Deprecated\n    public enum D {}\n/** Of. */ class E {}"));
    }

    @Test
    void componentsOfRecordsAreDocumented() throws IOException {
        Set<String> packages = publicPackages();
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> packages.contains(
                            SOURCES.relativize(file.getParent()).toString().replace('/', '.')))
                    .toList()) {
                String source = Files.readString(file);
                all.addAll(source.lines().anyMatch(" * @hidden"::equals) ? List.of() : untold(source));
            }
        }
        assertEquals(List.of(), all);
    }

    @Test
    void componentsThatAreMissingAreFound() {
        String record =
                "/**\n * A.\n *\n * @param b that\n */\npublic record A(int b, Map<String, Map<X, Y>> c,\n  D d) {}";
        assertEquals(List.of("A.c", "A.d"), untold(record));
    }

    @Test
    void everythingPublicIsDocumented() throws IOException {
        assertEquals("", String.join("\n", remarks(SOURCES, publicPackages())));
    }

    @Test
    void everyPublicPackageSaysWhatItIsFor() throws IOException {
        for (String name : publicPackages()) {
            Path file = SOURCES.resolve(name.replace('.', '/')).resolve("package-info.java");
            assertTrue(Files.exists(file), file + " is missing");
        }
    }

    @Test
    void whatIsMissingIsFound() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources/p"));
        Files.writeString(sources.resolve("package-info.java"), "/** One class. */\npackage p;\n");
        Files.writeString(sources.resolve("Undocumented.java"), """
                package p;

                /** Sees {@link Nowhere}. */
                public final class Undocumented {
                    private Undocumented() {}

                    /** Doubles. */
                    public static int twice(int n) {
                        return 2 * n;
                    }

                    public static void silent() {}

                    /** Makes them. */
                    public static final class Builder {
                        private Builder() {}

                        /** Sets the size: at least 1; by default 2. */
                        public Builder size(int n) {
                            return this;
                        }

                        /** The width. */
                        public Builder width(int w) {
                            return this;
                        }
                    }
                }
                """);
        String all = String.join("\n", remarks(folder.resolve("sources"), Set.of("p")));
        assertFalse(all.contains("19: "), "setters need no tags: " + all);
        for (String remark :
                List.of("no @param for n", "no @param for w", "no @return", "no comment", "reference not found")) {
            assertTrue(all.contains(remark), remark + " is not in\n" + all);
        }
    }
}
