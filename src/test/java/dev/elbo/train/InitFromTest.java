package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.io.Disk;
import dev.elbo.io.SafeTensors;
import dev.elbo.io.Sha256;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainers that start from given weights. */
class InitFromTest {
    private static final Split DATA = Split.of(TrainerTest.data(105, 1), TrainerTest.data(33, 2));
    private static final TrainingOptions OPTIONS =
            TrainingOptions.builder().epochs(2).batchSize(16).patience(0).build();

    @TempDir
    private Path folder;

    private static Trainer.Builder builder(Backend backend, VaeSpec spec) {
        return Trainer.builder(backend, spec, DATA).options(OPTIONS);
    }

    /** Of a training that had another seed. */
    private static StoredModel trained(Component likelihood) {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = Trainer.builder(backend, TrainerTest.spec(likelihood, true), DATA)
                        .options(OPTIONS.toBuilder().seed(5).build())
                        .build()) {
            trainer.run();
            return StoredModel.of(trainer.vae(), trainer.metadata());
        }
    }

    private static void hasWeights(StoredModel model, Trainer trainer) {
        StoredModel now = StoredModel.of(trainer.vae(), Map.of());
        model.tensors().keySet().forEach(name -> assertArrayEquals(model.values(name), now.values(name), name));
    }

    /** The stored variance of gaussian-optimal is one of the tensors. */
    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void allTensorsAreTheModels(Component likelihood) {
        StoredModel model = trained(likelihood);
        for (String name : List.of("cpu", "reference")) {
            try (Backend backend = Backends.builder(name).threads(1).open();
                    Trainer trainer =
                            builder(backend, model.spec()).initFrom(model).build()) {
                hasWeights(model, trainer);
                assertEquals(0, trainer.step());
            }
        }
    }

    /** Before anything was saved, that is where a training goes back to; and a checkpoint of the start holds no weights. */
    @Test
    void theStartIsTheModelAgain() {
        StoredModel model = trained(Likelihood.BERNOULLI);
        CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = builder(backend, model.spec()).initFrom(model).build();
                Trainer other = builder(backend, model.spec()).initFrom(model).build();
                Trainer fresh = builder(backend, model.spec()).build()) {
            Checkpoint start = trainer.checkpoint(Map.of());
            trainer.run(ResumeRuns.stoppingAfter(1), checkpoints, ResumeRuns.NEVER);
            assertFalse(Arrays.equals(
                    fresh.parameters().flat().toDoubles(),
                    other.parameters().flat().toDoubles()));
            trainer.resume(start);
            hasWeights(model, trainer);
            other.resume(checkpoints.newest());
            assertEquals(1, other.step());
            assertTrue(assertThrows(RuntimeException.class, () -> fresh.resume(checkpoints.newest()))
                    .getMessage()
                    .contains("initial_weights_sha256 is " + model.sha256() + " there and missing here"));
        }
    }

    /** The same training, whether it is broken off or not. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void itIsResumedToTheSameBits(String name) {
        StoredModel model = trained(Likelihood.GAUSSIAN_OPTIMAL);
        double[] whole;
        try (Backend backend = Backends.builder(name).threads(1).open();
                Trainer trainer = builder(backend, model.spec()).initFrom(model).build()) {
            trainer.run();
            whole = trainer.parameters().flat().toDoubles();
        }
        for (int process = 0; process < 20; process++) {
            try (Backend backend = Backends.builder(name).threads(1).open();
                    Trainer trainer =
                            builder(backend, model.spec()).initFrom(model).build();
                    RunFolder run = RunFolder.open(folder)) {
                TrainingResult result = TrainingRun.builder(trainer, run)
                        .checkpointEvery(ResumeRuns.NEVER)
                        .build()
                        .run(ResumeRuns.stoppingAfter(process));
                if (!result.stopped()) {
                    assertArrayEquals(whole, trainer.parameters().flat().toDoubles());
                    return;
                }
            }
        }
        throw new AssertionError("it never ends");
    }

    @Test
    void weightsOfAnotherShapeAreRefusedWithTheirNames() {
        StoredModel model = trained(Likelihood.GAUSSIAN);
        VaeSpec wider = VaeSpec.builder(12).hidden(17).latent(3).build();
        try (Backend backend = Backends.builder("cpu").threads(1).open()) {
            Trainer.Builder builder = builder(backend, wider).initFrom(model);
            String message =
                    assertThrows(IllegalArgumentException.class, builder::build).getMessage();
            assertTrue(message.contains("'encoder.0.weight' has shape (16, 12), not (17, 12); "), message);
            assertTrue(message.contains("'output.log_var' is missing"), message);
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
        }
    }

    /** A digest that can be looked up with sha256sum. */
    @Test
    void theDigestIsThatOfTheFile() {
        StoredModel model = trained(Likelihood.GAUSSIAN_LEARNED);
        Path file = folder.resolve("model.safetensors");
        model.write(file);
        assertEquals(Sha256.ofFile(file), model.sha256());
        assertEquals(Sha256.ofFile(file), StoredModel.read(file).sha256());
        Map<String, SafeTensors.Entry> others = new LinkedHashMap<>(model.tensors());
        float[] values = model.values("mu.bias").clone();
        values[0] = Math.nextUp(values[0]);
        others.put("mu.bias", new SafeTensors.Entry(new int[] {values.length}, values));
        assertFalse(model.sha256().equals(new StoredModel(model.spec(), others, model.metadata()).sha256()));
    }
}
