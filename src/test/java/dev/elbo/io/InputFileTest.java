package dev.elbo.io;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Skip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
    @TempDir
    Path folder;

    @Test
    void readsAtAnOffsetAndNoFurtherThanTheEnd() throws IOException {
        Path file = Files.write(folder.resolve("f"), new byte[] {1, 2, 3, 4});
        try (InputFile in = InputFile.open(file)) {
            assertEquals(4, in.size());
            ByteBuffer two = ByteBuffer.allocate(2);
            in.read(1, two);
            assertArrayEquals(new byte[] {2, 3}, two.array());
            assertArrayEquals(new byte[] {3, 4}, in.stream(2).readAllBytes());
            assertEquals(2, in.stream(1).read());
            refused(() -> in.read(3, ByteBuffer.allocate(2)), file.toString(), "byte 4", "truncated");
        }
    }

    @Test
    @Timeout(5)
    void whatIsNotARegularFileIsRefusedWithoutBlocking() throws Exception {
        refused(() -> InputFile.open(folder), folder.toString(), "folder");
        refused(() -> InputFile.open(folder.resolve("none")), "none", "no such file");
        refused(() -> InputFile.open(Path.of("/dev/zero")), "/dev/zero", "device");
        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        refused(() -> InputFile.open(loop), "loop");
    }

    @Test
    @Timeout(5)
    void aPipeIsRefusedWithoutBlocking() throws Exception {
        Path pipe = folder.resolve("pipe");
        Skip.unless(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "needs mkfifo");
        assertEquals(
                0,
                new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor());
        refused(() -> InputFile.open(pipe), "pipe");
    }

    @Test
    void messagesStayOnOneLine() {
        assertEquals("'a?b'", Messages.quote("a\nb"));
        assertEquals(80 + 3, Messages.quote("x".repeat(100)).length());
    }
}
