package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Parameters;
import dev.elbo.net.TinyModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Draws from p(x|z): their noise, their variance, and that it is the distribution which the score is of. */
class OutputDistributionTest {
    private static final int INPUTS = 5;
    private static final long SEED = 42;

    private static VaeSpec spec(Component likelihood) {
        return spec(likelihood, likelihood.equals(Likelihood.GAUSSIAN_LEARNED));
    }

    private static VaeSpec spec(Component likelihood, boolean perDimension) {
        return VaeSpec.mlp(
                INPUTS,
                List.of(8),
                2,
                Activation.TANH,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                true);
    }

    /** What is asked of a model on a backend, with a variance of the output that is neither 1 nor the same everywhere. */
    private static <T> T on(String backend, VaeSpec spec, Function<TinyModel, T> asked) {
        try (Backend opened = Backends.builder(backend).threads(2).open();
                TinyModel model = new TinyModel(opened, spec, 4, 1)) {
            if (spec.likelihood().equals(Likelihood.GAUSSIAN_OPTIMAL)) {
                model.vae.storeLogVar(-1.5);
            }
            if (model.parameters.names().contains(Parameters.OUTPUT_LOG_VAR)) {
                double[] logVar = {-3, 1.5, -0.5, 2, -1};
                Tensor stored = model.parameters.tensor(Parameters.OUTPUT_LOG_VAR);
                stored.write(Arrays.copyOf(logVar, stored.cols()));
            }
            return asked.apply(model);
        }
    }

    private static OutputDistribution distribution(VaeSpec spec) {
        return on("reference", spec, model -> OutputDistribution.of(model.vae));
    }

    /**
     * The uniform and the normal of a value, D = 5, by a program of its own: Philox in whole numbers, checked by Random123's
     * known answers, and Box and Muller's transform in float64.
     */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0x1.a3f8b6p-1, -0.5370636228089055",
        "0, 0, 1, 0x1.2cb84ap-1, -0.32838709234006697",
        "0, 0, 4, 0x1.47edc2p-1, 0.0790753016649179",
        "0, 1, 0, 0x1.86d58ep-1, -0.9406400376898413",
        "0, 1, 2, 0x1.f073fcp-2, 0.0674007447795412",
        "7, 0, 0, 0x1.ec928cp-2, 0.6664772211340017",
        "42, 999, 3, 0x1.220a98p-3, 1.9528144178072124",
        "42, 1024, 1, 0x1.fa26a2p-1, -0.00998105706960369",
        "81985529216486895, 3000000000, 4, 0x1.c95ba4p-2, 1.2692715049325747",
        "-5, 12345, 2, 0x1.55d80cp-2, 1.1880000326376665"
    })
    void theNoiseOfAValueIsThatOfItsAddress(long seed, long row, int column, String uniform, double normal) {
        float[] zeros = new float[INPUTS];
        distribution(spec(Likelihood.GAUSSIAN)).draw(zeros, row, seed);
        assertEquals(normal, zeros[column], 1e-6);

        float u = Float.parseFloat(uniform);
        for (float mean : new float[] {u, Math.nextUp(u)}) {
            float[] means = new float[INPUTS];
            means[column] = mean;
            distribution(spec(Likelihood.BERNOULLI)).draw(means, row, seed);
            assertEquals(u < mean ? 1 : 0, means[column], "a mean of " + mean);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void noCutIntoBatchesChangesABit(Component likelihood) {
        OutputDistribution distribution = distribution(spec(likelihood));
        float[] whole = new float[100 * INPUTS];
        Arrays.fill(whole, 0.4f);
        float[] pieces = whole.clone();
        distribution.draw(whole, 3, SEED);
        for (int row = 0; row < 100; row += 7) {
            int to = Math.min(100, row + 7);
            float[] piece = Arrays.copyOfRange(pieces, row * INPUTS, to * INPUTS);
            distribution.draw(piece, 3 + row, SEED);
            System.arraycopy(piece, 0, pieces, row * INPUTS, piece.length);
        }
        assertArrayEquals(whole, pieces);
    }

    /** More than one chunk of the pass, and whatever is drawn: the rows are numbered through. */
    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void inferenceDrawsWhatItsMeansGive(Component likelihood) {
        int count = 2 * Chunks.ROWS + 5;
        on("cpu", spec(likelihood), model -> {
            Inference means = new Inference(model.vae, SEED);
            OutputDistribution distribution = OutputDistribution.of(model.vae);
            float[] values = new float[count * INPUTS];
            Noise.uniforms(1, 0, NoiseStream.BINARIZE, 0, 0, values.length, values, 0);
            List<Function<Inference, float[]>> questions = new ArrayList<>();
            questions.add(inference -> inference.sample(count));
            questions.add(inference -> inference.decode(Arrays.copyOf(values, count * 2)));
            questions.add(inference -> {
                try (DataSource data =
                        DataSource.of(model.vae.backend(), Dataset.of("x", values, INPUTS), DataPlacement.STREAMED)) {
                    return inference.reconstruct(data);
                }
            });
            for (Function<Inference, float[]> question : questions) {
                float[] expected = question.apply(means);
                float[] before = expected.clone();
                distribution.draw(expected, 0, SEED);
                assertArrayEquals(expected, question.apply(means.outputDraws()));
                assertFalse(Arrays.equals(before, expected));
                assertArrayEquals(before, question.apply(means), "the means stay as they are");
            }
            return null;
        });
    }

    /**
     * Of a draw, −log p(x|z) of a Gaussian is Σ ½ (ε² + log σ² + ln 2π): σ is that of the loss, were it even squared or
     * that of another input.
     */
    @ParameterizedTest
    @CsvSource({
        "gaussian, false, 0 0 0 0 0",
        "gaussian-optimal, false, -1.5 -1.5 -1.5 -1.5 -1.5",
        "gaussian-learned, false, -3 -3 -3 -3 -3",
        "gaussian-learned, true, -3 1.5 -0.5 2 -1"
    })
    void theVarianceIsThatOfTheLoss(Component likelihood, boolean perDimension, String logVars) {
        double[] logVar = Arrays.stream(logVars.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        int rows = 4;
        float[] normals = new float[rows * INPUTS];
        Noise.normals(SEED, 0, NoiseStream.OUTPUT, 0, 0, normals.length, normals, 0);
        on("reference", spec(likelihood, perDimension), model -> {
            try (Activations a = model.vae.allocate(rows, 1, false)) {
                Tensor z = model.tensor(ElementType.REAL, rows, 2);
                z.write(TinyModel.normals(9, rows * 2));
                model.vae.decode(z, a);
                float[] means = a.output().toFloats();
                float[] draws = means.clone();
                OutputDistribution.of(model.vae).draw(draws, 0, SEED);
                model.x.write(draws);
                model.vae.lossRows(model.x, a);
                double[] loss = a.reconstruction().toDoubles();
                for (int row = 0; row < rows; row++) {
                    double expected = 0;
                    for (int i = 0; i < INPUTS; i++) {
                        double e = normals[row * INPUTS + i];
                        expected += (e * e + logVar[i] + Math.log(2 * Math.PI)) / 2;
                        assertEquals(
                                means[row * INPUTS + i] + Math.exp(logVar[i] / 2) * e, draws[row * INPUTS + i], 1e-5);
                    }
                    assertEquals(expected, loss[row], 1e-4);
                }
            }
            return null;
        });
    }

    @Test
    void aVarianceBeyondTheBoundsCountsAsTheBound() {
        float[] expected = new float[INPUTS];
        float[] draws = new float[INPUTS];
        Noise.normals(SEED, 0, NoiseStream.OUTPUT, 0, 0, INPUTS, expected, 0);
        on("reference", spec(Likelihood.GAUSSIAN_LEARNED, false), model -> {
            model.parameters.tensor(Parameters.OUTPUT_LOG_VAR).write(new double[] {25});
            OutputDistribution.of(model.vae).draw(draws, 0, SEED);
            return null;
        });
        for (int i = 0; i < INPUTS; i++) {
            assertEquals(Math.exp(10) * expected[i], draws[i], 1e-6 * Math.exp(10));
        }
    }

    /** n draws of a pixel have the mean p within 5 √(p (1 − p) / n). */
    @Test
    void drawsOfABernoulliAverageToTheMeans() {
        int n = 40_000;
        on("cpu", spec(Likelihood.BERNOULLI), model -> {
            float[] code = {1.5f, -2};
            float[] codes = new float[2 * n];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = code[i % 2];
            }
            float[] means = new Inference(model.vae, SEED).decode(code);
            double[] sums = new double[INPUTS];
            float[] draws = new Inference(model.vae, SEED).outputDraws().decode(codes);
            for (int i = 0; i < draws.length; i++) {
                assertTrue(draws[i] == 0 || draws[i] == 1, "0 or 1, not " + draws[i]);
                sums[i % INPUTS] += draws[i];
            }
            for (int i = 0; i < INPUTS; i++) {
                double p = means[i];
                assertTrue(p > 0.05 && p < 0.95, "a mean that can tell: " + p);
                assertEquals(p, sums[i] / n, 5 * Math.sqrt(p * (1 - p) / n), "pixel " + i);
            }
            return null;
        });
    }

    /** The noise has the same bits, the outputs do not: a pixel may differ where its mean is next to its uniform. */
    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void backendsDrawAlike(Component likelihood) {
        int count = 3_000;
        Function<TinyModel, float[]> drawn =
                model -> new Inference(model.vae, SEED).outputDraws().sample(count);
        VaeSpec spec = spec(likelihood);
        float[] cpu = on("cpu", spec, drawn);
        float[] reference = on("reference", spec, drawn);
        if (!likelihood.equals(Likelihood.BERNOULLI)) {
            assertArrayEquals(reference, cpu, 2e-5f);
            return;
        }
        float[] means = on("reference", spec, model -> new Inference(model.vae, SEED).sample(count));
        float[] uniforms = new float[means.length];
        Noise.uniforms(SEED, 0, NoiseStream.OUTPUT, 0, 0, uniforms.length, uniforms, 0);
        int ones = 0;
        for (int i = 0; i < means.length; i++) {
            assertTrue(cpu[i] == reference[i] || Math.abs(means[i] - uniforms[i]) < 1e-6, "value " + i);
            ones += cpu[i] == 1 ? 1 : 0;
        }
        assertTrue(ones > means.length / 10 && ones < means.length * 9 / 10, ones + " ones");
    }

    /** A comparison with NaN is false, which would pass for a 0. */
    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void whatIsNotANumberStaysOne(Component likelihood) {
        float[] means = {0.5f, Float.NaN, 0.5f, 0.5f, 0.5f};
        distribution(spec(likelihood)).draw(means, 0, SEED);
        for (int i = 0; i < INPUTS; i++) {
            assertEquals(i == 1, Float.isNaN(means[i]));
        }
    }

    @Test
    void rowsBeyondTheNoiseAreRefused() {
        OutputDistribution distribution = distribution(spec(Likelihood.GAUSSIAN));
        long most = Noise.ELEMENTS / INPUTS;
        distribution.requireNoise(most);
        ElboException refused = assertThrows(ElboException.class, () -> distribution.requireNoise(most + 1));
        assertEquals(ElboException.Kind.USAGE, refused.kind());
        assertTrue(refused.getMessage().contains("draws of 3435973836 rows of 5 values"), refused.getMessage());
        float[] row = new float[INPUTS];
        distribution.draw(row, most - 1, SEED);
        for (long first : new long[] {-1, most, Long.MAX_VALUE, Long.MAX_VALUE / INPUTS * 2}) {
            assertThrows(IllegalArgumentException.class, () -> distribution.draw(row, first, SEED));
        }
        assertThrows(IllegalArgumentException.class, () -> distribution.draw(new float[INPUTS + 1], 0, SEED));
    }
}
