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
        for (InputFile each : new InputFile[] {InputFile.open(file), InputFile.of(file, new byte[] {1, 2, 3, 4})}) {
            try (InputFile in = each) {
                assertEquals(4, in.size());
                ByteBuffer two = ByteBuffer.allocate(2);
                in.read(1, two);
                assertArrayEquals(new byte[] {2, 3}, two.array());
                assertArrayEquals(new byte[] {3, 4}, in.stream(2).readAllBytes());
                assertEquals(-1, in.stream(4).read());
                assertEquals(2, in.stream(1).read());
                assertEquals(3, in.map(1, 3).get(1));
                assertEquals(0, in.map(4, 0).remaining());
                refused(() -> in.read(3, ByteBuffer.allocate(2)), file.toString(), "byte 4", "truncated");
                refused(() -> in.map(3, 2), file.toString(), "4 bytes", "truncated");
                refused(() -> in.map(Long.MAX_VALUE, 2), file.toString());
            }
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
