package dev.elbo.train;

import static dev.elbo.fuzz.SafeTensorsBytes.quoted;
import static dev.elbo.fuzz.SafeTensorsBytes.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import dev.elbo.fuzz.Hostile;
import dev.elbo.fuzz.SafeTensorsBytes;
import dev.elbo.io.Disk;
import dev.elbo.io.Messages;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints as they are, and sealed again, so that a fuzzer may change them. */
@Tag("fuzz")
class CheckpointFuzzTest {
    private static final long PER_BYTE = 128;
    private static final String RUN = "{\"data\":{\"features\":2,\"train_sha256\":\"ab\"},\"training\":{\"epochs\":3}}";
    private static final String PROGRESS =
            "{\"step\":7,\"seconds\":0.5,\"rollbacks\":1,\"kept\":1,\"logVar\":-1.5,\"bestLogVar\":0.0}";

    static Stream<byte[]> seeds() {
        return Stream.of(
                checkpoint("1", RUN, PROGRESS, 2 * EpochMetrics.COLUMNS),
                checkpoint("1", "{}", "{}", 0),
                checkpoint("2", RUN, PROGRESS, 0),
                checkpoint("1", "[" + RUN + "]", PROGRESS, 0),
                checkpoint("1", "[".repeat(2000), PROGRESS, 0),
                checkpoint("1", "{\"a\":nan,'b':[1,]}", PROGRESS, 0),
                checkpoint("1", RUN, "null", 0),
                checkpoint("1", RUN, "{\"step\":[]}", 0),
                checkpoint("1", RUN, "{\"step\":1e999}", 0),
                checkpoint("1", RUN, "{\"logVar\":NaN}", 0),
                checkpoint("1", RUN, PROGRESS.replace("\"kept\":1", "\"kept\":9"), EpochMetrics.COLUMNS),
                checkpoint("1", RUN, PROGRESS, EpochMetrics.COLUMNS + 1),
                checkpoint("1", "{\"" + "x".repeat(5000) + "\":1", "{\"step\":\"\\n\\u2028\"}", 0),
                SafeTensorsBytes.file("{\"__metadata__\":{\"elbo.sha256\":\"" + "0".repeat(64) + "\"}}", 0));
    }

    /** With the numbers of some epochs, in float64. */
    private static byte[] checkpoint(String version, String run, String progress, int numbers) {
        int end = 8 + 8 * numbers;
        return SafeTensorsBytes.file(
                "{\"__metadata__\":{\"elbo.checkpoint\":\"" + version + "\",\"elbo.run\":\"" + quoted(run)
                        + "\",\"elbo.progress\":\"" + quoted(progress)
                        + "\",\"note.--seed\":\"[\\\"1\\\"]\",\"elbo.sha256\":\"" + "0".repeat(64) + "\"},"
                        + tensor("parameters", "F32", "[2]", 0, 8) + ","
                        + tensor("epochs", "F64", "[" + numbers + "]", 8, end) + "}",
                end);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        Hostile.file(content, PER_BYTE, Checkpoint::read);
        Hostile.file(SafeTensorsBytes.sealed(content), PER_BYTE, Checkpoint::read)
                .ifPresent(CheckpointFuzzTest::again);
    }

    private static void again(Checkpoint read) {
        Path file = Hostile.file("again", new byte[0]);
        read.write(Disk.REAL, file);
        Checkpoint same = Checkpoint.read(file);
        assertEquals(read.progress(), same.progress());
        assertEquals(read.notes(), same.notes());
        assertEquals(read.epochs(), same.epochs());
        assertEquals(List.of(), RunIdentity.differences(read.run(), same.run()));
        for (String difference : RunIdentity.differences(read.run(), new JsonObject())) {
            assertEquals(Messages.line(difference), difference, "a message of one line");
        }
        assertEquals(
                List.copyOf(read.tensors().keySet()), List.copyOf(same.tensors().keySet()));
        read.tensors().forEach((name, entry) -> {
            assertArrayEquals(entry.shape(), same.tensors().get(name).shape());
            if (entry.isDouble()) {
                assertArrayEquals(entry.doubles(), same.tensors().get(name).doubles());
            } else {
                assertArrayEquals(entry.values(), same.tensors().get(name).values());
            }
        });
    }
}
