package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.linalg.Moments;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds for every model: nothing depends on chunks, and what is finished counts. */
class MarginalLikelihoodTest {
    private static final VaeSpec SMALL = VaeSpec.mlp(30, List.of(24), 5, Activation.TANH, Likelihood.BERNOULLI, true);
    /** A block only. */
    private static final long LEAST = 0;

    private static Dataset examples(int count, int features) {
        float[] values = new float[count * features];
        Noise.uniforms(7, 0, NoiseStream.INITIALIZE, 0, 0, values.length, values, 0);
        return Dataset.of("uniforms", values, features);
    }

    private static MarginalLikelihood open(TinyModel model, DataSource data, int samples, long memory) {
        return new MarginalLikelihood(
                model.vae, data, samples, model.spec.likelihood().equals(Likelihood.BERNOULLI), 5, memory);
    }

    private static LikelihoodEstimate run(TinyModel model, DataSource data, int samples, long memory) {
        try (MarginalLikelihood likelihood = open(model, data, samples, memory)) {
            return likelihood.run("log p(x)", MarginalLikelihood.Progress.NONE);
        }
    }

    /** Every bit of it. */
    private static List<Object> bits(LikelihoodEstimate e) {
        return List.of(
                Arrays.toString(e.logLikelihoods()),
                e.bounds(),
                e.logLikelihood(),
                e.monteCarloError(),
                e.sampleError(),
                e.reconstruction(),
                e.kl(),
                e.sampledKl(),
                e.effective(),
                e.leastEffective(),
                e.gap(),
                e.gapMonteCarloError(),
                e.gapSampleError());
    }

    /** Sizes that take the products through their different paths. */
    @ParameterizedTest
    @CsvSource({
        "reference, 0, 30, 24, 5, bernoulli", "reference, 0, 7, 3, 1, gaussian",
        "cpu, 1, 30, 24, 5, bernoulli", "cpu, 3, 30, 24, 5, bernoulli",
        "cpu, 2, 784, 400, 20, bernoulli", "cpu, 1, 333, 97, 13, gaussian"
    })
    void theBitsDoNotDependOnTheChunks(
            String name, int threads, int inputs, int hidden, int latent, Component likelihood) {
        VaeSpec spec = VaeSpec.mlp(inputs, List.of(hidden), latent, Activation.TANH, likelihood, true);
        Dataset examples = examples(45, inputs);
        Set<List<Object>> results = new HashSet<>();
        Set<Integer> chunks = new HashSet<>();
        try (Backend backend = Backends.builder(name).threads(threads).open();
                TinyModel model = new TinyModel(backend, spec, 2, 1)) {
            long row = (inputs + hidden + latent) * (long) Double.BYTES;
            for (long rows : new long[] {LEAST, 1024, 2048, 1 << 20}) {
                for (boolean resident : new boolean[] {true, false}) {
                    try (DataSource data = resident
                                    ? ResidentData.upload(backend, examples)
                                    : new StreamedData(backend, examples);
                            MarginalLikelihood all = open(model, data, 100, rows * row)) {
                        chunks.add(all.chunkSamples);
                        results.add(bits(all.run("log p(x)", MarginalLikelihood.Progress.NONE)));
                        results.add(bits(all.run("log p(x)", MarginalLikelihood.Progress.NONE)));
                    }
                }
            }
        }
        assertEquals(1, results.size());
        assertEquals(Set.of(16, 32, 64, 112), chunks);
    }

    @Test
    void fewExamplesFillTheirBlocksWithSamples() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                TinyModel model = new TinyModel(backend, SMALL, 2, 1)) {
            for (int count : new int[] {1, 3, 16}) {
                Set<List<Object>> results = new HashSet<>();
                for (long memory : new long[] {LEAST, MarginalLikelihood.MEMORY}) {
                    try (ResidentData data = ResidentData.upload(backend, examples(count, SMALL.inputs()))) {
                        LikelihoodEstimate e = run(model, data, 1100, memory);
                        assertEquals(count, e.examples());
                        assertEquals(
                                List.of(1, 5, 50, 500, 1100),
                                e.bounds().stream()
                                        .map(LikelihoodEstimate.Bound::samples)
                                        .toList());
                        results.add(bits(e));
                    }
                }
                assertEquals(1, results.size(), count + " examples");
            }
        }
    }

    /** An example's value is its own, and so are its draws. */
    @Test
    void moreExamplesAndOtherSeeds() {
        try (Backend backend = Backends.builder("cpu").threads(2).open();
                TinyModel model = new TinyModel(backend, SMALL, 2, 1);
                ResidentData some = ResidentData.upload(backend, examples(32, SMALL.inputs()));
                ResidentData all = ResidentData.upload(backend, examples(70, SMALL.inputs()))) {
            double[] few = run(model, some, 20, LEAST).logLikelihoods();
            double[] more = run(model, all, 20, LEAST).logLikelihoods();
            assertArrayEquals(few, Arrays.copyOf(more, 32));
            try (MarginalLikelihood other = new MarginalLikelihood(model.vae, some, 20, true, 6, LEAST)) {
                assertNotEquals(
                        few[0],
                        other.run("log p(x)", MarginalLikelihood.Progress.NONE).logLikelihoods()[0]);
            }
        }
    }

    @Test
    void whatIsFinishedCounts() {
        try (Backend backend = Backends.builder("cpu").threads(2).open();
                TinyModel model = new TinyModel(backend, SMALL, 2, 1);
                ResidentData data = ResidentData.upload(backend, examples(70, SMALL.inputs()));
                MarginalLikelihood likelihood = open(model, data, 40, LEAST)) {
            // 3 chunks of 16 samples for each of 3 groups
            LikelihoodEstimate all = likelihood.run("log p(x)", (finished, chunk, chunks) -> {
                assertEquals(9, chunks);
                assertEquals(chunk < 3 ? 0 : chunk < 6 ? 32 : chunk < 9 ? 64 : 70, finished);
                return true;
            });
            assertTrue(!all.partial() && all.examples() == 70);
            LikelihoodEstimate part = likelihood.run("log p(x)", (finished, chunk, chunks) -> chunk < 5);
            assertTrue(part.partial());
            assertEquals(32, part.examples());
            assertEquals(70, part.total());
            assertArrayEquals(Arrays.copyOf(all.logLikelihoods(), 32), part.logLikelihoods());
            assertEquals(Arrays.stream(part.logLikelihoods()).average().orElseThrow(), part.logLikelihood(), 1e-12);
            assertEquals(
                    0,
                    likelihood
                            .run("log p(x)", (finished, chunk, chunks) -> false)
                            .examples());
            assertEquals(bits(all), bits(likelihood.run("log p(x)", MarginalLikelihood.Progress.NONE)));
        }
    }

    @Test
    void whatIsNotFiniteIsNamed() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                TinyModel model = new TinyModel(backend, SMALL, 2, 1);
                ResidentData data = ResidentData.upload(backend, examples(3, SMALL.inputs()))) {
            double[] bias = new double[SMALL.inputs()];
            bias[4] = Double.NaN;
            model.parameters.tensor("output.bias").write(bias);
            ElboException e = assertThrows(ElboException.class, () -> run(model, data, 20, LEAST));
            assertEquals(ElboException.Kind.NUMERIC, e.kind());
            assertTrue(e.getMessage().matches("log p\\(x\\): example \\d, sample 0 .*NaN.*"), e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> open(model, data, 1, LEAST));
        }
    }

    /** Sums kept relative to the largest weight are those of the weights themselves, in whichever order these come. */
    @Test
    void sumsOfWeights() {
        double[] logs = {3, -2, 5, 5, 0.5, 4};
        double[] weights = Arrays.stream(logs).map(Math::exp).toArray();
        double sum = Arrays.stream(weights).sum();
        double squares = Arrays.stream(weights).map(w -> w * w).sum();
        double mean = sum / logs.length;
        double variance =
                Arrays.stream(weights).map(w -> (w - mean) * (w - mean)).sum() / (logs.length - 1);
        double weighted = 0;
        for (int i = 0; i < logs.length; i++) {
            weighted += weights[i] * logs[i] / sum;
        }
        for (double shift : new double[] {0, -1e5, 1e5}) {
            WeightSums sums = new WeightSums();
            WeightSums half = new WeightSums();
            for (int i = 0; i < logs.length; i++) {
                (i < 2 ? half : sums).add(logs[i] + shift);
            }
            sums.add(half);
            sums.add(new WeightSums());
            assertEquals(Math.log(mean) + shift, sums.logMean(), 1e-10);
            assertEquals(sum * sum / squares, sums.effective(), 1e-9);
            assertEquals(variance / logs.length / (mean * mean), sums.logMeanVariance(), 1e-9);
            assertEquals(weighted + shift, sums.weightedLog(), 1e-9);
        }
    }

    /** L_k is the mean over blocks of k draws, and the errors are those of the definition. */
    @Test
    void theLadderOfOneExample() {
        int n = 730;
        double[] loss = TinyModel.normals(1, n);
        double[] divergence = TinyModel.normals(2, n);
        double[] logs = new double[n];
        ExampleWeights weights = new ExampleWeights();
        for (int k = 0; k < n; k++) {
            logs[k] = weights.add(100 + loss[k], divergence[k]);
            assertEquals(-100 - loss[k] - divergence[k], logs[k]);
        }
        WeightSums all = weights.finish();
        assertEquals(n, all.count());
        assertEquals(logMean(logs, 0, n), all.logMean(), 1e-12);
        assertEquals(4, ExampleWeights.rungs(n));
        for (int rung = 0; rung < 4; rung++) {
            int k = ExampleWeights.samples(rung);
            Moments blocks = new Moments();
            for (int first = 0; first + k <= n; first += k) {
                blocks.add(logMean(logs, first, k));
            }
            assertEquals(blocks.mean(), weights.bound(rung), 1e-12);
            if (k < 500) {
                assertEquals(blocks.meanVariance(), weights.boundVariance(rung), 1e-12);
            }
        }
        assertEquals(variance(logs, 0, 500, 0), weights.boundVariance(3), 1e-12);
        assertEquals(variance(logs, 0, n, 0), all.logMeanVariance(), 1e-12);
        assertEquals(variance(logs, 0, n, 1), weights.gapVariance(), 2e-3 * weights.gapVariance());
        assertTrue(variance(logs, 0, n, -1) > 1.5 * weights.gapVariance(), "the correlation is there to be seen");
    }

    private static double logMean(double[] logs, int first, int count) {
        return Math.log(Arrays.stream(logs, first, first + count)
                .map(Math::exp)
                .average()
                .orElseThrow());
    }

    /** Of the mean of w / w̄ − share · log w. */
    private static double variance(double[] logs, int first, int count, double share) {
        double mean = Math.exp(logMean(logs, first, count));
        Moments moments = new Moments();
        Arrays.stream(logs, first, first + count)
                .map(log -> Math.exp(log) / mean - share * log)
                .forEach(moments::add);
        return moments.meanVariance();
    }
}
