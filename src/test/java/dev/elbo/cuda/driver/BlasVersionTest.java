package dev.elbo.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** JCuda's library for cuBLAS 12 made one for 13; that such a library loads and computes is in NativesTest. */
class BlasVersionTest {
    private static final String FROM = "libcublas.so.12";
    private static final String TO = "libcublas.so.13";

    private static byte[] library() throws IOException {
        try (InputStream in = BlasVersionTest.class.getResourceAsStream("/lib/libJCublas2-12.6.0-linux-x86_64.so")) {
            return in.readAllBytes();
        }
    }

    @Test
    void nothingElseChanges() throws IOException {
        byte[] library = library();
        byte[] adapted = BlasVersion.replace(library, FROM, TO);
        assertEquals(library.length, adapted.length);
        int differences = 0;
        for (int i = 0; i < library.length; i++) {
            differences += library[i] == adapted[i] ? 0 : 1;
        }
        assertTrue(differences >= 2 && differences <= 8, differences + " bytes");
        assertArrayEquals(library, BlasVersion.replace(adapted, TO, FROM));
    }

    @Test
    void theHashIsThatOfTheAbi() {
        // System V ABI, figure 5-13, on names whose hashes readelf shows in any program
        assertEquals(0x09691a75, BlasVersion.hash("GLIBC_2.2.5"));
        assertEquals(0x0d696914, BlasVersion.hash("GLIBC_2.4"));
    }

    @Test
    void whatIsNoSuchLibraryIsRefused() throws IOException {
        byte[] library = library();
        assertThrows(IllegalArgumentException.class, () -> BlasVersion.replace(new byte[0], FROM, TO));
        assertThrows(
                IllegalArgumentException.class,
                () -> BlasVersion.replace("text".repeat(40).getBytes(), FROM, TO));
        assertThrows(IllegalArgumentException.class, () -> BlasVersion.replace(library, TO, FROM));
        assertThrows(IllegalArgumentException.class, () -> BlasVersion.replace(library, FROM, "libcublas.so"));
        for (int length = 1; length < library.length; length = length * 3 / 2 + 1) {
            byte[] cut = Arrays.copyOf(library, length);
            try {
                BlasVersion.replace(cut, FROM, TO);
            } catch (IllegalArgumentException e) {
                // what was cut off is needed, or not
            }
        }
    }

    @Test
    void damagedHeadersAreRefusedOrHarmless() throws IOException {
        byte[] library = library();
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            byte[] damaged = library.clone();
            damaged[random.nextInt(4096)] ^= (byte) (1 << random.nextInt(8));
            try {
                BlasVersion.replace(damaged, FROM, TO);
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().contains("library") || e.getMessage().contains("version"), e.getMessage());
            }
        }
    }
}
