package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import dev.elbo.io.Version;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** elbo as a module, with the name that its jar's manifest gives it, on all backends. */
@OnDevice(hostOnly = true)
class ModulePathTest {
    private static final Pattern NAME = Pattern.compile("<Automatic-Module-Name>(.+)</Automatic-Module-Name>");
    /** Of the class path of the tests, those that only tests need; two modules with one package cannot be on one path. */
    private static final Pattern FOR_TESTS =
            Pattern.compile(".*(junit|jazzer|opentest4j|apiguardian|surefire|archunit|slf4j|jspecify).*");

    @TempDir
    private Path folder;

    /** As Maven packs it, as far as modules are concerned. */
    private Path jar() throws IOException {
        Matcher name = NAME.matcher(Files.readString(Path.of("pom.xml")));
        assertTrue(name.find());
        Path manifest = Files.writeString(folder.resolve("manifest"), "Automatic-Module-Name: " + name.group(1) + "\n");
        Path jar = folder.resolve("elbo.jar");
        String[] arguments = {"-c", "-0", "-f", "" + jar, "-m", "" + manifest, "-C", "target/classes", "."};
        assertEquals(0, ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err, arguments));
        return jar;
    }

    /** What elbo says as a module. */
    private String elbo(String... arguments) throws Exception {
        String path = jar()
                + File.pathSeparator
                + Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> entry.endsWith(".jar")
                                && !FOR_TESTS.matcher(entry).matches())
                        .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Delbo.cuda.libraries=" + System.getProperty("elbo.cuda.libraries"),
                "-p",
                path,
                "--add-modules",
                "ALL-MODULE-PATH",
                "-m",
                "dev.elbo/dev.elbo.cli.Main"));
        command.addAll(List.of(arguments));
        return JavaCommand.said(command, folder, 0);
    }

    @Test
    void theVersionIsKnownToAModule() throws Exception {
        assertEquals("elbo " + Version.current(), elbo("--version").strip());
    }

    @Test
    void allBackendsWorkAsAModule() throws Exception {
        String said = elbo("doctor");
        for (String backend : new String[] {"reference", "cpu", "cuda"}) {
            assertTrue(said.lines().anyMatch(line -> line.matches(backend + " +ok +known answers: all .*")), said);
        }
        assertTrue(said.contains("OpenBLAS"), said);
    }
}
