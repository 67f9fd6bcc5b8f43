package dev.elbo.spark;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.ClassLabels;
import dev.elbo.data.CsvOptions;
import dev.elbo.data.Dataset;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.data.TableOptions;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;

/** Tiny models, each trained once in a process, and data of their kinds. */
public final class Models {
    static final int WIDTH = 6;
    static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
    static final List<String> CLASSES = List.of("cat", "dog", "3");

    private static final Map<String, Path> TRAINED = new HashMap<>();

    private Models() {}

    private static synchronized Path trained(String name, Consumer<Path> training) {
        return TRAINED.computeIfAbsent(name, key -> {
            try {
                Path file = Files.createTempDirectory("elbo-spark-tests").resolve("model.safetensors");
                training.accept(file);
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void train(Path file, VaeSpec spec, Split data) {
        TrainingOptions options =
                TrainingOptions.builder().epochs(5).batchSize(32).build();
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer =
                        Trainer.builder(backend, spec, data).options(options).build()) {
            trainer.run();
            trainer.save(file);
        }
    }

    /** Returns rows whose columns have units of their own and depend on one another. */
    static double[][] numbers(int count) {
        Random random = new Random(1);
        double[][] rows = new double[count][WIDTH];
        for (double[] row : rows) {
            double common = random.nextGaussian();
            for (int j = 0; j < WIDTH; j++) {
                row[j] = 100 * j + (j + 1) * (common + 0.3 * random.nextGaussian());
            }
        }
        return rows;
    }

    /** Returns such rows as a DataFrame. */
    public static org.apache.spark.sql.Dataset<Row> sensors(int count) {
        return Frames.columns(numbers(count), NAMES).drop("id");
    }

    private static Split standardized(Dataset data) {
        Split split = Split.of(data);
        return split.standardized(Standardization.perFeature(split.train()));
    }

    private static VaeSpec.Builder spec() {
        return VaeSpec.builder(WIDTH).hidden(16).latent(2);
    }

    /** Returns a model of numbers, standardised, without names. */
    public static Path ofNumbers() {
        return trained(
                "numbers", file -> train(file, spec().build(), standardized(Dataset.of("numbers", numbers(400)))));
    }

    /** Returns a model of such rows with the mean 0 and the deviation 1, which another stage has given them. */
    public static Path ofScaled() {
        return trained("scaled", file -> {
            double[][] rows = numbers(400);
            for (double[] row : rows) {
                for (int j = 0; j < WIDTH; j++) {
                    row[j] = (row[j] - 100 * j) / (j + 1);
                }
            }
            train(file, spec().build(), Split.of(Dataset.of("scaled", rows)));
        });
    }

    /** Returns the same with names of its inputs. */
    static Path ofNames() {
        return trained(
                "names",
                file -> train(
                        file,
                        spec().build(),
                        standardized(Dataset.of("names", numbers(400)).withColumns(NAMES.toArray(String[]::new)))));
    }

    /** Returns a plain autoencoder. */
    static Path ofCodes() {
        return trained(
                "codes",
                file -> train(file, spec().deterministic().build(), standardized(Dataset.of("codes", numbers(400)))));
    }

    /** Returns rows in [0, 1]. */
    static double[][] pixels(int count) {
        double[][] rows = numbers(count);
        for (double[] row : rows) {
            for (int j = 0; j < WIDTH; j++) {
                row[j] = 1 / (1 + Math.exp(100.0 * j - row[j]));
            }
        }
        return rows;
    }

    /** Returns a model of a Bernoulli likelihood. */
    static Path ofPixels() {
        return trained(
                "pixels",
                file -> train(
                        file,
                        spec().likelihood(Likelihood.BERNOULLI).build(),
                        Split.of(Dataset.of("pixels", pixels(400)))));
    }

    /** Returns a model with classes. */
    static Path ofClasses() {
        return trained("classes", file -> {
            double[][] rows = numbers(400);
            StringBuilder text = new StringBuilder("kind," + String.join(",", NAMES) + "\n");
            for (int i = 0; i < rows.length; i++) {
                text.append(CLASSES.get(i % CLASSES.size()));
                for (double value : rows[i]) {
                    text.append(',').append(value + 50 * (i % CLASSES.size()));
                }
                text.append('\n');
            }
            Split split = Split.read(write(file, "classes.csv", text), CsvOptions.DEFAULT.withLabelColumn("kind"));
            VaeSpec spec = spec().classes(ClassLabels.names(split)).build();
            train(file, spec, split.standardized(Standardization.perFeature(split.train())));
        });
    }

    private static Path write(Path file, String name, CharSequence text) {
        try {
            return Files.writeString(file.resolveSibling(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a CSV file of words, numbers, counts and a constant, with gaps. */
    public static String csv(int count) {
        Random random = new Random(2);
        StringBuilder text = new StringBuilder("age,plan,member,visits,country,grade\n");
        for (int i = 0; i < count; i++) {
            int plan = random.nextInt(3);
            String age =
                    i % 7 == 3 ? "" : String.format(Locale.ROOT, "%.2f", 20 + 15 * plan + 3 * random.nextGaussian());
            String word = i % 11 == 5 ? "NA" : List.of("none", "tin", "gold").get(plan);
            String member = plan > 0 ? "true" : "false";
            text.append(age).append(',').append(word).append(',').append(member).append(',');
            text.append(i % 13 == 2 ? "" : Integer.toString(plan * 2 + random.nextInt(3)))
                    .append(",ch,");
            text.append(plan + 1).append('\n');
        }
        return text.toString();
    }

    /** Returns a model of columns. */
    public static Path ofTable() {
        return trained("table", file -> {
            Path csv = write(file, "people.csv", csv(300));
            TableOptions columns = TableOptions.DEFAULT.withKind("visits", ColumnKind.POISSON);
            Split split = Split.read(csv, ReadOptions.DEFAULT.withTable(columns));
            Table table = split.train().table().orElseThrow();
            VaeSpec spec = VaeSpec.builder(table.features())
                    .likelihood(Likelihood.columns(table.modelled()))
                    .hidden(16)
                    .latent(2)
                    .build();
            train(file, spec, split.standardized(Standardization.perFeature(split.train())));
        });
    }
}
