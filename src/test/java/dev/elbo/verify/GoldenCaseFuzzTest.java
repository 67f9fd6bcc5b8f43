package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptions of golden cases, beside the arrays of a good one. */
@Tag("fuzz")
class GoldenCaseFuzzTest {
    private static final Path CASE = Path.of("src/test/resources/golden/adam20-relu-bernoulli");
    private static final long PER_BYTE = 256;

    @TempDir
    static Path folder;

    static Stream<byte[]> seeds() throws IOException {
        for (String name : CASE.toFile().list()) {
            if (name.endsWith(".npy") && !Files.exists(folder.resolve(name))) {
                Files.copy(CASE.resolve(name), folder.resolve(name));
            }
        }
        String good = Files.readString(CASE.resolve(GoldenCase.DESCRIPTION)).replaceAll("\\s", "");
        return Stream.of(
                        good,
                        good.replace("\"adam\"", "\"vae\""),
                        good.replace("\"adam\"", "\"iwae\""),
                        good.replace("\"adam\"", "\"ae\""),
                        good.replace("\"adam\"", "\"a\\nb\""),
                        good.replace("bernoulli\",", "gaussian-learned\","),
                        good.replace("\"steps\":20", "\"steps\":2147483647"),
                        good.replace("\"samples\":1", "\"samples\":2147483647,\"kl\":\"sampled\""),
                        good.replace("1e-08", "1e999"),
                        good.replace("0.9,", ""),
                        good.replace("0.9,", "1.5,"),
                        good.replace("0.9,", "-1e-400,"),
                        good.replace("[5]", "[" + "5,".repeat(20_000) + "5]"),
                        good.replace("6", "1e0"),
                        "{\"name\":" + "[".repeat(10_000),
                        " ".repeat(70_000))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] description) {
        try {
            Files.write(folder.resolve(GoldenCase.DESCRIPTION), description);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // the arrays beside it are read for any description
        int length = description.length + 10_000;
        Hostile.read(length, PER_BYTE, folder.toString(), () -> GoldenCase.read(folder))
                .ifPresent(read -> {
                    assertEquals(6, read.spec().inputs());
                    assertTrue(read.samples() >= 1 && read.steps() >= 1 && read.beta() >= 0);
                    assertTrue(
                            read.adam().beta1() >= 0 && read.adam().beta1() < 1,
                            read.adam().toString());
                });
    }
}
