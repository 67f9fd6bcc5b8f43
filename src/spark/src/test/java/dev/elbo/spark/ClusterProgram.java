package dev.elbo.spark;

import dev.elbo.train.EpochMetrics;
import dev.elbo.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A training on a cluster whose executors are processes of their own, in a process of its own, as the other tests share a session
 * that has none. Arguments are words {@code name=value}: of Spark if they begin with {@code spark.}, of the estimator otherwise, and
 * {@code rows}, a CSV file, or numbers of made rows and columns, whose columns but {@code id} and {@code validation} are the inputs; {@code out}, the model's
 * file to be; {@code kill=EPOCH}, after which an executor is killed.
 */
public final class ClusterProgram {
    private ClusterProgram() {}

    /**
     * Trains.
     *
     * @param arguments as above
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> given = new HashMap<>();
        SparkSession.Builder builder = SparkSession.builder()
                .appName("elbo-spark training")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", "3")
                .config("spark.executor.heartbeatInterval", "200ms")
                .config(
                        "spark.executor.extraJavaOptions",
                        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog4j2.configurationFile=cluster-log4j2.properties")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (parts[0].startsWith("spark.")) {
                builder.config(parts[0], parts[1]);
            } else {
                given.put(parts[0], parts[1]);
            }
        }
        try (SparkSession session = builder.getOrCreate()) {
            Dataset<Row> rows = rows(session, given.get("rows"));
            // in an order that has nothing to do with their numbers
            Dataset<Row> mixed = rows.repartition(5).sortWithinPartitions(functions.rand(7));
            VaeEstimator estimator = estimator(given, rows);
            String epoch = given.get("kill");
            if (epoch != null) {
                estimator.setListener(new Killer(Integer.parseInt(epoch), new AtomicBoolean()));
            }
            VaeModel model = estimator.fit(mixed);
            model.saveFile(given.get("out"));
            System.out.println("epochs " + model.trainingMetrics().count());
        }
        // Spark leaves the thread of a timer behind, which would keep the process of a local master alive
        System.exit(0);
    }

    /** Reads a CSV file, or makes as many rows and columns as "ROWSxCOLUMNS" says. */
    private static Dataset<Row> rows(SparkSession session, String from) {
        if (from.endsWith(".csv")) {
            return session.read()
                    .option("header", true)
                    .option("inferSchema", true)
                    .csv(from);
        }
        String[] size = from.split("x");
        Column[] columns = new Column[Integer.parseInt(size[1]) + 1];
        columns[0] = functions.col("id");
        for (int i = 1; i < columns.length; i++) {
            columns[i] = functions.sin(functions.col("id").multiply(i)).as("c" + i);
        }
        return session.range(Long.parseLong(size[0])).select(columns);
    }

    static VaeEstimator estimator(Map<String, String> given, Dataset<Row> rows) {
        VaeEstimator estimator = new VaeEstimator();
        List<String> inputs = new ArrayList<>(List.of(rows.columns()));
        if (inputs.remove("id")) {
            estimator.setIdCol("id");
        }
        if (inputs.remove("validation")) {
            estimator.setValidationIndicatorCol("validation");
        }
        estimator.setInputCols(inputs.toArray(String[]::new));
        given.forEach((name, value) -> {
            if (estimator.hasParam(name)) {
                set(estimator, name, value);
            }
        });
        return estimator;
    }

    private static void set(VaeEstimator estimator, String name, String value) {
        org.apache.spark.ml.param.Param<Object> param = estimator.getParam(name);
        boolean text = param.getClass().equals(org.apache.spark.ml.param.Param.class);
        estimator.set(param, param.jsonDecode(text ? "\"" + value + "\"" : value));
    }

    /** Kills an executor, as a machine that fails does: at once. */
    private record Killer(int epoch, AtomicBoolean killed) implements TrainingListener {
        @Override
        public void onEpoch(EpochMetrics metrics) {
            if (metrics.epoch() != epoch || killed.getAndSet(true)) {
                return;
            }
            // executors are all that this process has started
            ProcessHandle executor =
                    ProcessHandle.current().children().findFirst().orElseThrow();
            System.out.println("killed " + executor.pid() + " " + executor.destroyForcibly());
        }
    }

    /** Runs this program, and returns what it has written to its log. */
    static String run(Path folder, String heap, String... arguments) {
        try {
            Path home = folder.resolve("spark-home");
            Files.createDirectories(home.resolve("jars"));
            if (Files.notExists(home.resolve("RELEASE"))) {
                Files.createFile(home.resolve("RELEASE"));
            }
            Path log = Files.createTempFile(folder, "cluster", ".log");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heap));
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:+IgnoreUnrecognizedVMOptions"));
            command.addAll(List.of(System.getProperty("elbo.spark.opens").trim().split("\\s+")));
            command.add("-Dlog4j2.configurationFile=cluster-log4j2.properties");
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), ClusterProgram.class.getName()));
            command.addAll(List.of(arguments));
            ProcessBuilder process =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            process.environment().put("SPARK_HOME", home.toString());
            process.environment().put("SPARK_SCALA_VERSION", "2.13");
            process.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
            Process running = process.directory(folder.toFile()).start();
            if (!running.waitFor(300, TimeUnit.SECONDS)) {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
                throw new IllegalStateException("too slow: " + Files.readString(log));
            }
            String text = Files.readString(log);
            if (running.exitValue() != 0) {
                throw new IllegalStateException(text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
