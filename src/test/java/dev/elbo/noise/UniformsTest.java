package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class UniformsTest {
    @Test
    void isExactAndOpenForEveryValue() {
        for (int i = 0; i < 1 << 23; i++) {
            // the nine low bits must not matter
            int word = i << 9 | i & 0x1FF;
            if (Uniforms.of(word) != (i + 0.5) * 0x1p-23) {
                assertEquals((i + 0.5) * 0x1p-23, Uniforms.of(word), 0, "word " + Integer.toHexString(word));
            }
        }
        assertEquals(0x1p-24f, Uniforms.of(0));
        assertEquals(1 - 0x1p-24f, Uniforms.of(-1));
    }
}
