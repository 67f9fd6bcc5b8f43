package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Likelihood;
import dev.elbo.model.MixedTable;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A model of values in another unit and the model of the values themselves give a table with gaps the same nats. */
class LogJacobianTest {
    private static final int ROWS = 40;
    /** Powers of two: no rounding. */
    private static final double[] DEVIATION = {4, 1, 1, 1, 1, 1, 0.5, 16, 1};

    private static final Standardization UNIT =
            Standardization.fromJson("{\"mean\":[0],\"deviation\":" + Arrays.toString(DEVIATION) + "}", 9);
    private static final VaeSpec SPEC = VaeSpec.mlp(
            MixedTable.PLACES, List.of(6), 3, Activation.TANH, Likelihood.columns(MixedTable.TABLE.modelled()), true);

    private static Dataset data() {
        return Dataset.of("table", MixedTable.TABLE, MixedTable.rows(ROWS, 5));
    }

    /** The same model of values that are not standardised. */
    private static void undo(TinyModel model) {
        scale(model, "encoder.0.weight", (i, cols) -> 1 / DEVIATION[i % cols]);
        scale(model, "output.weight", (i, cols) -> DEVIATION[i / cols]);
        scale(model, "output.bias", (i, cols) -> DEVIATION[i]);
        Tensor logVar = model.parameters.tensor("output.log_var");
        double[] values = logVar.toDoubles();
        int[] places = {0, 6, 7};
        Arrays.setAll(values, i -> values[i] + 2 * Math.log(DEVIATION[places[i]]));
        logVar.write(values);
    }

    private interface Factor {
        double of(int i, int cols);
    }

    private static void scale(TinyModel model, String name, Factor factor) {
        Tensor tensor = model.parameters.tensor(name);
        double[] values = tensor.toDoubles();
        Arrays.setAll(values, i -> values[i] * factor.of(i, tensor.cols()));
        tensor.write(values);
    }

    private interface Work<T> {
        T of(TinyModel model, DataSource data);
    }

    private static <T> T run(boolean standardized, Work<T> work) {
        try (Backend backend = Backends.reference();
                TinyModel model = new TinyModel(backend, SPEC, 1, 1)) {
            if (!standardized) {
                undo(model);
            }
            Dataset data = standardized ? data().standardized(UNIT) : data();
            try (DataSource source = DataSource.of(backend, data, DataPlacement.AUTO)) {
                return work.of(model, source);
            }
        }
    }

    private static <T> void requireSame(Work<T> work, Function<T, T> undone, Function<T, double[]> numbers) {
        double[] wanted = numbers.apply(run(false, work));
        T standardized = run(true, work);
        assertArrayEquals(wanted, numbers.apply(undone.apply(standardized)), 1e-9);
        assertTrue(Math.abs(wanted[0] - numbers.apply(standardized)[0]) > 0.1, "there is something to undo");
    }

    @Test
    void everyScoreIsThatOfTheValuesAsGiven() {
        LogJacobian unit = LogJacobian.of(data().standardized(UNIT));
        for (AnomalyScore kind : AnomalyScore.values()) {
            requireSame(
                    (model, data) -> new Scores(model.vae, kind, 4, 1).compute(data, "table"),
                    unit::undo,
                    scores -> scores);
        }
    }

    @Test
    void anEvaluationIsThatOfTheValuesAsGiven() {
        LogJacobian unit = LogJacobian.of(data().standardized(UNIT));
        requireSame(
                (model, data) -> {
                    try (Evaluator evaluator = new Evaluator(model.vae, data, 3, false, 0)) {
                        return evaluator.run("table");
                    }
                },
                unit::undo,
                e -> new double[] {e.elbo(), e.reconstruction(), e.kl(), e.bound()});
    }

    @Test
    void anEstimateIsThatOfTheValuesAsGiven() {
        LogJacobian unit = LogJacobian.of(data().standardized(UNIT));
        requireSame(LogJacobianTest::estimate, unit::undo, LogJacobianTest::numbers);
        // of the first 32 examples alone, a group
        LikelihoodEstimate[] partial = {run(false, LogJacobianTest::part), run(true, LogJacobianTest::part)};
        assertEquals(32, partial[1].examples());
        assertArrayEquals(numbers(partial[0]), numbers(unit.undo(partial[1])), 1e-9);
    }

    private static LikelihoodEstimate estimate(TinyModel model, DataSource data) {
        try (MarginalLikelihood likelihood = new MarginalLikelihood(model.vae, data, 20, false, 0, 1 << 20)) {
            return likelihood.run("table", MarginalLikelihood.Progress.NONE);
        }
    }

    private static LikelihoodEstimate part(TinyModel model, DataSource data) {
        try (MarginalLikelihood likelihood = new MarginalLikelihood(model.vae, data, 20, false, 0, 1 << 20)) {
            return likelihood.run("table", (finished, chunk, chunks) -> finished == 0);
        }
    }

    private static double[] numbers(LikelihoodEstimate e) {
        double[] numbers = {
            e.logLikelihood(),
            e.monteCarloError(),
            e.sampleError(),
            e.reconstruction(),
            e.elbo(),
            e.gap(),
            e.gapSampleError(),
            e.bounds().get(0).value(),
            e.logLikelihoods()[1],
            e.logLikelihoods()[7]
        };
        return numbers;
    }

    @Test
    void onlyObservedValuesCount() {
        Dataset data = data().standardized(UNIT);
        LogJacobian unit = LogJacobian.of(data);
        assertTrue(unit.varies());
        double[] each = unit.undo(new double[ROWS]);
        assertEquals(0, each[1], "of a row without values");
        double sum = 0;
        for (int i = 0; i < ROWS; i++) {
            double nats = 0;
            for (int d = 0; d < DEVIATION.length; d++) {
                nats += Float.isNaN(data.row(i)[d]) ? 0 : Math.log(DEVIATION[d]);
            }
            assertEquals(nats, each[i], 1e-12);
            assertEquals(nats, UNIT.logDeviation(data.values(), i * DEVIATION.length), 1e-12);
            sum += nats;
        }
        assertEquals(sum / ROWS, unit.mean(ROWS), 1e-12);
    }

    @Test
    void withoutATableItIsTheSameForAll() {
        Dataset plain = Dataset.of("plain", new float[][] {{1, 2}, {3, 5}, {4, 4}});
        Dataset standardized = plain.standardized(Standardization.perFeature(plain));
        LogJacobian unit = LogJacobian.of(standardized);
        assertFalse(unit.varies());
        double nats = standardized.standardization().orElseThrow().logDeviation();
        assertEquals(nats, unit.mean(2));
        Evaluation evaluation = new Evaluation(-3, 2, 1, -2.5);
        assertEquals(evaluation.lower(nats), unit.undo(evaluation));
        assertArrayEquals(new double[] {1 + nats, nats}, unit.undo(new double[] {1, 0}));
        assertEquals(evaluation, LogJacobian.of(plain).undo(evaluation));
    }

    @Test
    void observedValuesAreCountedByColumn() {
        float[] rows = MixedTable.rows(ROWS, 5);
        long observed = 0;
        for (int i = 0; i < rows.length; i++) {
            int place = i % MixedTable.PLACES;
            boolean first = place != 3 && place != 4;
            observed += first && !Float.isNaN(rows[i]) ? 1 : 0;
        }
        ObservedValues values = ObservedValues.of(data(), MixedTable.TABLE.modelled());
        assertEquals(new ObservedValues(observed, 7 * ROWS), values);
        assertEquals(3.0 * ROWS / observed, values.share(3, ROWS));
        assertEquals(Double.NaN, new ObservedValues(0, 7).share(3, 1));
        assertEquals(ColumnKind.CATEGORICAL, MixedTable.TABLE.modelled().kinds().get(4));
    }
}
