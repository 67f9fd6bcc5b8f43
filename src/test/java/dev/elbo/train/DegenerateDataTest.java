package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Data without variation, and encoders that are surer or less sure than float32 can say: finite, as in the reference. */
class DegenerateDataTest {
    private static final int INPUTS = 5;

    /** What the rows are like. */
    enum Rows {
        ZEROS {
            @Override
            float value(int row, int feature) {
                return 0;
            }
        },
        /** All features but one, which varies. */
        CONSTANT {
            @Override
            float value(int row, int feature) {
                return feature == 0 ? row % 2 : 0.25f * feature;
            }
        };

        abstract float value(int row, int feature);

        Dataset data(int examples) {
            float[] values = new float[examples * INPUTS];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(i / INPUTS, i % INPUTS);
            }
            return Dataset.of(name(), values, INPUTS);
        }
    }

    /** Those that are held to the reference. */
    List<Supplier<Backend>> backends() {
        return List.of(() -> Backends.builder("cpu").threads(2).open());
    }

    private static final List<Objective> OBJECTIVES = List.of(Objectives.vae(), Objectives.iwae(3));

    static List<Arguments> degenerate() {
        List<Arguments> cases = new ArrayList<>();
        for (Rows rows : Rows.values()) {
            for (Component likelihood : TinyModel.likelihoods()) {
                for (Objective objective : OBJECTIVES) {
                    if (!likelihood.equals(Likelihood.GAUSSIAN_OPTIMAL) || objective instanceof Elbo) {
                        cases.add(Arguments.of(rows, likelihood, objective, 0.0));
                    }
                }
            }
        }
        for (Objective objective : OBJECTIVES) {
            for (double logVariance : new double[] {-1e4, 1e4}) {
                cases.add(Arguments.of(Rows.CONSTANT, Likelihood.BERNOULLI, objective, logVariance));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("degenerate")
    void trainingStaysFiniteAndIsThatOfTheReference(
            Rows rows, Component likelihood, Objective objective, double logVariance) {
        List<EpochMetrics> expected = train(Backends.reference(), rows, likelihood, objective, logVariance);
        for (Supplier<Backend> backend : backends()) {
            List<EpochMetrics> actual = train(backend.get(), rows, likelihood, objective, logVariance);
            for (int i = 0; i < expected.size(); i++) {
                close(expected.get(i).train(), actual.get(i).train(), "epoch " + (i + 1));
                close(expected.get(i).test(), actual.get(i).test(), "epoch " + (i + 1) + ", test");
            }
        }
    }

    private static void close(EpochMetrics.Part expected, EpochMetrics.Part actual, String where) {
        double[] e = {expected.elbo(), expected.loss(), expected.reconstruction(), expected.kl()};
        double[] a = {actual.elbo(), actual.loss(), actual.reconstruction(), actual.kl()};
        for (int i = 0; i < 4; i++) {
            assertTrue(Double.isFinite(e[i]) && Double.isFinite(a[i]), where + ": " + expected + ", " + actual);
            assertEquals(e[i], a[i], 1e-3 * Math.max(1, Math.abs(e[i])), where + ": " + expected + ", " + actual);
        }
    }

    private static List<EpochMetrics> train(
            Backend backend, Rows rows, Component likelihood, Objective objective, double logVariance) {
        VaeSpec spec = VaeSpec.mlp(INPUTS, List.of(6), 2, Activation.RELU, likelihood, true);
        TrainingOptions options = TrainingOptions.builder()
                .epochs(3)
                .batchSize(10)
                .learningRate(1e-3)
                .seed(2)
                .patience(0)
                .build();
        try (backend;
                Trainer trainer = Trainer.builder(backend, spec, Split.of(rows.data(34), rows.data(7)))
                        .objective(objective)
                        .options(options)
                        .build()) {
            if (logVariance != 0) {
                float[] bias = new float[2];
                Arrays.fill(bias, (float) logVariance);
                trainer.parameters().tensor("log_var.bias").write(bias);
            }
            return trainer.run(TrainingListener.NONE).epochs();
        }
    }
}
