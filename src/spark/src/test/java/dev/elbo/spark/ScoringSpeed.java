package dev.elbo.spark;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.serve.VaeService;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * Scores of many rows by {@link VaeModel#transform} beside the same by a service alone, in one process, in turns: {@code
 * benchmarks/spark} runs it. Rows are in memory on both sides: a cached DataFrame of vectors, and an array. Scores are computed and
 * thrown away.
 */
public final class ScoringSpeed {
    private static final int WIDTH = 64;
    private static final int BATCH = 512;
    private static final int PARTITIONS = 8;

    /** Here because a task of a local session sees it, too. */
    private static double[] data;

    private ScoringSpeed() {}

    /** @param arguments cores, rows and rounds; prints a line of JSON, an object with seconds for each round */
    public static void main(String[] arguments) throws Exception {
        int cores = Integer.parseInt(arguments[0]);
        int rows = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        Path file = Files.createTempDirectory("elbo-spark-speed").resolve("model.safetensors");
        train(file);
        data = new double[rows * WIDTH];
        SplittableRandom random = new SplittableRandom(1);
        Arrays.setAll(data, i -> (float) random.nextDouble());
        JsonArray measured = new JsonArray();
        try (SparkSession session = SparkSession.builder()
                        .master("local[" + cores + "]")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.host", "localhost")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .getOrCreate();
                VaeService service = VaeService.builder(file)
                        .backend("cpu")
                        .replicas(cores)
                        .batchSize(BATCH)
                        .build()) {
            Dataset<Row> frame = session.range(0, rows, 1, PARTITIONS)
                    .map(
                            (MapFunction<Long, Row>) i -> RowFactory.create(
                                    Vectors.dense(Arrays.copyOfRange(data, (int) (i * WIDTH), (int) (i + 1) * WIDTH))),
                            Encoders.row(Frames.schema("features", SQLDataTypes.VectorType())))
                    .cache();
            frame.count();
            VaeModel model = VaeModel.ofFile(file.toString())
                    .setBackend("cpu")
                    .setLatentCol("")
                    .setBatchSize(BATCH);
            for (int round = -1; round < rounds; round++) {
                double alone = alone(service, cores, rows);
                double spark = seconds(() -> {
                    model.transform(frame)
                            .write()
                            .format("noop")
                            .mode("overwrite")
                            .save();
                    return null;
                });
                if (round >= 0) { // the first one warms up
                    JsonObject seconds = new JsonObject();
                    seconds.addProperty("service", alone);
                    seconds.addProperty("transform", spark);
                    measured.add(seconds);
                }
            }
        }
        System.out.println(measured);
    }

    private static void train(Path file) {
        Split digits = Split.read("digits");
        VaeSpec spec = VaeSpec.builder(WIDTH).latent(10).build();
        try (Backend backend = Backends.open("cpu");
                Trainer trainer = Trainer.builder(backend, spec, digits)
                        .options(TrainingOptions.builder().epochs(2).build())
                        .build()) {
            trainer.run();
            trainer.save(file);
        }
    }

    private static double alone(VaeService service, int cores, int rows) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(cores);
        try {
            return seconds(() -> {
                List<Future<Double>> sums = new ArrayList<>();
                for (int part = 0; part < PARTITIONS; part++) {
                    int from = (int) ((long) rows * part / PARTITIONS);
                    int to = (int) ((long) rows * (part + 1) / PARTITIONS);
                    sums.add(threads.submit(() -> scores(service, from, to)));
                }
                for (Future<Double> sum : sums) {
                    if (!Double.isFinite(sum.get())) {
                        throw new IllegalStateException("scores are finite");
                    }
                }
                return null;
            });
        } finally {
            threads.shutdown();
        }
    }

    private static double scores(VaeService service, int from, int to) {
        double sum = 0;
        for (int at = from; at < to; at += BATCH) {
            double[] x = Arrays.copyOfRange(data, at * WIDTH, Math.min(at + BATCH, to) * WIDTH);
            for (double score : service.anomalyScores(x, AnomalyScore.NEGATIVE_ELBO)) {
                sum += score;
            }
        }
        return sum;
    }

    private static double seconds(Callable<Void> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        return (System.nanoTime() - start) / 1e9;
    }
}
