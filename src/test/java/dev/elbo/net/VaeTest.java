package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must stay equal when the same is asked in another way. */
class VaeTest {
    private static final int BATCH = 6;
    private static final int SAMPLES = 2;
    private static final int LATENT = 3;
    private static final int[] ORDER = {3, 0, 5, 1, 4, 2};

    private final Backend backend = new ReferenceBackend();

    private static VaeSpec spec(Component likelihood, boolean stochastic) {
        return VaeSpec.mlp(5, List.of(4, 3), LATENT, Activation.ELU, likelihood, stochastic);
    }

    @AfterEach
    void nothingStaysOpen() {
        assertTrue(backend.openBuffers().isEmpty(), "open: " + backend.openBuffers());
        backend.close();
    }

    private TinyModel model(Component likelihood, int batch) {
        return new TinyModel(backend, spec(likelihood, true), batch, SAMPLES);
    }

    /** Row i of the result is row order[i] of each of the {@code samples} blocks. */
    private static double[] permuted(double[] rows, int samples, int[] order) {
        int cols = rows.length / samples / order.length;
        double[] result = new double[rows.length];
        for (int k = 0; k < samples; k++) {
            for (int b = 0; b < order.length; b++) {
                System.arraycopy(
                        rows, (k * order.length + order[b]) * cols, result, (k * order.length + b) * cols, cols);
            }
        }
        return result;
    }

    private static double[] permutedColumns(double[] rows, int[] order) {
        double[] result = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            result[i] = rows[i / order.length * order.length + order[i % order.length]];
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void permutingABatchPermutesItsOutputs(Component likelihood) {
        try (TinyModel model = model(likelihood, BATCH)) {
            Objective objective = Objectives.iwae(SAMPLES);
            Activations a = model.activations(objective);
            double loss = model.step(objective, a);
            double[] mu = a.mu().toDoubles();
            double[] output = a.output().toDoubles();
            double[] weights = a.weights().toDoubles();
            double[] gradients = model.gradients.flat().toDoubles();
            model.x.write(permuted(model.x.toDoubles(), 1, ORDER));
            model.noise.write(permuted(model.noise.toDoubles(), SAMPLES, ORDER));
            assertEquals(loss, model.step(objective, a), 1e-13);
            assertArrayEquals(permuted(mu, 1, ORDER), a.mu().toDoubles());
            assertArrayEquals(permuted(output, SAMPLES, ORDER), a.output().toDoubles());
            // the variance of gaussian-optimal is a sum over the batch, in another order
            assertArrayEquals(permuted(weights, SAMPLES, ORDER), a.weights().toDoubles(), 1e-14);
            assertArrayEquals(gradients, model.gradients.flat().toDoubles(), 1e-13);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void duplicatingABatchKeepsMeanLossAndGradient(Component likelihood) {
        Objective objective = new Elbo(SAMPLES, KlMode.ANALYTIC);
        try (TinyModel single = model(likelihood, BATCH);
                TinyModel twice = model(likelihood, 2 * BATCH)) {
            double[] x = single.x.toDoubles();
            double[] noise = single.noise.toDoubles();
            for (int copy = 0; copy < 2; copy++) {
                twice.x.rows(copy * BATCH, BATCH).write(x);
                for (int k = 0; k < SAMPLES; k++) {
                    twice.noise
                            .rows((2 * k + copy) * BATCH, BATCH)
                            .write(Arrays.copyOfRange(noise, k * BATCH * LATENT, (k + 1) * BATCH * LATENT));
                }
            }
            double loss = single.step(objective, single.activations(objective));
            assertEquals(loss, twice.step(objective, twice.activations(objective)), 1e-13);
            assertArrayEquals(
                    single.gradients.flat().toDoubles(), twice.gradients.flat().toDoubles(), 1e-13);
        }
    }

    @Test
    void permutingLatentsKeepsTheElbo() {
        try (TinyModel model = model(Likelihood.BERNOULLI, BATCH)) {
            Objective objective = new Elbo(SAMPLES, KlMode.ANALYTIC);
            Activations a = model.activations(objective);
            double loss = model.step(objective, a);
            double[] output = a.output().toDoubles();
            int[] order = {2, 0, 1};
            for (String rows : List.of("mu.weight", "log_var.weight", "mu.bias", "log_var.bias")) {
                Tensor tensor = model.parameters.tensor(rows);
                tensor.write(permuted(tensor.toDoubles(), 1, order));
            }
            for (Tensor cols : List.of(model.parameters.tensor("decoder.0.weight"), model.noise)) {
                cols.write(permutedColumns(cols.toDoubles(), order));
            }
            assertEquals(loss, model.step(objective, a), 1e-13);
            assertArrayEquals(output, a.output().toDoubles(), 1e-13);
        }
    }

    @Test
    void encodingDoesNotDependOnTheBatch() {
        try (TinyModel model = model(Likelihood.BERNOULLI, BATCH);
                Activations all = model.vae.allocate(BATCH, 1, false);
                Activations one = model.vae.allocate(1, 1, false)) {
            model.vae.encode(model.x, all);
            for (int b = 0; b < BATCH; b++) {
                model.vae.encode(model.x.rows(b, 1), one);
                assertArrayEquals(all.mu().rows(b, 1).toDoubles(), one.mu().toDoubles());
                assertArrayEquals(
                        all.logVar().rows(b, 1).toDoubles(), one.logVar().toDoubles());
            }
        }
    }

    @Test
    void theOptimalVarianceIsTheBatchsInTrainingAndTheStoredOneInEvaluation() {
        try (TinyModel model = model(Likelihood.GAUSSIAN_OPTIMAL, BATCH);
                Activations training = model.vae.allocate(BATCH, SAMPLES, true);
                Activations evaluation = model.vae.allocate(BATCH, SAMPLES, false)) {
            assertEquals(0, model.vae.storedLogVar());
            for (Activations a : List.of(training, evaluation)) {
                model.vae.encode(model.x, a);
                model.vae.sample(a, NoiseSource.given(model.noise));
                model.vae.decode(a);
            }
            model.vae.fitVariance(model.x, training);
            model.vae.lossRows(model.x, training);
            model.vae.lossRows(model.x, evaluation);
            double[] output = training.output().toDoubles();
            double[] x = model.x.toDoubles();
            double squares = 0;
            for (int i = 0; i < output.length; i++) {
                squares += Math.pow(output[i] - x[i % x.length], 2) / output.length;
            }
            double optimum = Math.log(squares);
            assertEquals(optimum, training.outputLogVar().toDoubles()[0], 1e-14);
            assertEquals(0, evaluation.outputLogVar().toDoubles()[0]);
            assertTrue(mean(training) < mean(evaluation), "the optimum is not better than unit variance");
            model.vae.storeLogVar(optimum);
            model.vae.lossRows(model.x, evaluation);
            assertEquals(mean(training), mean(evaluation), 1e-13);
            assertThrows(IllegalArgumentException.class, () -> model.vae.storeLogVar(Double.NaN));
        }
    }

    private static double mean(Activations a) {
        return Arrays.stream(a.reconstruction().toDoubles()).average().orElseThrow();
    }

    @Test
    void theMeanIsWhatTheLikelihoodExpects() {
        for (Component likelihood : TinyModel.likelihoods()) {
            try (TinyModel model = model(likelihood, BATCH);
                    Activations a = model.vae.allocate(BATCH, 1, false)) {
                Tensor mean = model.tensor(ElementType.REAL, BATCH, 5);
                model.vae.encode(model.x, a);
                model.vae.decode(a.mu(), a);
                model.vae.mean(a, mean);
                double[] wanted = a.output().toDoubles();
                if (likelihood.equals(Likelihood.BERNOULLI)) {
                    Arrays.setAll(wanted, i -> 1 / (1 + Math.exp(-wanted[i])));
                }
                assertArrayEquals(wanted, model.vae.meanAt(a, mean).toDoubles(), 1e-15);
                Tensor where = likelihood.equals(Likelihood.BERNOULLI) ? mean : a.output();
                assertSame(where.buffer(), model.vae.meanAt(a, mean).buffer());
            }
        }
    }

    /** The reference multiplies row by row, so that half of the heads are the same bits. */
    @Test
    void theMeanOfTheCodeNeedsOneHeadAlone() {
        for (boolean stochastic : new boolean[] {true, false}) {
            try (TinyModel model = new TinyModel(backend, spec(Likelihood.GAUSSIAN, stochastic), BATCH, 1);
                    Activations a = model.vae.allocate(BATCH, 1, false)) {
                model.vae.encode(model.x, a);
                Tensor mu = model.tensor(ElementType.REAL, BATCH, a.mu().cols());
                model.vae.encodeMean(model.x, a, mu);
                assertArrayEquals(a.mu().toDoubles(), mu.toDoubles());
            }
        }
    }

    @Test
    void aPlainAutoencodersCodeIsItsMean() {
        try (TinyModel model = new TinyModel(backend, spec(Likelihood.GAUSSIAN, false), BATCH, 1);
                Activations a = model.vae.allocate(BATCH, 1, true)) {
            model.vae.encode(model.x, a);
            double[] mu = a.mu().toDoubles();
            model.vae.sample(a, null);
            assertArrayEquals(mu, a.z().toDoubles());
            assertSame(a.mu().buffer(), a.z().buffer());
            assertEquals(a.dMu(), a.dZ());
            assertThrows(IllegalArgumentException.class, a::logVar);
            assertThrows(IllegalArgumentException.class, a::kl);
            assertThrows(IllegalArgumentException.class, () -> model.vae.allocate(BATCH, 2, true));
        }
    }

    @Test
    void evaluationHasNoGradients() {
        try (TinyModel model = model(Likelihood.BERNOULLI, BATCH);
                Activations a = model.vae.allocate(BATCH, SAMPLES, false)) {
            assertThrows(IllegalArgumentException.class, a::dOutput);
            assertThrows(IllegalArgumentException.class, a::dMu);
            assertThrows(IllegalArgumentException.class, () -> model.vae.allocate(0, 1, false));
            assertThrows(ElboException.class, () -> model.vae.allocate(1 << 20, 1 << 20, false));
        }
    }

    @Test
    void parametersOfAnotherModelAreRefused() {
        try (Arena other = backend.allocate(Parameters.layout(spec(Likelihood.GAUSSIAN_LEARNED, true)))) {
            assertThrows(
                    IllegalArgumentException.class, () -> new Vae(backend, spec(Likelihood.GAUSSIAN, true), other));
        }
    }
}
