package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster trains the model that one process trains, byte for byte. */
class VaeEstimatorTest {
    private static final int ROWS = 203;
    private static final String CLUSTER = "local-cluster[2,1,1024]";
    private static final String[] TRAINING = {
        "shards=4",
        "batchSize=32",
        "epochs=6",
        "hidden=[8]",
        "latent=2",
        "patience=3",
        "seed=5",
        "standardize=per-feature",
        "likelihood=gaussian-learned",
        "dataName=sensors.csv"
    };

    @TempDir
    static Path folder;

    private static Path rows;
    private static byte[] expected;

    @BeforeAll
    static void trainInOneProcess() throws Exception {
        double[][] numbers = Models.numbers(ROWS);
        Path csv = folder.resolve("sensors.csv");
        Files.writeString(csv, csv(numbers, false));
        rows = folder.resolve("numbered.csv");
        Files.writeString(rows, csv(numbers, true));
        CommandLine.run(
                folder,
                "train --data sensors.csv --shards 4 --batch 32 --epochs 6 --hidden 8 --latent 2 --patience 3 --seed 5"
                        + " --standardize per-feature --likelihood gaussian-learned --backend cpu --out run");
        expected = Files.readAllBytes(folder.resolve("run/model.safetensors"));
    }

    private static String csv(double[][] rows, boolean numbered) {
        List<String> lines = new ArrayList<>();
        lines.add((numbered ? "id," : "") + String.join(",", Models.NAMES));
        for (int i = 0; i < rows.length; i++) {
            lines.add((numbered ? i * 3 - 50 + "," : "")
                    + Arrays.stream(rows[i]).mapToObj(Double::toString).collect(Collectors.joining(",")));
        }
        return String.join("\n", lines) + "\n";
    }

    private String fit(String master, String out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(TRAINING));
        arguments.addAll(List.of("spark.master=" + master, "rows=" + rows, "out=" + folder.resolve(out)));
        arguments.addAll(List.of(more));
        return ClusterProgram.run(folder, "512m", arguments.toArray(String[]::new));
    }

    private byte[] model(String out) throws IOException {
        return Files.readAllBytes(folder.resolve(out));
    }

    /** Of a cluster each executor is a process of its own. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1 | local[2]", "2 | local-cluster[2,1,1024]", "4 | local-cluster[2,2,1024]"})
    void workersDoNotDecideTheModel(int workers, String master) throws IOException {
        String log = fit(master, "of-" + workers, "workers=" + workers);
        assertTrue(
                log.contains("183 rows of 6 values to train on, 20 held out; 4 shards on " + workers + " workers"),
                log);
        assertTrue(log.contains("epochs 6"), log);
        assertArrayEquals(expected, model("of-" + workers));
    }

    /** The run goes on from the last checkpoint with what is left of the cluster. */
    @Test
    void anExecutorIsKilled() throws IOException {
        Path checkpoints = folder.resolve("checkpoints");
        String[] more = {"workers=2", "epochs=150", "patience=0", "checkpointDir=" + checkpoints, "kill=3"};
        String log = fit(CLUSTER, "killed.safetensors", more);
        assertTrue(log.contains("attempt 0 begins at step 0, with the checkpoints in"), log);
        assertTrue(log.contains("killed "), log);
        Matcher resumed =
                Pattern.compile("attempt [1-9]\\d* goes on from step (\\d+)").matcher(log);
        assertTrue(resumed.find(), log);
        assertTrue(Long.parseLong(resumed.group(1)) > 0, log);
        fit("local[1]", "whole.safetensors", "workers=1", "epochs=150", "patience=0");
        assertArrayEquals(model("whole.safetensors"), model("killed.safetensors"));
    }

    /** 235 MB of rows on two executors and a driver of 200 MB each. */
    @Test
    void heapsMayBeSmallerThanTheData() throws IOException {
        String log = ClusterProgram.run(
                folder,
                "200m",
                "spark.master=local-cluster[2,1,200]",
                "spark.executor.memory=200m",
                "spark.testing.reservedMemory=50000000",
                "spark.network.maxRemoteBlockSizeFetchToMem=50m",
                "rows=230000x128",
                "out=" + folder.resolve("large.safetensors"),
                "shards=2",
                "workers=2",
                "epochs=1",
                "batchSize=2000",
                "hidden=[8]",
                "latent=2");
        assertTrue(log.contains("207000 rows of 128 values to train on, 23000 held out; 2 shards on 2 workers"), log);
        assertTrue(log.contains("epochs 1"), log);
    }
}
