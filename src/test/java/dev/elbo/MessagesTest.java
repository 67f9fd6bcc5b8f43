package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Messages of the library name settings as Java does; the command line alone speaks of its options and commands. */
class MessagesTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/elbo");

    /** Options of other programs, each with the program that has it. */
    private static final Map<String, String> OTHER_PROGRAMS = Map.of(
            "--add-modules", "jlink",
            "--add-options", "jlink",
            "--disable-plugin", "jlink",
            "--enable-native-access", "java: without it Java warns of native libraries, and later refuses them",
            "--exclude-files", "jlink",
            "--gpus", "docker: a container sees no GPU without it",
            "--no-header-files", "jlink",
            "--no-man-pages", "jlink",
            "--output", "jlink",
            "--strip-java-debug-attributes", "jlink");

    /** Comments, which may say anything, string and character literals. */
    private static final Pattern TOKENS = Pattern.compile(
            "//.*|(?s:/\\*.*?\\*/)|(?s:\"\"\".*?\"\"\")|\"(?:\\\\.|[^\"\\\\\\n])*+\"|'(?:\\\\.|[^'\\\\\\n])++'");

    private static final Pattern OPTION = Pattern.compile("(?<!-)--(?!-)[a-z-]*");

    private static final Pattern COMMAND =
            Pattern.compile("\\belbo (bench|bundle|data|demo|doctor|encode|evaluate|export"
                    + "|import|interpolate|probe|reconstruct|report|sample|score|train|traverse|verify)\\b");

    /** An option without its dashes at the beginning, for somebody to put them before it. */
    private static final Pattern KEBAB = Pattern.compile("\"[a-z]+(-[a-z]+)+( must|: | \")");

    /** The string literals of a file. */
    private static List<String> literals(Path file) throws IOException {
        List<String> literals = new ArrayList<>();
        Matcher token = TOKENS.matcher(Files.readString(file));
        while (token.find()) {
            if (token.group().startsWith("\"")) {
                literals.add(token.group());
            }
        }
        return literals;
    }

    @Test
    void theLibraryNamesNoOptionOrCommand() throws IOException {
        Set<String> found = new TreeSet<>();
        Set<String> others = new HashSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = SOURCES.relativize(file).toString().replace('\\', '/');
                if (name.startsWith("cli/")) {
                    continue;
                }
                for (String literal : literals(file)) {
                    List<String> options = OPTION.matcher(literal)
                            .results()
                            .map(MatchResult::group)
                            .toList();
                    if (!OTHER_PROGRAMS.keySet().containsAll(options)
                            || COMMAND.matcher(literal).find()
                            || KEBAB.matcher(literal).find()) {
                        found.add(name + ": " + literal);
                    }
                    others.addAll(options);
                }
            }
        }
        assertEquals(Set.of(), found);
        assertEquals(OTHER_PROGRAMS.keySet(), others, "of other programs");
    }

    @Test
    void optionsAndCommandsAreSeen() {
        assertTrue(OPTION.matcher("lower --learning-rate").find());
        assertTrue(OPTION.matcher("(--").find());
        assertTrue(COMMAND.matcher("run 'elbo doctor'").find());
        assertTrue(KEBAB.matcher("\"free-bits must be above 0\"").find());
    }
}
