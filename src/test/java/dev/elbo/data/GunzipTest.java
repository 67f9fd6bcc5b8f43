package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GunzipTest {
    private static byte[] unpacked(byte[] packed) throws IOException {
        try (Gunzip content = new Gunzip(InputFile.of(Path.of("f.gz"), packed))) {
            byte[] all = content.readAllBytes();
            content.requireEnd();
            return all;
        }
    }

    private static void refused(byte[] packed, String said) {
        ElboException e = assertThrows(ElboException.class, () -> unpacked(packed));
        assertEquals(ElboException.Kind.DATA, e.kind());
        assertTrue(e.getMessage().startsWith("f.gz: "), e.getMessage());
        assertTrue(e.getMessage().contains(said), e.getMessage());
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A member with every optional field in its header, as bgzip's and pigz's have some. */
    private static byte[] named(byte[] content) {
        byte[] packed = IdxBytes.gzip(content);
        byte[] start = Arrays.copyOf(packed, 10);
        start[3] = 2 | 4 | 8 | 16;
        byte[] fields = {6, 0, 'B', 'C', 2, 0, 27, 0, 'n', 0, 'c', 'c', 0, 9, 9};
        return joined(start, fields, Arrays.copyOfRange(packed, 10, packed.length));
    }

    private static byte[] random(Random random, int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 'x');
        }
        return content;
    }

    @Test
    void contentCutIntoMembersAnywhereIsTheContent() throws IOException {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            byte[] content = random(random, random.nextInt(round % 10 == 0 ? 200_000 : 300));
            ByteArrayOutputStream members = new ByteArrayOutputStream();
            int from = 0;
            do {
                int to = from + random.nextInt(content.length - from + 1);
                byte[] part = Arrays.copyOfRange(content, from, to);
                members.writeBytes(random.nextBoolean() ? named(part) : IdxBytes.gzip(part));
                from = to;
            } while (from < content.length);
            assertArrayEquals(content, unpacked(members.toByteArray()));
        }
    }

    @Test
    void everyReaderTakesMembers() {
        byte[] idx = IdxBytes.counting(10, 10);
        byte[] npy = NpyBytes.npy("<f4", false, "(2, 2)", new byte[16]);
        for (int cut : new int[] {0, 3, 40, idx.length}) {
            Idx.Array array = Idx.read(InputFile.of(Path.of("f"), two(idx, cut)), Optional.empty(), PixelScale.BY_KIND);
            assertArrayEquals(new int[] {10, 10}, array.shape());
            assertEquals(
                    2,
                    NpyFile.read(InputFile.of(Path.of("f"), two(npy, Math.min(cut, npy.length))), PixelScale.BY_KIND)
                            .features());
        }
    }

    private static byte[] two(byte[] content, int cut) {
        return joined(
                IdxBytes.gzip(Arrays.copyOf(content, cut)), named(Arrays.copyOfRange(content, cut, content.length)));
    }

    @Test
    void manyEmptyMembersAreNothing() throws IOException {
        byte[] empty = IdxBytes.gzip(new byte[0]);
        byte[] many = new byte[20_000 * empty.length];
        for (int i = 0; i < many.length; i++) {
            many[i] = empty[i % empty.length];
        }
        assertEquals(0, unpacked(many).length);
        assertArrayEquals(new byte[] {7}, unpacked(joined(many, IdxBytes.gzip(new byte[] {7}), many)));
    }

    @Test
    void everyMemberMustBeWhole() {
        byte[] first = IdxBytes.gzip(new byte[] {1, 2, 3});
        byte[] second = named(new byte[] {4, 5, 6, 7});
        byte[] both = joined(first, second);
        for (int cut = 0; cut < both.length; cut++) {
            if (cut != first.length) {
                byte[] part = Arrays.copyOf(both, Math.max(cut, 2));
                refused(part, ": ");
            }
        }
        refused(Arrays.copyOf(both, both.length - 1), "its gzip data end after 7 unpacked bytes");
        for (int place : new int[] {first.length - 8, first.length - 4, both.length - 8, both.length - 4}) {
            byte[] damaged = both.clone();
            damaged[place] ^= 1;
            refused(damaged, "checksum");
        }
        byte[] unknown = both.clone();
        unknown[first.length + 3] = (byte) 0x80;
        refused(unknown, "gzip header");
    }

    @Test
    void nothingElseFollows() {
        byte[] packed = joined(IdxBytes.gzip(new byte[] {1}), IdxBytes.gzip(new byte[] {2}));
        refused(joined(packed, new byte[] {1, 2}), "2 bytes follow its gzip data;");
        refused(joined(packed, new byte[512]), "512 bytes follow its gzip data, the first of them zero;");
        refused(joined(packed, new byte[] {0x1f}), "1 bytes follow");
        refused(joined(packed, new byte[] {0x1f, (byte) 0x8b}), "gzip header");
        refused(joined(packed, new byte[1], packed), "follow its gzip data");
    }

    @Test
    void randomDamageOnlyEverGivesTheTypedError() {
        Random random = new Random(6);
        byte[] good = joined(IdxBytes.gzip(random(random, 50)), named(random(random, 20)), IdxBytes.gzip(new byte[0]));
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] bad = good.clone();
            // the magic stays: without it, it is not asked
            bad[2 + random.nextInt(bad.length - 2)] = (byte) random.nextInt();
            try {
                unpacked(bad);
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind());
                refused++;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        assertTrue(refused > 2_000, refused + " refused");
    }
}
