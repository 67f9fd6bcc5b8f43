package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import dev.elbo.io.Version;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** elbo knows its version however it is packed. */
class VersionTest {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final String MANIFEST =
            "Manifest-Version: 1.0\nImplementation-Title: theirs\nImplementation-Version: 9.8.7\n";

    @TempDir
    private Path folder;

    @Test
    void itIsThatOfTheBuild() throws IOException {
        Matcher version = Pattern.compile("<artifactId>elbo</artifactId>\\s*<version>(.+)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertTrue(version.find());
        assertEquals(version.group(1), Version.current());
    }

    @Test
    void itIsKnownInOneJarWithAllLibrariesAndSomebodyElsesManifest() throws Exception {
        Path jar = folder.resolve("all.jar");
        Set<String> taken = new HashSet<>(Set.of(JarFile.MANIFEST_NAME));
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.setLevel(Deflater.BEST_SPEED);
            out.putNextEntry(new JarEntry(JarFile.MANIFEST_NAME));
            out.write(MANIFEST.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            for (String library : System.getProperty("java.class.path").split(File.pathSeparator)) {
                // the command line's own; natives are large, and nothing is computed
                if (library.matches(".*/(picocli|gson|progressbar|fastcsv)-[^/]*\\.jar")) {
                    add(new JarFile(library), taken, out);
                }
            }
            try (Stream<Path> files = Files.walk(CLASSES)) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(file -> taken.add(CLASSES.relativize(file).toString()))
                        .toList()) {
                    out.putNextEntry(new JarEntry(CLASSES.relativize(file).toString()));
                    Files.copy(file, out);
                }
            }
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(java, "-cp", jar.toString(), Main.class.getName(), "--version");
        assertEquals(
                "elbo " + Version.current(),
                JavaCommand.said(command, folder, 0).strip());
    }

    private static void add(JarFile library, Set<String> taken, JarOutputStream out) throws IOException {
        try (library) {
            for (Enumeration<JarEntry> all = library.entries(); all.hasMoreElements(); ) {
                JarEntry entry = all.nextElement();
                if (!entry.isDirectory() && taken.add(entry.getName())) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    library.getInputStream(entry).transferTo(out);
                }
            }
        }
    }
}
