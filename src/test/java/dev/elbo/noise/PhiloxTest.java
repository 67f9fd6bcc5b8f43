package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Known answers of Random123 (kat_vectors, philox4x32 with 10 rounds). */
class PhiloxTest {
    @Test
    void zeros() {
        int[] expected = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        assertArrayEquals(expected, block(0, 0, 0, 0, 0, 0));
    }

    @Test
    void ones() {
        int[] expected = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
        assertArrayEquals(expected, block(-1, -1, -1, -1, -1, -1));
    }

    @Test
    void digitsOfPi() {
        int[] expected = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
        assertArrayEquals(expected, block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
    }

    @Test
    void writesFourWordsAndNoMore() {
        int[] out = {1, 2, 3, 4, 5, 6, 7};
        Philox.block(0, 0, 0, 0, 0, 0, out, 2);
        assertArrayEquals(new int[] {1, 2, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 7}, out);
        assertThrows(IndexOutOfBoundsException.class, () -> Philox.block(0, 0, 0, 0, 0, 0, new int[4], 1));
    }

    private static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
        int[] out = new int[4];
        Philox.block(c0, c1, c2, c3, k0, k1, out, 0);
        return out;
    }
}
