package dev.elbo.io;

import static dev.elbo.data.NpyBytes.described;
import static dev.elbo.data.NpyBytes.npy;
import static dev.elbo.data.NpyBytes.words;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NpyWordsTest {
    private static Optional<String[]> read(byte[] file, int most) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(file);
        NpyHeader header = NpyHeader.read("w.npy", in, file.length, false);
        Optional<String[]> words = NpyWords.read("w.npy", header, in, most);
        assertEquals(0, words.isPresent() ? in.available() : 0);
        return words;
    }

    private static String[] read(byte[] file) throws IOException {
        return read(file, Integer.MAX_VALUE).orElseThrow();
    }

    /** More than one piece of them, too. */
    @Test
    void wordsInEveryType() throws IOException {
        Random random = new Random(1);
        for (int round = 0; round < 30; round++) {
            String[] words = new String[random.nextInt(1, round == 0 ? 50_000 : 50)];
            for (int i = 0; i < words.length; i++) {
                words[i] = Integer.toString(random.nextInt(1000), 36);
            }
            for (String type : new String[] {"<U", ">U", "|S"}) {
                assertArrayEquals(words, read(words(type, words)), type);
            }
        }
        assertArrayEquals(new String[] {"", "é\0x", "größer"}, read(words(">U", "", "é\0x", "größer")));
        assertArrayEquals(new String[] {"\ud83d\ude00"}, read(npy("<U1", false, "(1,)", new byte[] {0, -10, 1, 0})));
        assertArrayEquals(new String[] {"é"}, read(npy("|S3", false, "(1,)", new byte[] {-61, -87, 0})));
    }

    @Test
    void differentWordsAreCounted() throws IOException {
        byte[] three = words("|S", "a", "b", "a", "c");
        String[] words = read(three, 3).orElseThrow();
        assertSame(words[0], words[2]);
        assertEquals(Optional.empty(), read(three, 2));
    }

    @Test
    void whatIsNoText() {
        for (int character : new int[] {0x110000, -1, 0xd800, 0xdfff, 'a' << 24}) {
            byte[] bytes = {
                (byte) character, (byte) (character >> 8), (byte) (character >> 16), (byte) (character >> 24)
            };
            refused(() -> read(npy("<U1", false, "(1,)", bytes)), "w.npy", "word 0", Integer.toHexString(character));
        }
        refused(() -> read(npy("|S1", false, "(2,)", new byte[] {'a', -1})), "w.npy", "word 1", "UTF-8");
        refused(() -> read(npy("<U1", false, "(2,)", new byte[7])), "w.npy", "truncated");
        assertThrows(IllegalArgumentException.class, () -> read(npy("|i1", false, "(2,)", new byte[2])));
    }

    private static void describes(char kind, int width, String type) throws IOException {
        byte[] file = described(type, true, "(2, 3)", new byte[0]);
        NpyHeader header = NpyHeader.read("h.npy", new ByteArrayInputStream(file), file.length, false);
        assertEquals(kind, header.kind(), type);
        assertEquals(width, header.width(), type);
        assertArrayEquals(new int[] {2, 3}, header.shape());
        assertEquals(128, header.start());
        if (!header.isNumbers()) {
            refused(
                    () -> NpyHeader.read("h.npy", new ByteArrayInputStream(file), file.length, true),
                    "h.npy",
                    kind == 'V' && type.startsWith("[") ? "records" : type);
        }
    }

    @Test
    void everyKindIsDescribed() throws IOException {
        describes('f', 8, "'<f8'");
        describes('b', 1, "'|b1'");
        describes('U', 20, "'<U5'");
        describes('U', 4, "'>U1'");
        describes('S', 3, "'|S3'");
        describes('O', 0, "'|O'");
        describes('V', 0, "'|V8'");
        describes('V', 0, "[('a', '<f4')]");
        describes('V', 0, "[('a]', '<f4', (2, 3)), (('t', 'b'), [('c', '|S2')])]");
        for (String other :
                new String[] {"<U0", "|U5", "<c8", "<M8[ns]", "<f16", "<U99999999", "|S99999999999", "", "x"}) {
            describes(NpyHeader.OTHER, 0, "'" + other + "'");
        }
    }

    @Test
    void listsThatDoNotEndAreRefused() {
        for (String type : new String[] {"[", "[(", "['a", "[]]", "[(]", "[\"a']"}) {
            byte[] file = described(type, false, "(1,)", new byte[0]);
            refused(
                    () -> NpyHeader.read("h.npy", new ByteArrayInputStream(file), file.length, false),
                    "h.npy",
                    "NPY header");
        }
    }
}
