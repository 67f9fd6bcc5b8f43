package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.NoiseSource;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.TinyModel;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScoresTest {
    private static final int INPUTS = 12;
    private static final int LATENT = 3;
    private static final long SEED = 77;
    private static final int L = 5;

    private static VaeSpec spec(Component likelihood, boolean stochastic) {
        return VaeSpec.mlp(INPUTS, List.of(8), LATENT, Activation.TANH, likelihood, stochastic);
    }

    private static Dataset data(int examples) {
        float[] pixels = new float[examples * INPUTS];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, pixels.length, pixels, 0);
        return Dataset.of("pixels", pixels, INPUTS);
    }

    private static TinyModel model(Backend backend, VaeSpec spec) {
        TinyModel model = new TinyModel(backend, spec, 1, 1);
        if (spec.likelihood().equals(Likelihood.GAUSSIAN_OPTIMAL)) {
            model.vae.storeLogVar(-1.5);
        }
        return model;
    }

    private static double[] score(
            Backend backend, VaeSpec spec, Dataset data, AnomalyScore kind, int samples, DataPlacement where) {
        try (TinyModel model = model(backend, spec);
                DataSource source = DataSource.of(backend, data, where)) {
            return new Scores(model.vae, kind, samples, SEED).compute(source, "pixels");
        } finally {
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
        }
    }

    private static double[] score(Backend backend, Component likelihood, Dataset data, AnomalyScore kind, int samples) {
        return score(backend, spec(likelihood, true), data, kind, samples, DataPlacement.AUTO);
    }

    /**
     * The scores of the first examples from −log p(x|z) and the posterior alone, with log q(z|x), log p(z), the KL
     * divergence and the mean over samples written out here.
     */
    private static double[] byHand(
            Backend backend, VaeSpec spec, Dataset data, AnomalyScore kind, int samples, int rows) {
        try (TinyModel model = model(backend, spec);
                Activations a = model.vae.allocate(rows, samples, false)) {
            Vae vae = model.vae;
            Tensor x = model.tensor(ElementType.REAL, rows, INPUTS);
            x.write(Arrays.copyOf(data.values(), rows * INPUTS));
            Tensor noise = model.tensor(ElementType.REAL, samples * rows, LATENT);
            double[] epsilon = new double[samples * rows * LATENT];
            for (int l = 0; l < samples; l++) {
                for (int b = 0; b < rows; b++) {
                    // row 0's for every example
                    Noise.normals(SEED, 0, NoiseStream.EVALUATION, l, 0, LATENT, epsilon, (l * rows + b) * LATENT);
                }
            }
            noise.write(epsilon);
            vae.encode(x, a);
            vae.sample(a, NoiseSource.given(noise));
            vae.decode(a);
            vae.lossRows(x, a);
            double[] mu = a.mu().toDoubles();
            double[] logVar = a.logVar().toDoubles();
            double[] reconstruction = a.reconstruction().toDoubles();
            double[] scores = new double[rows];
            for (int b = 0; b < rows; b++) {
                double mean = 0;
                double likelihood = 0;
                double kl = 0;
                for (int l = 0; l < samples; l++) {
                    double logRatio = 0;
                    for (int j = 0; j < LATENT; j++) {
                        double e = epsilon[(l * rows + b) * LATENT + j];
                        double variance = logVar[b * LATENT + j];
                        double z = mu[b * LATENT + j] + Math.exp(variance / 2) * e;
                        double logQ = -(e * e + variance + Math.log(2 * Math.PI)) / 2;
                        double logP = -(z * z + Math.log(2 * Math.PI)) / 2;
                        logRatio += logP - logQ;
                    }
                    mean += reconstruction[l * rows + b] / samples;
                    likelihood += Math.exp(logRatio - reconstruction[l * rows + b]) / samples;
                }
                for (int j = 0; j < LATENT; j++) {
                    double m = mu[b * LATENT + j];
                    double variance = logVar[b * LATENT + j];
                    kl += (m * m + Math.exp(variance) - variance - 1) / 2;
                }
                scores[b] = switch (kind) {
                    case NEGATIVE_ELBO -> mean + kl;
                    case RECONSTRUCTION -> mean;
                    case NEGATIVE_LOG_LIKELIHOOD -> -Math.log(likelihood);
                };
            }
            return scores;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void areWhatTheirFormulasSay(Component likelihood) {
        Dataset data = data(450);
        try (Backend reference = Backends.reference();
                Backend cpu = Backends.builder("cpu").threads(2).open()) {
            for (AnomalyScore kind : AnomalyScore.values()) {
                double[] expected = byHand(reference, spec(likelihood, true), data, kind, L, 450);
                assertArrayEquals(expected, score(reference, likelihood, data, kind, L), 1e-10, kind.toString());
                assertArrayEquals(expected, score(cpu, likelihood, data, kind, L), 1e-4, kind.toString());
            }
        }
    }

    @Test
    void dependNeitherOnTheBatchNorOnWhereTheDataAre() {
        Dataset data = data(2100);
        Dataset some = data.first(130);
        try (Backend backend = Backends.builder("cpu").threads(2).open()) {
            for (AnomalyScore kind : AnomalyScore.values()) {
                VaeSpec spec = spec(Likelihood.GAUSSIAN, true);
                double[] all = score(backend, spec, data, kind, 1, DataPlacement.RESIDENT);
                assertArrayEquals(all, score(backend, spec, data, kind, 1, DataPlacement.STREAMED));
                double[] alone = score(backend, spec, some, kind, 1, DataPlacement.RESIDENT);
                assertArrayEquals(alone, Arrays.copyOf(all, 130), 1e-5, kind.toString());
                // 2000 samples are a chunk of one example, 300 a chunk of three
                for (int samples : new int[] {300, 2000}) {
                    double[] first = score(backend, spec, data.first(4), kind, samples, DataPlacement.RESIDENT);
                    assertArrayEquals(byHand(backend, spec, data, kind, samples, 4), first, 1e-4, kind.toString());
                }
            }
        }
    }

    /** The same row has the same score in whatever place and company, on every backend and of every kind. */
    @Test
    void areFunctionsOfTheExample() {
        Dataset data = data(1500);
        int[] order = IntStream.range(0, 1500).map(i -> (i * 7 + 3) % 1500).toArray();
        try (Backend reference = Backends.reference();
                Backend cpu = Backends.builder("cpu").threads(2).open()) {
            for (Backend backend : List.of(reference, cpu)) {
                for (AnomalyScore kind : AnomalyScore.values()) {
                    double[] scores = score(backend, Likelihood.BERNOULLI, data, kind, 3);
                    double[] moved = score(backend, Likelihood.BERNOULLI, data.subset("moved", order), kind, 3);
                    for (int i = 0; i < order.length; i++) {
                        assertEquals(scores[order[i]], moved[i], 1e-6 * Math.max(1, Math.abs(moved[i])));
                    }
                }
            }
        }
    }

    @Test
    void moreSamplesTightenTheLikelihoodAndTheKindsKeepTheirOrder() {
        double elbo = mean(AnomalyScore.NEGATIVE_ELBO, 50, 10);
        double likelihood = mean(AnomalyScore.NEGATIVE_LOG_LIKELIHOOD, 50, 10);
        double looser = mean(AnomalyScore.NEGATIVE_LOG_LIKELIHOOD, 2, 250);
        double reconstruction = mean(AnomalyScore.RECONSTRUCTION, 50, 10);
        assertTrue(elbo > looser && looser > likelihood && elbo > reconstruction);
    }

    /** Over examples and, since they share their draws, over seeds. */
    private static double mean(AnomalyScore kind, int samples, int seeds) {
        Dataset data = data(40);
        try (Backend backend = Backends.builder("cpu").threads(2).open();
                TinyModel model = model(backend, spec(Likelihood.BERNOULLI, true));
                DataSource source = DataSource.of(backend, data, DataPlacement.AUTO)) {
            return IntStream.range(0, seeds)
                    .mapToDouble(seed -> mean(new Scores(model.vae, kind, samples, seed).compute(source, "pixels")))
                    .average()
                    .orElseThrow();
        }
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @Test
    void aPlainAutoencoderHasItsReconstructionAlone() {
        VaeSpec plain = spec(Likelihood.GAUSSIAN, false);
        Dataset data = data(30);
        try (Backend backend = Backends.reference()) {
            double[] one = score(backend, plain, data, AnomalyScore.RECONSTRUCTION, 1, DataPlacement.AUTO);
            assertArrayEquals(one, score(backend, plain, data, AnomalyScore.RECONSTRUCTION, 9, DataPlacement.AUTO));
            for (AnomalyScore kind : List.of(AnomalyScore.NEGATIVE_ELBO, AnomalyScore.NEGATIVE_LOG_LIKELIHOOD)) {
                assertThrows(
                        IllegalArgumentException.class, () -> score(backend, plain, data, kind, 1, DataPlacement.AUTO));
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> score(backend, plain, data, AnomalyScore.RECONSTRUCTION, 0, DataPlacement.AUTO));
        }
    }

    @Test
    void aScoreThatIsNotFiniteNamesItsRow() {
        float[] values = data(10).values();
        values[7 * INPUTS + 2] = 3e38f;
        Dataset extreme = Dataset.of("extreme", values, INPUTS);
        try (Backend backend = Backends.builder("cpu").threads(1).open()) {
            ElboException thrown = assertThrows(
                    ElboException.class,
                    () -> score(backend, Likelihood.GAUSSIAN, extreme, AnomalyScore.RECONSTRUCTION, 3));
            assertEquals(ElboException.Kind.NUMERIC, thrown.kind());
            assertTrue(thrown.getMessage().contains("row 7"), thrown.getMessage());
        }
    }

    @Test
    void theSeedIsThatOfTheNoise() {
        Dataset data = data(20);
        try (Backend backend = Backends.reference();
                TinyModel model = model(backend, spec(Likelihood.GAUSSIAN, true));
                DataSource source = DataSource.of(backend, data, DataPlacement.AUTO)) {
            double[] one = new Scores(model.vae, AnomalyScore.NEGATIVE_ELBO, 2, 1).compute(source, "pixels");
            double[] other = new Scores(model.vae, AnomalyScore.NEGATIVE_ELBO, 2, 2).compute(source, "pixels");
            assertTrue(IntStream.range(0, 20).allMatch(i -> one[i] != other[i]));
        }
    }
}
