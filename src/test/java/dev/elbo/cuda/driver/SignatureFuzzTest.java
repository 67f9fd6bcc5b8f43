package dev.elbo.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class SignatureFuzzTest {
    private static final long PER_BYTE = 128;

    static Stream<byte[]> seeds() {
        String entry =
                ".visible .entry add(\n\t.param .u64 add_0,\n\t.param .align 8 .b8 add_1[16],\n\t.param .f32 add_2\n)\n";
        return Stream.of(
                        entry + ".maxntid 256, 1, 1\n.minnctapersm 2\n{\n\tret;\n}\n" + entry + "{ret;}",
                        entry + ".maxntid 128\n{}",
                        entry + ".maxntid 99999999999\n{}",
                        entry + " .a".repeat(40),
                        entry + ".a\n".repeat(8_000),
                        entry + ".param .u64 x[".repeat(2000))
                .map(text -> text.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @FuzzTest
    void parses(byte[] ptx) {
        String text = new String(ptx, StandardCharsets.US_ASCII);
        Hostile.argument(ptx.length, PER_BYTE, () -> Signature.parse(text))
                .ifPresent(entries -> entries.forEach((name, signature) -> assertTrue(text.contains(name + "("))));
    }
}
