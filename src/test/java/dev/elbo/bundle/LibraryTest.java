package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryTest {
    @TempDir
    private Path folder;

    private Path jar(String name, String classPath, String... entries) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (classPath != null) {
            manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        }
        Path jar = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entriesOut = new JarOutputStream(out, manifest)) {
            for (String entry : entries) {
                entriesOut.putNextEntry(new JarEntry(entry));
                entriesOut.write(entry.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return jar;
    }

    private static List<String> names(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(JarEntry::getName).toList();
        }
    }

    @Test
    void whatIsNeverLoadedIsLeftOut() throws IOException {
        Path jar = jar(
                "some.jar",
                null,
                "a/A.class",
                "lib/libJNvPTXCompiler-12.6.0-linux-x86_64.so",
                "lib/libJCublas-12.6.0-linux-x86_64.so",
                "lib/libJCublas2-12.6.0-linux-x86_64.so",
                "lib/libJCublas2-12.6.0-windows-x86_64.dll",
                "resources/native/macos-aarch64/libnetlibblasjni.dylib",
                "org/bytedeco/openblas/linux-x86_64/include/cblas.h",
                "META-INF/native-image/reflect-config.json",
                "META-INF/LICENSE");
        Path copy = folder.resolve("copy.jar");
        Library.copy(jar, copy);
        assertEquals(
                List.of(
                        "META-INF/MANIFEST.MF",
                        "a/A.class",
                        "lib/libJCublas2-12.6.0-linux-x86_64.so",
                        "META-INF/LICENSE"),
                names(copy));
        try (JarFile file = new JarFile(copy.toFile())) {
            byte[] content = file.getInputStream(file.getEntry("a/A.class")).readAllBytes();
            assertEquals("a/A.class", new String(content, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void theSameJarGivesTheSameCopy() throws IOException {
        Path jar = jar("some.jar", "elsewhere.jar", "a/A.class", "b/");
        Library.copy(jar, folder.resolve("one.jar"), "x.jar y.jar");
        Library.copy(jar, folder.resolve("two.jar"), "x.jar y.jar");
        assertArrayEquals(Files.readAllBytes(folder.resolve("one.jar")), Files.readAllBytes(folder.resolve("two.jar")));
        try (JarFile file = new JarFile(folder.resolve("one.jar").toFile())) {
            assertEquals("x.jar y.jar", file.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH));
        }
    }

    @Test
    void aFileThatIsNoJarIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("no.jar"), "no jar");
        ElboException refused = assertThrows(ElboException.class, () -> Library.copy(file, folder.resolve("copy.jar")));
        assertEquals(ElboException.Kind.IO, refused.kind());
        assertTrue(refused.getMessage().startsWith(file + ": "), refused.getMessage());
    }

    /** The patterns are names of files in other people's jars, which change with their versions. */
    @Test
    void everyLibraryThatIsLoadedIsInSomeJar() throws IOException {
        for (Pattern loaded : Library.LOADED) {
            boolean found = false;
            for (Path jar : ClassPath.jars(System.getProperty("java.class.path"))) {
                found |= names(jar).stream()
                        .anyMatch(name -> loaded.matcher(name).matches());
            }
            assertTrue(found, loaded + " is in no jar");
        }
    }

    @Test
    void whatLibrariesNeedIsTold() throws IOException {
        Path jar = ClassPath.jars(System.getProperty("java.class.path")).stream()
                .filter(path -> path.getFileName().toString().startsWith("jcublas-natives"))
                .findFirst()
                .orElseThrow();
        Map<String, List<String>> needs = Library.copy(jar, folder.resolve("copy.jar"));
        assertEquals(1, needs.size());
        assertTrue(needs.get("libJCublas2-12.6.0-linux-x86_64.so").contains("libcublas.so.12"), needs.toString());
    }

    @Test
    void theArchiversAreNotInTheirArchive() {
        assertFalse(Library.isForRunning(Path.of("a/commons-compress-1.28.0.jar")));
        assertFalse(Library.isForRunning(Path.of("a/xz-1.12.jar")));
        assertFalse(Library.isForRunning(Path.of("a/openblas-0.3.31-1.5.13.jar")));
        assertFalse(Library.isForRunning(Path.of("a/javacpp-1.5.13.jar")));
        assertTrue(Library.isForRunning(Path.of("a/gson-2.15.0.jar")));
        assertTrue(Library.isForRunning(Path.of("a/openblas-0.3.31-1.5.13-linux-x86_64.jar")));
    }

    @Test
    void jarsOfManifestsAreFollowedOnceAndMissingOnesLeftOut() throws IOException {
        Path third = jar("third.jar", "first.jar");
        Path second = jar("second.jar", third.toUri() + " gone.jar https://example.org/far.jar");
        Path first = jar("first.jar", "second.jar");
        assertEquals(
                List.of(first, second, third),
                ClassPath.jars(folder + ":" + first + ":" + folder.resolve("none.jar") + ":" + first));
    }

    /** As in a manifest that Maven makes: percent-encoded, but for letters beyond ASCII. */
    @Test
    void jarsInFoldersOfAnyNameAreFound() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        int[] characters = " +%#?&;,=@[]{}^~'ü€aB0".codePoints().toArray();
        for (int i = 0; i < 100; i++) {
            StringBuilder name = new StringBuilder("d");
            for (int n = random.nextInt(8); n >= 0; n--) {
                name.appendCodePoint(characters[random.nextInt(characters.length)]);
            }
            Path odd = Files.createDirectories(folder.resolve(name.toString()));
            Path library = Files.copy(jar("library.jar", null), odd.resolve("library.jar"));
            Path launcher = jar("launcher.jar", odd.toFile().toURI().getRawPath() + "library.jar other.jar");
            assertEquals(List.of(launcher, library), ClassPath.jars(launcher.toString()), name.toString());
            Files.delete(library);
            Files.delete(odd);
        }
    }
}
