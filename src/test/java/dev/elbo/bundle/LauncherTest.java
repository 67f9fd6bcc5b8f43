package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that {@code ./elbo} starts, made by Maven for a local repository and a project in folders with odd names. */
@Tag("thorough")
class LauncherTest {
    @Test
    void itNamesTheJarsOfARepositoryInAnyFolder(@TempDir Path folder) throws Exception {
        Path project = Files.createDirectory(folder.resolve("pro ject+%41#"));
        Files.copy(Path.of("pom.xml"), project.resolve("pom.xml"));
        Path repository = folder.resolve("re po+%20#?");
        Files.createSymbolicLink(repository, Path.of(System.getProperty("localRepository")));
        Path said = folder.resolve("said");
        List<String> command = List.of("mvn", "-o", "-q", "-B", "-Dmaven.repo.local=" + repository, "jar:jar@launcher");
        Process maven = new ProcessBuilder(command)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertEquals(0, maven.waitFor(), Files.readString(said));
        Path launcher = project.resolve("target/elbo-launcher.jar");
        URL[] start = {launcher.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(start, ClassLoader.getPlatformClassLoader())) {
            assertSame(loader, loader.loadClass("picocli.CommandLine").getClassLoader());
        }
        List<Path> jars = ClassPath.jars(launcher.toString());
        assertTrue(jars.size() > 10, jars.toString());
        assertTrue(jars.stream().skip(1).allMatch(jar -> jar.startsWith(repository)), jars.toString());
    }
}
