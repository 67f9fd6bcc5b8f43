package dev.elbo.io;

import static dev.elbo.fuzz.SafeTensorsBytes.file;
import static dev.elbo.fuzz.SafeTensorsBytes.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class SafeTensorsFuzzTest {
    /** An entry of the metadata may have seven bytes and becomes two strings and an entry of two maps. */
    private static final long PER_BYTE = 64;

    static Stream<byte[]> seeds() {
        return Stream.of(
                file("{}", 0),
                file("{" + tensor("a", "F32", "[2,1]", 0, 8) + "}", 8),
                file("{" + tensor("a", "F64", "[1]", 4, 12) + "," + tensor("b", "F32", "[]", 0, 4) + "}  ", 12),
                file(
                        "{\"__metadata__\":{\"k\":\"v\",\"\\u00e9\":\"\\ud83d\\ude00\"},"
                                + tensor("e", "F32", "[0,4]", 0, 0) + "}",
                        0),
                // halves of surrogate pairs are no text that UTF-8 could hold
                file("{\"__metadata__\":{\"\\ud800\":\"\\udc00\"}}", 0),
                file("{\"__metadata__\":{\"elbo.sha256\":\"" + "0".repeat(64) + "\"}}", 0),
                file("{" + tensor("hole", "F32", "[1]", 4, 8) + "}", 8),
                file("{" + tensor("a", "F32", "[1]", 0, 4) + "," + tensor("b", "F32", "[1]", 2, 6) + "}", 6),
                file("{" + tensor("huge", "F32", "[2147483647,2147483647]", 0, 4) + "}", 4),
                file("{" + tensor("o", "F32", "[1]", 0, 999_999_999_999_999_999L) + "}", 4),
                file("{" + tensor("i", "I64", "[1]", 0, 8) + "}", 8),
                file("{\"a\":" + "[".repeat(2000) + "}", 0),
                file("{" + tensor("n", "F32", "[1.0]", 0, 4) + "}", 4),
                file("{\"__metadata__\":{" + manyKeys() + "}}", 0));
    }

    private static String manyKeys() {
        StringBuilder keys = new StringBuilder("\"\":\"\"");
        for (int i = 0; i < 2000; i++) {
            keys.append(",\"").append(Integer.toString(i, 36)).append("\":\"\"");
        }
        return keys.toString();
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        Hostile.file(content, PER_BYTE, SafeTensors::read).ifPresent(read -> {
            Path file = Hostile.file("again", new byte[0]);
            read.write(file);
            SafeTensors again = SafeTensors.readSealed(file);
            assertEquals(
                    List.copyOf(read.metadata().entrySet()),
                    List.copyOf(again.metadata().entrySet()));
            assertEquals(
                    List.copyOf(read.tensors().keySet()),
                    List.copyOf(again.tensors().keySet()));
            read.tensors().forEach((name, entry) -> {
                assertArrayEquals(entry.shape(), again.tensors().get(name).shape());
                assertArrayEquals(entry.values(), again.tensors().get(name).values());
            });
        });
    }
}
