package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.linalg.Moments;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.CountDistribution;
import dev.elbo.net.Parameters;
import dev.elbo.net.TinyModel;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of all kinds, in a model of one latent unit, against sums over a grid of its codes. */
class MixedImputationTest {
    private static final float NA = Float.NaN;
    private static final double LOG_VAR = -0.7;
    private static final double LOG_DISPERSION = 0.5;
    private static final int POINTS = 4001;
    private static final double STEP = 0.005;
    /** Of the columns in {@link #TABLE}. */
    private static final int[] PLACES = {0, 1, 1, 2, 5, 6};

    private static final int NUMBER = 0;
    private static final int FLAG = 2;
    private static final int WORD = 3;
    private static final int POISSON = 4;
    private static final int DISPERSED = 5;

    private static final Table TABLE = Table.builder()
            .gaussian("number")
            .constant("unit", "kg")
            .bernoulli("flag", "no", "yes")
            .categorical("word", "a", "b", "c")
            .poisson("visits")
            .negativeBinomial("claims")
            .build();

    private static final float[] ROWS = {
        0.5f, 1, NA, NA, NA, 3, NA, //
        NA, NA, 0, 1, 0, NA, 7, //
        NA, NA, NA, NA, NA, NA, NA, //
        -1, 0, 1, 0, 0, 2, 0, //
        NA, 0, NA, NA, NA, 12, NA
    };

    private Backend backend;
    private TinyModel model;
    /** Means of p(x|z) at each point of the grid, and the densities of the points given a row. */
    private double[] means;

    @BeforeEach
    void open() {
        backend = Backends.reference();
        VaeSpec spec = VaeSpec.builder(TABLE.features())
                .hidden(6)
                .latent(1)
                .likelihood(Likelihood.columns(TABLE.modelled()))
                .build();
        model = new TinyModel(backend, spec, 1, 1);
        double[] bias = model.parameters.tensor("output.bias").toDoubles();
        bias[5] = 1.5;
        bias[6] = 3;
        model.parameters.tensor("output.bias").write(bias);
        model.parameters.tensor(Parameters.OUTPUT_LOG_VAR).write(new double[] {LOG_VAR});
        model.parameters.tensor(Parameters.OUTPUT_LOG_DISPERSION).write(new double[] {LOG_DISPERSION});
        // a wide q: the weights of a narrow one have no variance
        model.parameters.tensor("log_var.weight").write(new double[6]);
        model.parameters.tensor("log_var.bias").write(new double[] {0.2});
    }

    @AfterEach
    void close() {
        model.close();
        backend.close();
    }

    private static Dataset data() {
        return Dataset.of("mixed", TABLE, ROWS);
    }

    private static boolean isMissing(int row, int column) {
        return !TABLE.columns().get(column).isConstant() && Float.isNaN(ROWS[7 * row + PLACES[column]]);
    }

    /** The weights of the points given a row, which add up to 1. */
    private double[] posterior(int row) {
        Tensor x = Tensor.of(backend.allocate(ElementType.REAL, 7), 1, 7);
        Tensor mean = Tensor.of(backend.allocate(ElementType.REAL, 7L * POINTS), POINTS, 7);
        try (Activations a = model.vae.allocate(1, POINTS, false)) {
            double[] z = new double[POINTS];
            Arrays.setAll(z, g -> (g - POINTS / 2) * STEP);
            x.write(Arrays.copyOfRange(ROWS, 7 * row, 7 * row + 7));
            a.z().write(z);
            model.vae.decode(a);
            model.vae.lossRows(x, a);
            model.vae.mean(a, mean);
            means = mean.toDoubles();
            double[] loss = a.reconstruction().toDoubles();
            double[] weights = new double[POINTS];
            Arrays.setAll(weights, g -> Math.exp(-z[g] * z[g] / 2 - loss[g]));
            double sum = Arrays.stream(weights).sum();
            return Arrays.stream(weights).map(w -> w / sum).toArray();
        } finally {
            x.buffer().close();
            mean.buffer().close();
        }
    }

    private double mean(double[] weights, int place) {
        double sum = 0;
        for (int g = 0; g < POINTS; g++) {
            sum += weights[g] * means[7 * g + place];
        }
        return sum;
    }

    private double variance(double[] weights, int place) {
        double mean = mean(weights, place);
        double sum = 0;
        for (int g = 0; g < POINTS; g++) {
            sum += weights[g] * Math.pow(means[7 * g + place] - mean, 2);
        }
        return sum;
    }

    private double cumulative(double[] weights, int place, double dispersion, long count) {
        double sum = 0;
        for (int g = 0; g < POINTS; g++) {
            sum += weights[g] * new CountDistribution(means[7 * g + place], dispersion).cumulative(count);
        }
        return sum;
    }

    @Test
    void imputationsAreThoseOfTheGrid() {
        int cells = 0;
        try (Imputation imputation = new Imputation(model.vae, data(), 60_000, 0, 3)) {
            ImputedData imputed = imputation.run(MarginalLikelihood.Progress.NONE);
            for (int row = 0; row < 5; row++) {
                double[] weights = posterior(row);
                for (int c = 0; c < TABLE.columns().size(); c++) {
                    double value = imputed.value(row, c);
                    double uncertainty = imputed.uncertainty(row, c);
                    if (!isMissing(row, c)) {
                        assertTrue(Double.isNaN(value) && Double.isNaN(uncertainty));
                        continue;
                    }
                    cells++;
                    int place = PLACES[c];
                    switch (c) {
                        case NUMBER -> {
                            assertEquals(mean(weights, place), value, 0.01);
                            double deviation = Math.sqrt(Math.exp(LOG_VAR) + variance(weights, place));
                            assertEquals(deviation, uncertainty, 0.01);
                        }
                        case FLAG -> {
                            double yes = mean(weights, place);
                            assertEquals(yes > 0.5 ? 1 : 0, value);
                            assertEquals(Math.max(yes, 1 - yes), uncertainty, 0.01);
                        }
                        case WORD -> {
                            double[] of = {mean(weights, place), mean(weights, place + 1), mean(weights, place + 2)};
                            double most = Arrays.stream(of).max().orElseThrow();
                            assertEquals(most, of[(int) value]);
                            assertEquals(most, uncertainty, 0.01);
                        }
                        default -> requireCount(value, uncertainty, weights, c);
                    }
                }
            }
        }
        assertEquals(13, cells);
    }

    private void requireCount(double value, double uncertainty, double[] weights, int column) {
        int place = PLACES[column];
        double theta = column == DISPERSED ? Math.exp(LOG_DISPERSION) : 0;
        long count = (long) value;
        assertTrue(cumulative(weights, place, theta, count) >= 0.49, "too low: " + count);
        assertTrue(count == 0 || cumulative(weights, place, theta, count - 1) < 0.51, "too high: " + count);
        double variance = variance(weights, place);
        for (int g = 0; g < POINTS; g++) {
            double mean = means[7 * g + place];
            variance += weights[g] * (mean + (column == DISPERSED ? mean * mean / theta : 0));
        }
        assertEquals(Math.sqrt(variance), uncertainty, 0.02 * Math.sqrt(variance));
    }

    @Test
    void drawsAreOfTheKindOfTheirColumn() {
        int draws = 3000;
        try (Imputation imputation = new Imputation(model.vae, data(), 2000, draws, 3)) {
            ImputedData imputed = imputation.run(MarginalLikelihood.Progress.NONE);
            for (int row : new int[] {0, 2, 4}) {
                double[] weights = posterior(row);
                for (int c : new int[] {NUMBER, FLAG, POISSON, DISPERSED}) {
                    if (isMissing(row, c)) {
                        double mean = mean(weights, PLACES[c]);
                        Moments moments = new Moments();
                        for (int m = 0; m < draws; m++) {
                            double draw = imputed.draw(row, c, m);
                            assertTrue(c == NUMBER || draw == Math.rint(draw) && draw >= 0 && (c != FLAG || draw <= 1));
                            moments.add(draw);
                        }
                        assertEquals(mean, moments.mean(), 5 * Math.sqrt(2 * moments.variance() / draws));
                    }
                }
                int[] seen = new int[3];
                for (int m = 0; m < draws; m++) {
                    seen[(int) imputed.draw(row, WORD, m)]++;
                }
                for (int word = 0; word < 3; word++) {
                    double p = mean(weights, PLACES[WORD] + word);
                    assertEquals(p, seen[word] / (double) draws, 5 * Math.sqrt(2 * p * (1 - p) / draws));
                }
            }
            float[] filled = imputed.fill(data(), 7).values();
            for (int row = 0; row < 5; row++) {
                float[] word = Arrays.copyOfRange(filled, 7 * row + 2, 7 * row + 5);
                assertEquals(1, word[0] + word[1] + word[2]);
                for (int place = 0; place < 7; place++) {
                    float given = ROWS[7 * row + place];
                    assertTrue(
                            Float.isNaN(given)
                                    ? !Float.isNaN(filled[7 * row + place])
                                    : given == filled[7 * row + place]);
                }
            }
            assertEquals(imputed.draw(4, DISPERSED, 7), filled[34]);
        }
    }

    static List<Double> numbers(Backend on, int samples, long memory, int... hidden) {
        VaeSpec spec = VaeSpec.builder(TABLE.features())
                .hidden(hidden)
                .latent(3)
                .likelihood(Likelihood.columns(TABLE.modelled()))
                .build();
        List<Double> all = new ArrayList<>();
        try (TinyModel wide = new TinyModel(on, spec, 1, 1);
                Imputation imputation = new Imputation(wide.vae, data(), samples, 4, 3, memory)) {
            ImputedData imputed = imputation.run(MarginalLikelihood.Progress.NONE);
            for (int row = 0; row < 5; row++) {
                for (int c = 0; c < TABLE.columns().size(); c++) {
                    if (isMissing(row, c)) {
                        all.addAll(List.of(imputed.value(row, c), imputed.uncertainty(row, c)));
                        for (int m = 0; m < 4; m++) {
                            all.add(imputed.draw(row, c, m));
                        }
                    }
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 512, 513, 1700})
    void neitherChunksNorThreadsChangeABitAndBackendsRound(int samples) {
        Set<List<Double>> results = new HashSet<>();
        for (int threads : new int[] {1, 3}) {
            try (Backend cpu = Backends.builder("cpu").threads(threads).open()) {
                for (long memory : new long[] {0, 900_000, MarginalLikelihood.MEMORY}) {
                    results.add(numbers(cpu, samples, memory, 97, 33));
                }
            }
        }
        assertEquals(1, results.size());
        List<Double> fast = results.iterator().next();
        List<Double> exact = numbers(backend, samples, 0, 97, 33);
        for (int i = 0; i < exact.size(); i++) {
            assertEquals(exact.get(i), fast.get(i), 1e-4 * Math.max(1, Math.abs(exact.get(i))), "number " + i);
        }
    }

    /** A guess changes the number of steps and nothing else. */
    @Test
    void quantilesDoNotDependOnTheGuess() {
        for (double mean : new double[] {1e-6, 0.4, 3, 250, 1e6, 1e13}) {
            for (double dispersion : new double[] {0, 0.3, 50}) {
                CountDistribution counts = new CountDistribution(mean, dispersion);
                for (double share : new double[] {0.01, Math.nextDown(0.5), 0.99}) {
                    long exact = CountDistribution.quantile(share, counts::cumulative);
                    assertTrue(counts.cumulative(exact) > share);
                    assertTrue(exact == 0 || counts.cumulative(exact - 1) <= share);
                    for (long guess : new long[] {1, 2, exact, exact + 1, exact + 900, exact / 2, 3 * exact}) {
                        assertEquals(exact, CountDistribution.quantile(share, counts::cumulative, guess));
                    }
                }
            }
        }
    }
}
