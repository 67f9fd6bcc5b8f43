package dev.elbo.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.ElfBytes;
import dev.elbo.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class BlasVersionFuzzTest {
    private static final String FROM = "libcublas.so.12";
    private static final String TO = "libcublas.so.13";
    private static final long PER_BYTE = 16;

    static Stream<byte[]> seeds() {
        int hash = BlasVersion.hash(FROM);
        byte[] good = ElfBytes.library(FROM, hash, 0).array();
        return Stream.of(
                good,
                Arrays.copyOf(good, 200),
                new byte[64],
                ElfBytes.library(TO, BlasVersion.hash(TO), 0).array(),
                ElfBytes.endlessVersions(FROM, hash),
                ElfBytes.endlessLibraries(FROM, hash));
    }

    @MethodSource("seeds")
    @FuzzTest
    void replaces(byte[] library) {
        byte[] before = library.clone();
        Hostile.argument(library.length, PER_BYTE, () -> BlasVersion.replace(library, FROM, TO))
                .ifPresent(copy -> {
                    assertEquals(library.length, copy.length);
                    String text = new String(copy, StandardCharsets.ISO_8859_1);
                    assertFalse(text.contains('\0' + FROM + '\0'));
                });
        assertEquals(Arrays.hashCode(before), Arrays.hashCode(library), "the library itself is left as it was");
    }
}
