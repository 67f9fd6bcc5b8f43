package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class StandardizationFuzzTest {
    private static final int FEATURES = 3;
    private static final long PER_BYTE = 128;

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "{\"mean\":[1,-2.5e-7,0],\"deviation\":[0.1,2,1e300]}",
                        "{\"mean\":[0],\"deviation\":[1]}",
                        "{\"mean\":[0,1],\"deviation\":[1]}",
                        "{\"mean\":[1e400],\"deviation\":[1e-400]}",
                        "{\"mean\":[" + "1,".repeat(5000) + "1],\"deviation\":[1]}",
                        "{\"mean\":" + "[".repeat(2000),
                        "{\"mean\":[\"" + "x".repeat(5000) + "\\n\\u2028\"]}",
                        "{\"deviation\":[-0.0],\"mean\":[4.9e-324]}",
                        "")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void parses(byte[] text) {
        String json = new String(text, StandardCharsets.UTF_8);
        Hostile.argument(text.length, PER_BYTE, () -> Standardization.fromJson(json, FEATURES))
                .ifPresent(unit -> {
                    assertEquals(FEATURES, unit.features());
                    assertEquals(unit, Standardization.fromJson(unit.toJson(), FEATURES));
                });
    }
}
