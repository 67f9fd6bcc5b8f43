package dev.elbo.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** A run's configuration, and after a zero byte its metrics; then the page that is made of them. */
@Tag("fuzz")
class RunRecordFuzzTest {
    /** A line may have 12 bytes, and its parser has a kilobyte of its own. */
    private static final long PER_BYTE = 512;

    @TempDir
    static Path folder;

    static Stream<byte[]> seeds() {
        String configuration = "{\"arguments\":[\"--data\",\"digits\"],\"data\":{\"name\":\"digits\"},"
                + "\"model\":{\"stochastic\":true},\"training\":{\"patience\":2,\"binarize\":false}}";
        String epoch = "{\"epoch\":1,\"step\":4,\"train\":{\"elbo\":-2.5,\"reconstruction\":2,\"kl\":0.5},"
                + "\"test\":{\"elbo\":null,\"reconstruction\":1e999},\"gap\":0.1,\"seconds\":1}\n";
        return Stream.of(
                        configuration + '\0' + epoch + epoch.replace("1,", "2,"),
                        configuration.replace("true", "false") + '\0',
                        "{}\0" + epoch + epoch.substring(0, 40),
                        "{}\0" + epoch + epoch,
                        "{}\0" + "{\"epoch\":2}\n".repeat(100),
                        "{\"arguments\":[1,null,[],{}],\"data\":[],\"model\":{\"stochastic\":{}}}\0",
                        "[".repeat(3000) + '\0',
                        "{\"a\":".repeat(300) + "1" + "}".repeat(300) + '\0',
                        "{\"" + "x".repeat(3000) + "<b>&\\u0000\\ud800\":\"</script>\"}\0",
                        "{\"a\":1e-999999999,\"b\":1" + "0".repeat(3000) + "}\0{\"epoch\":1e99}\n",
                        "nan\0null\n")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        int split = 0;
        while (split < content.length && content[split] != 0) {
            split++;
        }
        try {
            Files.write(folder.resolve("config.json"), Arrays.copyOf(content, split));
            Files.write(
                    folder.resolve("metrics.jsonl"),
                    Arrays.copyOfRange(content, Math.min(content.length, split + 1), content.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Hostile.read(content.length, PER_BYTE, folder.toString(), () -> RunRecord.read(folder))
                .ifPresent(run -> {
                    int before = 0;
                    for (Epoch epoch : run.epochs()) {
                        assertTrue(epoch.number() > before);
                        before = epoch.number();
                    }
                    assertEquals(run.epochs().isEmpty(), run.kept().isEmpty());
                    Hostile.read(
                            content.length,
                            PER_BYTE,
                            folder.toString(),
                            () -> RunReport.page(run, Optional.empty(), List.of(), List.of(run.arguments())));
                });
    }
}
