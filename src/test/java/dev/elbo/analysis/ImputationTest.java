package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.NullArguments;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.linalg.Moments;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.net.Vae;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Imputations of a linear model are its conditional distributions, and nothing depends on how they are computed. */
class ImputationTest {
    private static final float NA = Float.NaN;
    /** One row without gaps, one without anything else. */
    private static final float[] ROWS = {
        1, -1, 0.5f, NA, NA, //
        0.2f, 0.4f, -1, 0.3f, 0.7f, //
        NA, -0.5f, NA, 1.5f, NA, //
        NA, NA, NA, NA, NA, //
        -1, NA, 0, -1.2f, 2
    };

    private static final int[] INCOMPLETE = {0, 2, 3, 4};

    private static float[] row(int row) {
        return Arrays.copyOfRange(ROWS, row * LinearTable.INPUTS, (row + 1) * LinearTable.INPUTS);
    }

    private static ImputedData impute(LinearTable linear, Dataset data, int samples, int draws) {
        return impute(linear, data, samples, draws, MarginalLikelihood.MEMORY);
    }

    private static ImputedData impute(LinearTable linear, Dataset data, int samples, int draws, long memory) {
        try (Imputation imputation = new Imputation(linear.vae, data, samples, draws, 5, memory)) {
            return imputation.run(MarginalLikelihood.Progress.NONE);
        }
    }

    /** The largest errors of means and deviations. */
    private static double[] errors(ImputedData imputed) {
        double[] errors = new double[2];
        for (int row : INCOMPLETE) {
            LinearTable.Conditional exact = LinearTable.given(row(row));
            for (int d = 0; d < LinearTable.INPUTS; d++) {
                if (Float.isNaN(row(row)[d])) {
                    errors[0] = Math.max(errors[0], Math.abs(imputed.value(row, d) - exact.mean()[d]));
                    double deviation = Math.sqrt(exact.variance()[d]);
                    errors[1] = Math.max(errors[1], Math.abs(imputed.uncertainty(row, d) - deviation));
                }
            }
        }
        return errors;
    }

    @Test
    void imputationsOfALinearModelAreConditionalMeans() {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            Dataset data = LinearTable.data(ROWS);
            double[] few = errors(impute(linear, data, 300, 0));
            double[] many = errors(impute(linear, data, 100_000, 0));
            assertTrue(many[0] < 0.01 && many[1] < 0.01, Arrays.toString(many));
            assertTrue(many[0] < few[0] / 3 && many[1] < few[1] / 3, Arrays.toString(few));
            try (ResidentData resident = ResidentData.upload(backend, data);
                    MarginalLikelihood likelihood = new MarginalLikelihood(
                            linear.vae, resident, 100_000, false, 5, MarginalLikelihood.MEMORY)) {
                double[] logs = likelihood
                        .run("log p(x)", MarginalLikelihood.Progress.NONE)
                        .logLikelihoods();
                for (int row = 0; row < logs.length; row++) {
                    assertEquals(LinearTable.given(row(row)).logDensity(), logs[row], 0.01, "row " + row);
                }
            }
        }
    }

    @Test
    void drawsHaveTheConditionalDistribution() {
        int draws = 4000;
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            ImputedData imputed = impute(linear, LinearTable.data(ROWS), 3000, draws);
            for (int row : INCOMPLETE) {
                LinearTable.Conditional exact = LinearTable.given(row(row));
                for (int d = 0; d < LinearTable.INPUTS; d++) {
                    if (Float.isNaN(row(row)[d])) {
                        Moments moments = new Moments();
                        for (int m = 0; m < draws; m++) {
                            moments.add(imputed.draw(row, d, m));
                        }
                        double variance = exact.variance()[d];
                        // the samples that are chosen from have an error, too
                        assertEquals(exact.mean()[d], moments.mean(), 5 * Math.sqrt(2 * variance / draws));
                        assertEquals(variance, moments.variance(), 5 * variance * Math.sqrt(4.0 / draws));
                    }
                }
            }
            // two columns of a row are drawn of one code: their covariance is that of the prior, W₀ · W₄
            double covariance = 0;
            for (int m = 0; m < draws; m++) {
                covariance += (imputed.draw(3, 0, m) - 0.1) * (imputed.draw(3, 4, m) - 0.5) / draws;
            }
            assertEquals(0.8, covariance, 0.15);
        }
    }

    @Test
    void whatIsThereStaysAndGapsAreFilled() {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            Dataset data = LinearTable.data(ROWS);
            ImputedData imputed = impute(linear, data, 100, 2);
            assertEquals(4, imputed.incomplete());
            assertEquals(5, imputed.completeRows());
            assertEquals(3, imputed.filled(0) + imputed.filled(1) - 1);
            float[] first = imputed.fill(data, 0).values();
            float[] second = imputed.fill(data, 1).values();
            float[] filled = imputed.fill(data).values();
            for (int i = 0; i < ROWS.length; i++) {
                int row = i / LinearTable.INPUTS;
                int column = i % LinearTable.INPUTS;
                if (Float.isNaN(ROWS[i])) {
                    assertEquals((float) imputed.value(row, column), filled[i]);
                    assertEquals((float) imputed.draw(row, column, 1), second[i]);
                    assertNotEquals(first[i], second[i]);
                } else {
                    assertTrue(filled[i] == ROWS[i] && first[i] == ROWS[i] && second[i] == ROWS[i]);
                    assertTrue(Double.isNaN(imputed.value(row, column)));
                    assertTrue(Double.isNaN(imputed.uncertainty(row, column)));
                }
            }
            assertTrue(Double.isNaN(imputed.effectiveSamples(1)));
            assertThrows(IllegalArgumentException.class, () -> imputed.fill(LinearTable.data(row(0))));
        }
    }

    /** Values that were in another unit before are imputed in that unit, and the model sees the same. */
    @Test
    void imputationsAreInTheUnitOfTheData() {
        Standardization unit =
                Standardization.fromJson("{\"mean\":[0,8,0,-16,0],\"deviation\":[1,0.25,1,4,1]}", LinearTable.INPUTS);
        float[] given = new float[ROWS.length];
        for (int i = 0; i < given.length; i++) {
            int d = i % LinearTable.INPUTS;
            given[i] = (float) (unit.mean()[d] + unit.deviation()[d] * ROWS[i]);
        }
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            ImputedData plain = impute(linear, LinearTable.data(ROWS), 100, 1);
            Dataset data = LinearTable.data(given);
            ImputedData imputed = impute(linear, data.standardized(unit), 100, 1);
            for (int row : INCOMPLETE) {
                for (int d = 0; d < LinearTable.INPUTS; d++) {
                    double mean = unit.mean()[d];
                    double deviation = unit.deviation()[d];
                    assertEquals(mean + deviation * plain.value(row, d), imputed.value(row, d), 1e-5);
                    assertEquals(mean + deviation * plain.draw(row, d, 0), imputed.draw(row, d, 0), 1e-5);
                    assertEquals(deviation * plain.uncertainty(row, d), imputed.uncertainty(row, d), 1e-5);
                }
            }
            assertEquals(given[0], imputed.fill(data).values()[0]);
            assertThrows(IllegalArgumentException.class, () -> imputed.fill(data.standardized(unit)));
        }
    }

    private static List<Double> bits(ImputedData imputed, int row) {
        List<Double> bits = new ArrayList<>(List.of(imputed.effectiveSamples(row)));
        for (int d = 0; d < LinearTable.INPUTS; d++) {
            bits.addAll(List.of(imputed.value(row, d), imputed.uncertainty(row, d)));
            for (int m = 0; m < imputed.draws(); m++) {
                bits.add(imputed.draw(row, d, m));
            }
        }
        return bits;
    }

    @Test
    void theBitsOfARowDependOnItAlone() {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            float[] others = ROWS.clone();
            Arrays.fill(others, 0, 2 * LinearTable.INPUTS, 0.7f);
            Set<List<Double>> results = new HashSet<>();
            for (long memory : new long[] {0, 100_000, MarginalLikelihood.MEMORY}) {
                results.add(bits(impute(linear, LinearTable.data(ROWS), 2000, 3, memory), 2));
                results.add(bits(impute(linear, LinearTable.data(others), 2000, 3, memory), 2));
            }
            assertEquals(1, results.size());
            results.add(bits(impute(linear, LinearTable.data(ROWS), 1999, 3), 2));
            assertEquals(2, results.size());
        }
    }

    @Test
    void whatIsFinishedIsKept() {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend);
                Imputation imputation = new Imputation(linear.vae, LinearTable.data(ROWS), 1500, 1, 5, 0)) {
            assertEquals(512, imputation.chunkSamples);
            // 3 chunks of each row that has gaps
            ImputedData all = imputation.run((finished, chunk, chunks) -> {
                assertEquals(12, chunks);
                assertEquals(chunk / 3, finished);
                return true;
            });
            assertTrue(!all.partial() && all.completeRows() == 5);
            ImputedData part = imputation.run((finished, chunk, chunks) -> chunk < 8);
            assertTrue(part.partial());
            assertEquals(2, part.finished());
            assertEquals(3, part.completeRows());
            assertEquals(bits(all, 2), bits(part, 2));
            assertTrue(Double.isNaN(part.value(3, 0)));
            float[] filled = part.fill(LinearTable.data(ROWS)).values();
            assertTrue(Float.isNaN(filled[15]) && filled[10] == (float) all.value(2, 0));
            assertEquals(0, imputation.run((finished, chunk, chunks) -> false).completeRows());
        }
    }

    @Test
    void fewEffectiveSamplesAreTold() {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            float[] far = ROWS.clone();
            Arrays.fill(far, 10, 15, 30);
            far[12] = NA;
            ImputedData imputed = impute(linear, LinearTable.data(far), 1000, 0);
            assertArrayEquals(new int[] {2}, imputed.unreliableRows());
            assertEquals(imputed.effectiveSamples(2), imputed.leastEffectiveSamples());
            assertTrue(imputed.effectiveSamples() > 100);
            assertEquals(1, impute(linear, LinearTable.data(far), 1, 0).effectiveSamples());
        }
    }

    @Test
    void nullArgumentsAreNamed() throws IOException {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend);
                Imputation imputation = new Imputation(linear.vae, LinearTable.data(ROWS), 2, 2, 0)) {
            NullArguments nulls = new NullArguments(Map.of(
                            Vae.class,
                            linear.vae,
                            Dataset.class,
                            LinearTable.data(ROWS),
                            Imputation.class,
                            imputation,
                            ImputedData.class,
                            imputation.run(MarginalLikelihood.Progress.NONE)))
                    .of(Imputation.class, ImputedData.class);
            assertEquals("", nulls.problems());
            assertEquals(5, nulls.calls());
        }
    }

    @Test
    void whatCannotBeImputedIsRefused() {
        try (Backend backend = Backends.reference();
                LinearTable linear = new LinearTable(backend)) {
            Dataset data = LinearTable.data(ROWS);
            assertThrows(IllegalArgumentException.class, () -> new Imputation(linear.vae, data, 0, 0, 0));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Imputation(linear.vae, data, Imputation.MAX_SAMPLES + 1, 0, 0));
            assertThrows(IllegalArgumentException.class, () -> new Imputation(linear.vae, data, 1, -1, 0));
            Dataset plain = Dataset.of("plain", new float[5], 5);
            assertEquals(
                    ElboException.Kind.DATA,
                    assertThrows(ElboException.class, () -> new Imputation(linear.vae, plain, 1, 0, 0))
                            .kind());
            VaeSpec spec = VaeSpec.builder(5).likelihood(Likelihood.GAUSSIAN).build();
            try (TinyModel other = new TinyModel(backend, spec, 1, 1)) {
                assertThrows(IllegalArgumentException.class, () -> new Imputation(other.vae, data, 1, 0, 0));
            }
        }
    }
}
