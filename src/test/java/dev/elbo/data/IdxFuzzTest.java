package dev.elbo.data;

import static dev.elbo.data.IdxBytes.counting;
import static dev.elbo.data.IdxBytes.gzip;
import static dev.elbo.data.IdxBytes.idx;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.Sha256;
import dev.elbo.io.ZipArchive;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class IdxFuzzTest {
    private static final String NAME = "hostile";
    /** One packed byte may stand for so many bytes of type 09, each of which becomes a float32. */
    private static final long PER_BYTE = ZipArchive.DENSEST * Float.BYTES;

    static Stream<byte[]> seeds() {
        byte[] bomb = gzip(idx(8, new int[] {10}, new byte[1 << 20]));
        byte[] named = gzip(counting(4));
        named[3] = 4 | 8 | 16;
        return Stream.of(
                counting(5),
                counting(2, 3),
                counting(2, 3, 4),
                counting(2, 1, 3, 2),
                idx(0x09, new int[] {2}, (byte) -1, (byte) 1),
                idx(0x0b, new int[] {1, 2}, new byte[4]),
                idx(0x0c, new int[] {1}, new byte[4]),
                idx(0x0d, new int[] {1}, (byte) 0x7f, (byte) 0xc0, (byte) 0, (byte) 1),
                idx(
                        0x0e,
                        new int[] {1},
                        (byte) 0x7f,
                        (byte) 0xf0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0),
                idx(0x08, new int[] {0, 4}),
                idx(0x08, new int[] {-1, -1, -1, -1}),
                idx(0x08, new int[] {65536, 65536}),
                idx(0x0e, new int[] {2_000_000_000}),
                gzip(counting(2, 3)),
                gzip(gzip(counting(2))),
                gzip(idx(0x09, new int[] {2_000_000_000})),
                Arrays.copyOf(gzip(counting(40)), 40),
                named,
                bomb);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        MessageDigest digest = Sha256.create();
        Optional<Idx.Array> read = Hostile.file(content, PER_BYTE, file -> {
            digest.reset();
            return Idx.read(file, Optional.of(digest), PixelScale.BY_KIND);
        });
        if (read.isEmpty()) {
            return;
        }
        Idx.Array array = read.get();
        assertTrue(array.shape().length <= 4);
        assertEquals(Arrays.stream(array.shape()).asLongStream().reduce(1, (a, b) -> a * b), size(array));
        byte[] again = written(array);
        Idx.Array same = Hostile.file(again, PER_BYTE, file -> Idx.read(file, Optional.empty(), PixelScale.BY_KIND))
                .orElseThrow();
        assertArrayEquals(array.shape(), same.shape());
        assertArrayEquals(again, written(same));
        if (array.rows().isBytes() && size(array) > 0) {
            assertArrayEquals(Sha256.create().digest(again), digest.digest(), "the digest of the unpacked bytes");
        }
        dataset(array);
    }

    private static long size(Idx.Array array) {
        return (long) array.rows().count() * array.rows().features();
    }

    private static byte[] written(Idx.Array array) {
        Rows rows = array.rows();
        boolean bytes = rows.isBytes();
        ByteBuffer values = ByteBuffer.allocate(Math.toIntExact(size(array)) * (bytes ? 1 : Float.BYTES));
        if (bytes) {
            rows.copy(0, rows.count(), values, 0);
        } else {
            rows.copy(0, rows.count(), values.asFloatBuffer(), 0);
        }
        return idx(bytes ? 0x08 : 0x0d, array.shape(), values.array());
    }

    /** What was read as an array is data, labels, or refused as both. */
    private static void dataset(Idx.Array array) {
        int bytes = Math.toIntExact(Float.BYTES * size(array));
        Hostile.read(bytes, 16, NAME, () -> LabelList.of(NAME, array))
                .ifPresent(labels -> assertEquals(array.shape()[0], labels.length));
        Hostile.read(bytes, 16, NAME, () -> IdxFiles.dataset(NAME, NAME, array, Optional.empty(), 1f / 255))
                .ifPresent(data -> {
                    assertEquals(array.shape()[0], data.size());
                    assertEquals(size(array), (long) data.size() * data.features());
                });
    }
}
