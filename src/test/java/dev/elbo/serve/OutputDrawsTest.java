package dev.elbo.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A service draws from p(x|z) what the analysis, and so the command line, draws for the same seed and row. */
class OutputDrawsTest {
    private static final int INPUTS = 12;
    private static final int ROWS = 100;
    private static final long SEED = 99;

    @TempDir
    private Path folder;

    private Path model(Component likelihood, boolean stochastic) {
        return VaeServiceTest.model(
                folder, VaeSpec.mlp(INPUTS, List.of(8), 3, Activation.TANH, likelihood, stochastic));
    }

    private static float[] examples() {
        float[] x = new float[ROWS * INPUTS];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, x.length, x, 0);
        return x;
    }

    private static VaeService service(Path model, int batch) {
        return VaeService.builder(model)
                .backend("reference")
                .replicas(1)
                .batchSize(batch)
                .build();
    }

    /** The reference computes a row alike wherever it stands, so that every bit is that of the noise. */
    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void drawsAreThoseOfTheAnalysisInBatchesOfAnySize(Component likelihood) {
        float[] x = examples();
        Path model = model(likelihood, true);
        try (VaeService sevens = service(model, 7);
                VaeService whole = service(model, ROWS);
                Backend backend = Backends.open("reference");
                ModelFile.Loaded loaded = ModelFile.read(model, backend);
                DataSource data = DataSource.of(backend, Dataset.of("x", x, INPUTS), DataPlacement.RESIDENT)) {
            Inference inference = new Inference(loaded.vae(), SEED).outputDraws();
            float[] codes = sevens.encode(x);
            for (VaeService service : List.of(sevens, whole)) {
                OutputDraws draws = service.outputDraws(SEED);
                assertArrayEquals(inference.sample(ROWS), draws.sample(ROWS));
                assertArrayEquals(inference.decode(codes), draws.decode(codes));
                assertArrayEquals(inference.reconstruct(data), draws.reconstruct(x));
                assertFalse(Arrays.equals(service.sample(ROWS, SEED), draws.sample(ROWS)));
                assertFalse(Arrays.equals(
                        draws.decode(codes), service.outputDraws(SEED + 1).decode(codes)));
            }
        }
    }

    @Test
    void rowsOfAllFormsAreDrawnAlike() {
        float[] x = examples();
        double[] exact = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            exact[i] = x[i];
        }
        try (VaeService service = service(model(Likelihood.GAUSSIAN_OPTIMAL, true), 32)) {
            OutputDraws draws = service.outputDraws(SEED);
            float[] made = draws.reconstruct(x);
            assertArrayEquals(Rows.unpack(made, INPUTS), draws.reconstruct(Rows.unpack(x, INPUTS)));
            double[] widened = draws.reconstruct(exact);
            for (int i = 0; i < x.length; i++) {
                assertEquals(made[i], widened[i]);
            }
            float[] codes = service.encode(x);
            assertArrayEquals(Rows.unpack(draws.decode(codes), INPUTS), draws.decode(Rows.unpack(codes, 3)));
        }
    }

    /** Its reconstruction error is −log p(x|z), so there is a p(x|z). */
    @Test
    void aPlainAutoencoderIsDrawnFromToo() {
        try (VaeService service = service(model(Likelihood.BERNOULLI, false), 32)) {
            for (float value : service.outputDraws(SEED).reconstruct(examples())) {
                assertEquals(value, value == 0 ? 0f : 1f);
            }
        }
    }

    @Test
    void mistakesAreThoseOfTheService() {
        VaeService service = service(model(Likelihood.BERNOULLI, true), 32);
        OutputDraws draws = service.outputDraws(SEED);
        assertThrows(IllegalArgumentException.class, () -> draws.sample(0));
        assertThrows(ElboException.class, () -> draws.decode(new float[4]));
        assertThrows(ElboException.class, () -> draws.reconstruct(new float[INPUTS + 1]));
        service.close();
        assertThrows(IllegalStateException.class, () -> draws.sample(1));
    }
}
