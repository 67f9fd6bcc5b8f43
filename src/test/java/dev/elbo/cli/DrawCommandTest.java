package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.io.Npy;
import dev.elbo.serve.VaeService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Draws from p(x|z) as a user writes them: rows of a table that vary as the table does, and binary pixels. */
class DrawCommandTest {
    private static final int ROWS = 5_000;
    /** Of each column: its mean, its deviation, what it has of two factors, and the rest is its own. */
    private static final double[][] COLUMNS = {
        {1000, 50, 0.8, 0}, {0.01, 0.002, 0.6, 0.5}, {-3, 1, -0.5, 0.6}, {0, 20, 0, 0.8}, {1e5, 1e3, 0.7, -0.3}
    };

    @TempDir
    private static Path folder;

    private static double[][] table;
    private static String model;

    private static Result works(String command) {
        return Result.of(command.split(" ")).mustWork();
    }

    @BeforeAll
    static void train() throws IOException {
        Random random = new Random(11);
        table = new double[ROWS][COLUMNS.length];
        StringBuilder text = new StringBuilder("a,b,c,d,e\n");
        for (double[] row : table) {
            double first = random.nextGaussian();
            double second = random.nextGaussian();
            for (int i = 0; i < row.length; i++) {
                double[] column = COLUMNS[i];
                double own = Math.sqrt(1 - column[2] * column[2] - column[3] * column[3]);
                row[i] = column[0] + column[1] * (column[2] * first + column[3] * second + own * random.nextGaussian());
                text.append(row[i]).append(i < row.length - 1 ? ',' : '\n');
            }
        }
        Path file = Files.writeString(folder.resolve("table.csv"), text);
        model = folder.resolve("model").toString();
        works("train --data " + file + " --out " + model + " --standardize per-feature --likelihood gaussian-learned"
                + " --variance per-dimension --hidden 16 --latent 3 --epochs 40 --batch 100 --learning-rate 5e-3"
                + " --learning-rate-decay linear --backend cpu");
    }

    private static double[][] rows(String csv) {
        return csv.lines()
                .skip(1)
                .map(line -> Arrays.stream(line.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    /** Deviations on the diagonal, correlations beside it. */
    private static double[][] moments(double[][] rows) {
        int n = COLUMNS.length;
        double[] mean = new double[n];
        for (double[] row : rows) {
            for (int i = 0; i < n; i++) {
                mean[i] += row[i] / rows.length;
            }
        }
        double[][] moments = new double[n][n];
        for (double[] row : rows) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    moments[i][j] += (row[i] - mean[i]) * (row[j] - mean[j]) / rows.length;
                }
            }
        }
        double[][] result = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                result[i][j] =
                        i == j ? Math.sqrt(moments[i][i]) : moments[i][j] / Math.sqrt(moments[i][i] * moments[j][j]);
            }
        }
        return result;
    }

    /** The largest distance of a correlation. */
    private static double apart(double[][] data, double[][] made) {
        double apart = 0;
        for (int i = 0; i < data.length; i++) {
            for (int j = 0; j < i; j++) {
                apart = Math.max(apart, Math.abs(data[i][j] - made[i][j]));
            }
        }
        return apart;
    }

    private static double[] ratios(double[][] data, double[][] made) {
        double[] ratios = new double[data.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = made[i][i] / data[i][i];
        }
        return ratios;
    }

    @Test
    void drawnRowsVaryAsTheTableDoesAndMeansDoNot() {
        double[][] data = moments(table);
        String sample = "sample " + model + " --count 5000 --seed 3 --backend cpu --out - ";
        double[][] draws = moments(rows(works(sample + "--draw").out()));
        double[][] means = moments(rows(works(sample).out()));
        String seen = "deviations " + Arrays.toString(ratios(data, draws)) + " and "
                + Arrays.toString(ratios(data, means)) + " of the data's, correlations " + apart(data, draws) + " and "
                + apart(data, means) + " from them";
        for (int i = 0; i < COLUMNS.length; i++) {
            assertEquals(1, draws[i][i] / data[i][i], 0.1, seen);
            assertTrue(means[i][i] / data[i][i] < 0.9, seen);
        }
        assertTrue(apart(data, draws) < 0.1, seen);
        assertTrue(apart(data, means) > 0.1, seen);
    }

    @Test
    void reconstructionsHaveTheNoiseOfTheirSeedAndRow() {
        String reconstruct =
                "reconstruct " + model + " --data " + folder.resolve("table.csv") + " --all --backend cpu --out - ";
        double[][] means = rows(works(reconstruct + "--no-draw").out());
        double[][] draws = rows(works(reconstruct + "--draw --seed 5").out());
        double[][] first = rows(works(reconstruct + "--draw --seed 5 --count 9").out());
        double[][] other = rows(works(reconstruct + "--draw --count 9").out());
        for (int row = 0; row < 9; row++) {
            for (int i = 0; i < COLUMNS.length; i++) {
                assertEquals(draws[row][i], first[row][i], 1e-5 * COLUMNS[i][1], "the noise of its row");
                assertTrue(draws[row][i] != other[row][i], "of its seed");
                assertTrue(draws[row][i] != means[row][i]);
            }
        }
        // what is left of a column once its factors are known
        double[] squares = new double[COLUMNS.length];
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < squares.length; i++) {
                squares[i] += Math.pow((draws[row][i] - means[row][i]) / COLUMNS[i][1], 2) / ROWS;
            }
        }
        for (int i = 0; i < squares.length; i++) {
            double own = 1 - Math.pow(COLUMNS[i][2], 2) - Math.pow(COLUMNS[i][3], 2);
            assertEquals(1, Math.sqrt(squares[i] / own), 0.2, "column " + i + " of " + Arrays.toString(squares));
        }
    }

    @Test
    void aServiceAndTheCommandLineDrawTheSameBits() {
        Path file = folder.resolve("reference.npy");
        works("sample " + model + " --count 40 --seed 8 --draw --backend reference --out " + file);
        double[] written = Npy.read(file).values();
        try (VaeService service = VaeService.builder(Path.of(model, "model.safetensors"))
                .backend("reference")
                .replicas(1)
                .batchSize(7)
                .build()) {
            float[] drawn = service.outputDraws(8).sample(40);
            for (int i = 0; i < drawn.length; i++) {
                assertEquals(drawn[i], (float) written[i]);
            }
        }
    }

    @Test
    void theDefaultAreMeansAndThreadsChangeNoByte() throws IOException {
        for (String option : List.of("--draw", "--no-draw")) {
            byte[][] files = new byte[2][];
            for (int threads = 1; threads <= 2; threads++) {
                Path file = folder.resolve("threads.npy");
                works("sample " + model + " --count 3000 --backend cpu --threads " + threads + " " + option + " --out "
                        + file);
                files[threads - 1] = Files.readAllBytes(file);
            }
            assertArrayEquals(files[0], files[1]);
            Path file = folder.resolve("default.npy");
            works("sample " + model + " --count 3000 --backend cpu --out " + file);
            assertEquals(option.equals("--no-draw"), Arrays.equals(files[0], Files.readAllBytes(file)));
        }
    }

    @Test
    void theJudgementSaysWhatItIsOf() {
        String judge = "sample " + model + " --count 500 --backend cpu --out " + folder.resolve("judged.npy")
                + " --judge " + folder.resolve("table.csv") + " ";
        Result means = works(judge);
        Result draws = works(judge + "--draw");
        assertTrue(means.out().startsWith("Fréchet distance of 500 samples (means) to the 500 held-out"), means.out());
        assertTrue(draws.out().startsWith("Fréchet distance of 500 samples (draws) to the 500 held-out"), draws.out());
        assertTrue(draws.err().contains("500 samples (draws) in "), draws.err());
        double[] distances = new double[2];
        for (String values : List.of("means", "draws")) {
            boolean drawn = values.equals("draws");
            String printed = works(judge + "--json " + (drawn ? "--draw" : "")).out();
            JsonObject json = JsonParser.parseString(printed).getAsJsonObject();
            assertEquals(values, json.get("values").getAsString());
            assertEquals(500, json.get("samples").getAsInt());
            assertEquals(500, json.get("examples_held_out").getAsInt());
            distances[drawn ? 1 : 0] = json.get("frechet_distance").getAsDouble();
        }
        assertTrue(distances[1] < distances[0], "draws are nearer: " + Arrays.toString(distances));
        Result.of(("sample " + model + " --json --out x.npy").split(" ")).mustFail(2, "--json", "--judge");
    }

    @Test
    void pixelsAreBinaryAlsoOfAnAutoencoderAndFromAMixture() {
        for (String objective : List.of("vae", "ae")) {
            Path digits = folder.resolve(objective);
            works("train --hidden 16 --latent 4 --epochs 1 --likelihood bernoulli --objective " + objective
                    + " --backend cpu --out " + digits);
            Path file = folder.resolve("pixels.npy");
            for (String command : List.of("sample --from mixture --components 2", "sample", "reconstruct")) {
                works(command + " " + digits + " --draw --backend cpu --out " + file);
                double[] pixels = Npy.read(file).values();
                assertTrue(Arrays.stream(pixels).allMatch(x -> x == 0 || x == 1), command);
                assertTrue(Arrays.stream(pixels).distinct().count() == 2, command);
            }
            works("sample " + digits + " --draw --backend cpu --out " + folder.resolve("pixels.png"));
            Result.of(("sample " + digits + " --draw --count 300000000 --backend cpu --out -").split(" "))
                    .mustFail(2, "a seed has noise for draws of 268435456 rows of 64 values, not of 300000000");
        }
    }

    @Test
    void helpTellsBothForms() {
        for (String command : List.of("sample", "reconstruct")) {
            assertTrue(works(command + " --help").out().contains("--[no-]draw"), command);
        }
    }
}
