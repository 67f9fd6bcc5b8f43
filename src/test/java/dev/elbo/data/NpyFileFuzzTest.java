package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.io.ZipArchive;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class NpyFileFuzzTest {
    /** A byte of one long row is stored, copied, and looked at as a float32. */
    private static final long PER_BYTE = 32;

    static Stream<byte[]> seeds() {
        byte[] pixels = new byte[36];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (7 * i);
        }
        byte[] good = NpyBytes.npy("<f4", false, "(3, 3)", pixels);
        return Stream.of(
                good,
                NpyBytes.npy(">f8", true, "(2, 2)", Arrays.copyOf(pixels, 32)),
                NpyBytes.npy("|u1", false, "(4, 3, 3)", pixels),
                NpyBytes.npy("|u1", false, "(2, 3, 2, 3)", pixels),
                NpyBytes.npy("|u1", true, "(3, 2, 2, 3)", pixels),
                NpyBytes.npy("<i2", true, "(2, 3, 3, 1)", pixels),
                NpyBytes.npy("<u8", false, "(2, 2)", Arrays.copyOf(pixels, 32)),
                NpyBytes.npy("<f2", false, "(9, 2)", pixels),
                NpyBytes.npy("|b1", true, "(9, 4)", pixels),
                NpyBytes.npy("|u1", false, "(2, 2)", new byte[] {0, 1, 1, 0}),
                NpyBytes.npy("|u1", false, "(1, 2, 2, 2)", new byte[8]),
                NpyBytes.npy("|i1", false, "(4,)", new byte[4]),
                NpyBytes.npy("<f4", false, "(0, 4)", new byte[0]),
                NpyBytes.npy("<f8", false, "(2147483647, 2147483647)", new byte[8]),
                NpyBytes.npy("|u1", false, "(1, 10000)", new byte[10_000]),
                IdxBytes.gzip(good),
                IdxBytes.gzip(NpyBytes.npy("|b1", false, "(1, 200000)", new byte[200_000])),
                IdxBytes.gzip(NpyBytes.npy("|i1", true, "(5, 40000)", new byte[200_000])),
                IdxBytes.gzip(NpyBytes.npy("|u1", false, "(1, 2000000000)", new byte[100])));
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        boolean packed = content.length > 1 && content[0] == 0x1f && content[1] == (byte) 0x8b;
        Hostile.file(
                        content,
                        PER_BYTE * (packed ? ZipArchive.DENSEST : 1),
                        file -> NpyFile.read(file, PixelScale.BY_KIND))
                .filter(data -> !packed)
                .ifPresent(data -> again(content, data));
    }

    /** The same as the reader of arrays has it, and packed. */
    private static void again(byte[] content, Dataset data) {
        NpyArray array = Npy.read(Hostile.file("again", content));
        int[] shape = array.shape();
        assertEquals(shape[0], data.size());
        double[] values = Exact.values(data);
        boolean last = shape.length == 4 && shape[1] != 1 && shape[1] != 3;
        int channels = last ? shape[3] : 1;
        int pixels = data.features() / channels;
        for (int i = 0; i < values.length; i++) {
            int example = i / data.features();
            int feature = i % data.features();
            int from = example * data.features() + feature % pixels * channels + feature / pixels;
            assertEquals(
                    data.isBytes() ? (float) array.values()[from] * data.scale() : array.values()[from], values[i]);
        }
        Dataset same = NpyFile.read(Hostile.file("again", IdxBytes.gzip(content)), PixelScale.BY_KIND);
        assertArrayEquals(values, Exact.values(same));
        assertEquals(data.image(), same.image());
        // of what a model would be given, which may be no float32
        if (!data.rows().isDoubles()) {
            assertEquals(data.fingerprint(), same.fingerprint());
        }
    }
}
