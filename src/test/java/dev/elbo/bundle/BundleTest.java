package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import dev.elbo.error.ElboException;
import dev.elbo.io.Sha256;
import dev.elbo.io.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real bundle, but for the packing: assembled once from the classes under test, and run without this Java. */
class BundleTest {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Pattern OF_TESTS =
            Pattern.compile("(junit|archunit|opentest4j|apiguardian|slf4j|surefire|jazzer).*");

    @TempDir
    private static Path temporary;

    private static Bundle bundle;
    private static Path folder;
    private static Path program;
    private static final Set<String> STEPS = new LinkedHashSet<>();

    @BeforeAll
    static void assemble() throws IOException {
        program = temporary.resolve("program.jar");
        Path manifest = Files.writeString(temporary.resolve("manifest"), "Main-Class: dev.elbo.cli.Main\n");
        run(
                "jar",
                "--create",
                "--file",
                program.toString(),
                "--manifest",
                manifest.toString(),
                "-C",
                "" + CLASSES,
                ".");
        bundle = new Bundle(program, libraries());
        assertEquals("elbo-" + Version.current(), bundle.name());
        folder = temporary.resolve(bundle.name());
        bundle.assemble(folder, (step, done, total) -> STEPS.add(step));
    }

    private static List<Path> libraries() {
        return ClassPath.jars(System.getProperty("java.class.path")).stream()
                .filter(jar -> !OF_TESTS.matcher(jar.getFileName().toString()).matches())
                .toList();
    }

    private static String run(String tool, String... arguments) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        assertEquals(0, ToolProvider.findFirst(tool).orElseThrow().run(writer, writer, arguments), out.toString());
        return out.toString();
    }

    private record Result(int code, String out, String err) {}

    /** In an environment without a PATH, a home or anything else, by the launcher or the runtime itself. */
    private static Result elbo(List<String> command, String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(command);
        all.addAll(Arrays.asList(arguments));
        Path out = Files.createTempFile(temporary, "out", "");
        Path err = Files.createTempFile(temporary, "err", "");
        ProcessBuilder builder = new ProcessBuilder(all)
                .directory(temporary.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        int code = builder.start().waitFor();
        return new Result(code, Files.readString(out), Files.readString(err));
    }

    private static List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(folder.resolve("runtime/bin/java").toString());
        command.addAll(JavaCommand.SHORT_LIVED);
        command.addAll(List.of("-jar", folder.resolve("lib/elbo.jar").toString()));
        return command;
    }

    @Test
    void theLauncherWorksThroughALinkAndFromAnywhere() throws Exception {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), folder.resolve("bin/elbo"));
        Result result = elbo(List.of(link.toString()), "--version");
        assertEquals("elbo " + Version.current() + "\n", result.out(), result.err());
        assertEquals(0, result.code());
    }

    @Test
    void theDoctorFindsItsProductsAndNothingWrong() throws Exception {
        Result result = elbo(java(), "doctor");
        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().matches("(?s).*cpu +ok +products: float32, OpenBLAS.*"), result.toString());
        assertTrue(result.out().matches("(?s).*cpu +ok +known answers: all .*"), result.out());
    }

    @Test
    void goldenCasesAndDigitsAreInIt() throws Exception {
        Result verified = elbo(java(), "verify", "--backend", "cpu", "--op", "adam");
        assertEquals(0, verified.code(), verified.err());
        Path run = temporary.resolve("run");
        Result trained =
                elbo(java(), "train", "--epochs", "1", "--hidden", "16", "--backend", "cpu", "--out", "" + run);
        assertEquals(0, trained.code(), trained.err());
        assertTrue(Files.size(run.resolve("curves.png")) > 0);
    }

    @Test
    void whatItCannotDoThereItSays() throws Exception {
        Result result = elbo(java(), "bundle", "--out", "b.tar.xz");
        assertEquals(4, result.code(), result.err());
        assertTrue(result.err().startsWith("elbo: bundle needs a JDK with jlink and jmods; "), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertFalse(Files.exists(temporary.resolve("b.tar.xz")));
    }

    @Test
    void thePartsAreThoseAndNoMore() throws IOException {
        assertEquals(List.of("linking the runtime", "copying libraries"), List.copyOf(STEPS));
        assertEquals(Set.of("BUNDLE.txt", "bin", "lib", "runtime", "scripts"), names(folder));
        assertEquals(Set.of("make_golden.py"), names(folder.resolve("scripts")));
        Path maker = folder.resolve("scripts/make_golden.py");
        assertEquals(-1, Files.mismatch(Path.of("src/main/scripts/make_golden.py"), maker), "as it is in the sources");
        Set<String> jars = libraries().stream()
                .filter(Library::isForRunning)
                .map(jar -> jar.getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        jars.add("elbo.jar");
        assertEquals(jars, names(folder.resolve("lib")));
        try (JarFile jar = new JarFile(folder.resolve("lib/elbo.jar").toFile())) {
            String classPath = jar.getManifest().getMainAttributes().getValue("Class-Path");
            jars.remove("elbo.jar");
            assertEquals(jars, new TreeSet<>(List.of(classPath.split(" "))));
            assertTrue(jar.stream().anyMatch(entry -> entry.getName().endsWith(".ptx")), "the kernels");
        }
        assertFalse(Files.exists(folder.resolve("runtime/lib/libawt_xawt.so")), "no displays");
        // nothing is needed that is not there
        Map<String, List<String>> needs = SystemLibraries.needsIn(folder.resolve("runtime"));
        assertTrue(
                needs.containsKey("libjvm.so") && needs.containsKey("java"),
                needs.keySet().toString());
        assertEquals(Map.of(), SystemLibraries.missing(needs, List.of()));
    }

    @Test
    void theDescriptionListsEveryFileWithItsSize() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("BUNDLE.txt"));
        String commit = System.getenv("ELBO_COMMIT");
        assertEquals("elbo " + Version.current() + ", commit " + (commit == null ? "unknown" : commit), lines.get(0));
        assertTrue(lines.get(1).startsWith("Java " + System.getProperty("java.runtime.version")), lines.get(1));
        Set<String> expected = new TreeSet<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                    .toList()) {
                expected.add(String.format("%11d  %s", Files.size(file), folder.relativize(file)));
            }
        }
        expected.removeIf(line -> line.endsWith("BUNDLE.txt"));
        assertEquals(
                expected,
                lines.stream()
                        .filter(line -> line.matches(" *\\d+  \\S+"))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    @Tag("thorough")
    void assembledAgainItHasTheSameBytes() throws IOException {
        Path again = temporary.resolve("again");
        bundle.assemble(again, (step, done, total) -> {});
        Map<String, String> digests = digests(folder);
        Map<String, String> others = digests(again);
        assertEquals(digests.keySet(), others.keySet());
        others.entrySet().removeAll(digests.entrySet());
        assertEquals(Set.of(), others.keySet());
    }

    private static Map<String, String> digests(Path root) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] digest = Sha256.create().digest(Files.readAllBytes(file));
                digests.put(root.relativize(file).toString(), HexFormat.of().formatHex(digest));
            }
        }
        return digests;
    }

    /** About five times what it packs to; packing takes longer than a test may. */
    @Test
    void itStaysSmall() throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                    .toList()) {
                size += Files.size(file);
            }
        }
        assertTrue(size < 190L << 20, size + " bytes");
    }

    @Test
    void packingReplacesTheOldArchiveAndLeavesNothingElse() throws IOException {
        Path small = Files.createDirectories(temporary.resolve("small-1"));
        Files.writeString(small.resolve("file"), "content");
        Path target = Files.createDirectory(temporary.resolve("packed"));
        Path out = Files.writeString(target.resolve("b.tar.xz"), "old");
        List<String> heard = new ArrayList<>();
        String digest = Bundle.pack(small, out, (step, done, total) -> heard.add(step + " " + done + " " + total));
        assertEquals(List.of("packing 7 7"), heard);
        assertEquals(HexFormat.of().formatHex(Sha256.create().digest(Files.readAllBytes(out))), digest);
        assertEquals(Set.of("b.tar.xz"), names(target));
    }

    @Test
    void whoGivesUpLeavesNothingBehind() throws IOException {
        Path target = Files.createDirectory(temporary.resolve("given-up"));
        Path out = Files.writeString(target.resolve("b.tar.xz"), "old");
        assertThrows(
                CancellationException.class,
                () -> bundle.write(out, (step, done, total) -> {
                    throw new CancellationException();
                }));
        Path small = Files.createDirectories(temporary.resolve("small-2"));
        Files.write(small.resolve("file"), new byte[1 << 17]);
        assertThrows(
                CancellationException.class,
                () -> Bundle.pack(small, out, (step, done, total) -> {
                    throw new CancellationException();
                }));
        assertEquals(Set.of("b.tar.xz"), names(target));
        assertEquals("old", Files.readString(out));
    }

    /** A signal while the runtime is linked, which ends first, and takes seconds. */
    @Test
    @Tag("thorough")
    void aSignalLeavesNothingBehind() throws Exception {
        Path target = temporary.resolve("signalled");
        Path err = temporary.resolve("signalled.err");
        String jars = Stream.concat(Stream.of(program), libraries().stream())
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                jars,
                "dev.elbo.cli.Main",
                "bundle",
                "--out",
                target.resolve("b.tar.xz").toString());
        Process process = new ProcessBuilder(JavaCommand.interruptible(command))
                .redirectError(err.toFile())
                .start();
        try {
            while (!Files.readString(err).contains("linking") && process.isAlive()) {
                Thread.sleep(5);
            }
            process.destroy();
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it stops");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(err);
        assertEquals(143, process.exitValue(), said);
        assertTrue(said.endsWith("stopping\nstopped; " + target.resolve("b.tar.xz") + " was not written\n"), said);
        assertEquals(Set.of(), names(target));
    }

    /** gson's dates and netlib's vector products are not used, and do without. */
    @Test
    void theRuntimeHasTheModulesThatAreAskedFor() {
        String jars = libraries().stream().map(Path::toString).collect(Collectors.joining(":"));
        String found = run(
                "jdeps",
                "--ignore-missing-deps",
                "--multi-release",
                "17",
                "--print-module-deps",
                "--recursive",
                "--class-path",
                jars,
                CLASSES.toString());
        Set<String> asked = new TreeSet<>(List.of(found.trim().split(",")));
        asked.removeAll(JavaRuntime.MODULES);
        assertEquals(Set.of("java.sql", "jdk.incubator.vector"), asked);
    }

    @Test
    void namesThatCannotBeWrittenAreRefusedAtOnce() throws IOException {
        List<String> heard = new ArrayList<>();
        for (String name : List.of("b.tar", "b.tar.gz", ".tar.xz", "b")) {
            ElboException refused = assertThrows(
                    ElboException.class,
                    () -> bundle.write(temporary.resolve(name), (step, done, total) -> heard.add(step)));
            assertEquals(ElboException.Kind.USAGE, refused.kind());
            assertTrue(refused.getMessage().endsWith("the name must end in .tar.xz"), refused.getMessage());
        }
        Path taken = Files.createDirectory(temporary.resolve("taken.tar.xz"));
        Path below = Files.writeString(temporary.resolve("file"), "").resolve("b.tar.xz");
        for (Path out : List.of(taken, below)) {
            ElboException refused =
                    assertThrows(ElboException.class, () -> bundle.write(out, (step, done, total) -> heard.add(step)));
            assertEquals(ElboException.Kind.IO, refused.kind());
            assertTrue(refused.getMessage().contains(out.toString()), refused.getMessage());
        }
        assertEquals(List.of(), heard);
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
