package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class NpyFuzzTest {
    /** A byte may become a float64, twice where the order changes. */
    private static final long PER_BYTE = 2 * Double.BYTES;

    private static byte[] npy(int version, String dict, int values) {
        byte[] header = dict.getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        out.write(header.length);
        out.write(header.length >> 8);
        if (version > 1) {
            out.write(header.length >> 16);
            out.write(header.length >> 24);
        }
        out.writeBytes(header);
        for (int i = 0; i < values; i++) {
            out.write(i * 37);
        }
        return out.toByteArray();
    }

    private static String dict(String type, boolean fortran, String shape) {
        return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape
                + ", }\n";
    }

    static Stream<byte[]> seeds() {
        return Stream.of(
                npy(1, dict("<f4", false, "(2, 3)"), 24),
                npy(1, dict(">f8", true, "(2, 1, 3)"), 48),
                npy(2, dict("|u1", true, "(3L, 2L)"), 6),
                npy(3, dict("<u8", false, "()"), 8),
                npy(1, dict("|b1", false, "(2,)"), 2),
                npy(1, dict(">i2", true, "(0, 2)"), 0),
                npy(1, dict("<i4", false, "(1, 1)"), 4),
                npy(1, dict("<i8", false, "(2147483647, 2147483647)"), 8),
                npy(1, dict("|O", false, "(2,)"), 16),
                npy(1, dict("<f4", false, "(" + "1,".repeat(40) + ")"), 4),
                npy(2, " ".repeat(70_000), 0),
                npy(1, "{".repeat(500), 0),
                npy(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4),
                npy(1, dict("<f8", false, "(99999999999999999999,)"), 8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        Hostile.file(content, PER_BYTE, Npy::read).ifPresent(array -> {
            Path file = Hostile.file("again", new byte[0]);
            Npy.write(file, array.shape(), array.values());
            NpyArray again = Npy.read(file);
            assertArrayEquals(array.shape(), again.shape());
            assertArrayEquals(array.values(), again.values());
        });
    }
}
