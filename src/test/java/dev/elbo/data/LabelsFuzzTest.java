package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.ZipArchive;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class LabelsFuzzTest {
    /** A byte becomes an int or a word; one packed byte may stand for so many. */
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
                NpyBytes.npy("|u1", false, "(2, 3)", new byte[] {0, 1, 0, 0, 0, 1}),
                NpyBytes.npy("|b1", true, "(2, 3)", new byte[] {0, 0, 1, 0, 0, 1}),
                NpyBytes.npy("|i1", false, "(2, 3)", new byte[] {0, 1, 1, 0, 0, 1}),
                NpyBytes.npy("|u1", false, "(2000000000, 3)", new byte[6]),
                NpyBytes.words("<U", "cat", "dog", "cat"),
                NpyBytes.words(">U", "b", "äöü"),
                NpyBytes.words("|S", "10", "-9", "7"),
                NpyBytes.words("|S", "", "x"),
                NpyBytes.npy("|S1", false, "(3, 1)", new byte[] {'a', -61, 'b'}),
                NpyBytes.npy("<U1", false, "(1,)", new byte[] {0, 0, 17, 0}),
                NpyBytes.npy("<U0", false, "(2000000000,)", new byte[0]),
                NpyBytes.npy("<U99999999", false, "(1,)", new byte[40]),
                NpyBytes.npy("<U4000", false, "(100000,)", new byte[40]),
                NpyBytes.npy("|O", false, "(1,)", new byte[8]),
                NpyBytes.described("[('a', '<f4'), ('b', '|S3', (2,))]", false, "(1,)", new byte[10]),
                IdxBytes.gzip(NpyBytes.words("<U", "cat", "dog", "cat")),
                IdxBytes.gzip(NpyBytes.npy("|S2", false, "(100000,)", new byte[200_000])),
                NpyBytes.npy("<i4", false, "(0,)", new byte[0]),
                IdxBytes.gzip(NpyBytes.npy("|i1", false, "(1,)", new byte[1])),
                new byte[] {'1', '\n'},
                new byte[0]);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        Hostile.file(content, PER_BYTE, LabelList::read)
                .filter(labels -> labels.count() > 0)
                .ifPresent(labels -> {
                    Dataset data = on(labels);
                    int[] numbers = data.labels().orElseThrow();
                    data.labelNames()
                            .ifPresent(names -> assertEquals(
                                    names.stream().sorted().distinct().toList(), names));
                    ByteBuffer values = ByteBuffer.allocate(Integer.BYTES * numbers.length);
                    values.asIntBuffer().put(numbers);
                    byte[] again = NpyBytes.npy(">i4", false, "(" + numbers.length + ",)", values.array());
                    assertArrayEquals(
                            numbers,
                            on(LabelList.read(Hostile.file("again", again)))
                                    .labels()
                                    .orElseThrow());
                });
    }

    private static Dataset on(LabelList labels) {
        Rows rows = Rows.ofBytes(new byte[labels.count()], 1);
        Split split = new Split(Dataset.unchecked("x", rows, Optional.empty(), 1, Optional.empty()), Optional.empty());
        return LabelList.onto(split, Optional.of(labels), Optional.empty()).train();
    }
}
