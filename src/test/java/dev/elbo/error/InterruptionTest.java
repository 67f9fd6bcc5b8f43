package dev.elbo.error;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluator;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.LinearVae;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.analysis.Probe;
import dev.elbo.analysis.Scores;
import dev.elbo.analysis.mixture.Covariance;
import dev.elbo.analysis.mixture.GaussianMixture;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.verify.Verification;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever takes long stops for an interrupt, keeps the status and leaves nothing behind. */
class InterruptionTest {
    private static final int INPUTS = 4;
    private static final int EXAMPLES = 40;

    /** Something that takes long with more data than here. */
    private record Work(String name, Task task) {
        interface Task {
            void run(Backend backend, Vae vae, DataSource data);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static float[] values() {
        float[] values = new float[EXAMPLES * INPUTS];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, values.length, values, 0);
        return values;
    }

    private static double[] rows() {
        return TinyModel.normals(4, EXAMPLES * INPUTS);
    }

    private static Probe.Part labelled() {
        int[] labels = new int[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            labels[i] = i % 2;
        }
        return new Probe.Part(values(), INPUTS, labels);
    }

    private static Stream<Work> works() {
        return Stream.of(
                new Work("encode", (backend, vae, data) -> new Inference(vae, 0).encode(data, true)),
                new Work("sample", (backend, vae, data) -> new Inference(vae, 0).sample(3)),
                new Work(
                        "score",
                        (backend, vae, data) ->
                                new Scores(vae, AnomalyScore.NEGATIVE_ELBO, 2, 0).compute(data, "data")),
                new Work("evaluate", (backend, vae, data) -> {
                    try (Evaluator evaluator = new Evaluator(vae, data, 2, false, 0)) {
                        evaluator.run("data");
                    }
                }),
                new Work("marginal likelihood", (backend, vae, data) -> {
                    try (MarginalLikelihood likelihood = new MarginalLikelihood(vae, data, 8, false, 0, 1 << 20)) {
                        likelihood.run("data", MarginalLikelihood.Progress.NONE);
                    }
                }),
                new Work("posteriors", (backend, vae, data) -> new LinearVae(vae).terms(new double[2][INPUTS])),
                new Work(
                        "mixture",
                        (backend, vae, data) -> GaussianMixture.fit(
                                rows(), EXAMPLES, INPUTS, 2, Covariance.FULL, 0, (components, step, mean) -> {})),
                new Work("probe", (backend, vae, data) -> new Probe(2, 0).run(labelled(), labelled())),
                new Work("verification", (backend, vae, data) -> Verification.knownAnswers(backend)));
    }

    private static void run(Work work, boolean interrupted) {
        VaeSpec spec = VaeSpec.builder(INPUTS)
                .hidden()
                .latent(2)
                .activation(Activation.TANH)
                .likelihood(Likelihood.GAUSSIAN)
                .build();
        try (Backend backend = Backends.open("reference")) {
            try (TinyModel model = new TinyModel(backend, spec, 1, 1);
                    DataSource data =
                            DataSource.of(backend, Dataset.of("data", values(), INPUTS), DataPlacement.RESIDENT)) {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                work.task().run(backend, model.vae, data);
            } finally {
                assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
            }
        }
    }

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    @ParameterizedTest
    @MethodSource("works")
    void itStops(Work work) {
        CancellationException stopped = assertThrows(CancellationException.class, () -> run(work, true));
        assertTrue(stopped.getMessage().endsWith(" was interrupted"), stopped.getMessage());
        assertTrue(Thread.interrupted(), "the status stays");
        assertDoesNotThrow(() -> run(work, false), "it runs otherwise");
    }

    @Test
    void aWaitGivesTheStatusBack() {
        InterruptedException cause = new InterruptedException();
        CancellationException stopped = Interruption.stopped("waiting", cause);
        assertEquals(cause, stopped.getCause());
        assertTrue(Thread.interrupted());
    }
}
