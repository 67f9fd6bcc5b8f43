package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.ZipArchive;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class LabelsFuzzTest {
    /** A byte becomes a float64 and an int; one packed byte may stand for so many. */
    private static final long PER_BYTE = 16 * ZipArchive.DENSEST;

    static Stream<byte[]> seeds() {
        return Stream.of(
                IdxBytes.counting(5),
                IdxBytes.gzip(IdxBytes.counting(5)),
                IdxBytes.counting(5, 1),
                IdxBytes.idx(0x0d, new int[] {1}, (byte) 0x3f, (byte) -128, (byte) 0, (byte) 0),
                IdxBytes.idx(0x0c, new int[] {1}, (byte) -1, (byte) -1, (byte) -1, (byte) -1),
                NpyBytes.npy("|i1", false, "(3,)", new byte[] {1, -2, 3}),
                NpyBytes.npy("<i8", false, "(1, 1)", new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}),
                NpyBytes.npy("<u8", false, "(1,)", new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}),
                NpyBytes.npy("<f4", false, "(1,)", new byte[] {0, 0, -128, 63}),
                NpyBytes.npy("<f2", false, "(1,)", new byte[] {0, 126}),
                NpyBytes.npy("|b1", true, "(2, 2)", new byte[4]),
                NpyBytes.npy("<i4", false, "(0,)", new byte[0]),
                IdxBytes.gzip(NpyBytes.npy("|i1", false, "(1,)", new byte[1])),
                new byte[] {'1', '\n'},
                new byte[0]);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        Hostile.file(content, PER_BYTE, Labels::read).ifPresent(labels -> {
            ByteBuffer values = ByteBuffer.allocate(Integer.BYTES * labels.length);
            values.asIntBuffer().put(labels);
            assertArrayEquals(
                    labels,
                    Labels.read(Hostile.file(
                            "again", NpyBytes.npy(">i4", false, "(" + labels.length + ",)", values.array()))));
        });
    }
}
