package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.ElfBytes;
import dev.elbo.fuzz.Hostile;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class ElfFuzzTest {
    private static final long PER_BYTE = 64;

    static Stream<byte[]> seeds() {
        byte[] good = ElfBytes.library("libb.so.2", 0, 0).array();
        return Stream.of(good, Arrays.copyOf(good, 100), new byte[64], ElfBytes.needyOf(60_000));
    }

    @MethodSource("seeds")
    @FuzzTest
    void needs(byte[] content) {
        Hostile.read(content.length, PER_BYTE, "hostile.so", () -> Elf.needed("hostile.so", content))
                .ifPresent(names -> names.forEach(name -> assertFalse(name.contains("\0"))));
    }
}
