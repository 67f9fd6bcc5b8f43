package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundleCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter err = new StringWriter();

    private int bundle(Path out) {
        return Main.run(
                new String[] {"bundle", "--out", out.toString()},
                new PrintWriter(new StringWriter()),
                new PrintWriter(err));
    }

    private void assertNothingWasWritten() throws IOException {
        assertEquals(1, err.toString().lines().count(), err.toString());
        try (Stream<Path> files = Files.walk(folder)) {
            assertTrue(files.allMatch(Files::isDirectory), "nothing was written");
        }
    }

    @ParameterizedTest
    @CsvSource({"b.tar.gz,2,must end in .tar.xz", ".tar.xz,2,must end in .tar.xz", "taken.tar.xz,7,is a folder"})
    void aBadNameIsRefusedBeforeAnyWork(String name, int code, String message) throws IOException {
        Files.createDirectory(folder.resolve("taken.tar.xz"));
        assertEquals(code, bundle(folder.resolve(name)), err.toString());
        assertTrue(err.toString().contains(message) && err.toString().contains(name), err.toString());
        assertNothingWasWritten();
    }

    /** The tests run from a folder of classes. */
    @Test
    void withoutAJarItSaysHowToGetOne() throws IOException {
        assertEquals(4, bundle(folder.resolve("b.tar.xz")), err.toString());
        assertTrue(err.toString().contains("needs elbo's jar") && err.toString().contains("./elbo"), err.toString());
        assertNothingWasWritten();
    }
}
