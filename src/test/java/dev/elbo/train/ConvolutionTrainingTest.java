package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.cost.CountingBackend;
import dev.elbo.data.ClassLabels;
import dev.elbo.data.Split;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objectives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of a model with convolutions and classes. */
class ConvolutionTrainingTest {
    private static final Split DIGITS = Split.read("digits");

    @TempDir
    private Path folder;

    private static VaeSpec spec() {
        return VaeSpec.builder(64)
                .convolutions(new FeatureMap(1, 8, 8), Convolution.parse("8x3s2"), Convolution.parse("12x3"))
                .hidden(24)
                .latent(4)
                .likelihood(Likelihood.BERNOULLI)
                .classes(ClassLabels.names(DIGITS))
                .build();
    }

    private static TrainingOptions options(int epochs, DataPlacement placement) {
        return TrainingOptions.builder().epochs(epochs).dataPlacement(placement).build();
    }

    private Path trained(String name, int threads, DataPlacement placement, int... epochs) {
        Path run = folder.resolve(name);
        for (int until : epochs) {
            try (Backend backend = Backends.builder("cpu").threads(threads).open();
                    Trainer trainer = Trainer.builder(backend, spec(), DIGITS)
                            .options(options(until, placement))
                            .build()) {
                trainer.runIn(run, TrainingListener.NONE);
            }
        }
        return run.resolve("model.safetensors");
    }

    @Test
    void threadsPlacementAndInterruptionsChangeNoByte() throws IOException {
        Path once = trained("once", 1, DataPlacement.RESIDENT, 2);
        assertEquals(-1, Files.mismatch(once, trained("again", 1, DataPlacement.RESIDENT, 2)), "again");
        assertEquals(-1, Files.mismatch(once, trained("threads", 2, DataPlacement.RESIDENT, 2)), "two threads");
        assertEquals(-1, Files.mismatch(once, trained("streamed", 2, DataPlacement.STREAMED, 2)), "streamed");
        assertEquals(-1, Files.mismatch(once, trained("resumed", 1, DataPlacement.RESIDENT, 1, 2)), "resumed");
    }

    @Test
    void thePlanIsTheMemoryThatARunTakes() {
        try (Backend backend = Backends.open("cpu")) {
            TrainingOptions options = options(1, DataPlacement.RESIDENT);
            TrainingPlan plan =
                    TrainingPlan.of(new CountingBackend(backend), spec(), Objectives.vae(), options, DIGITS);
            Trainer trainer =
                    Trainer.builder(backend, spec(), DIGITS).options(options).build();
            double taken = backend.allocatedBytes();
            trainer.close();
            assertEquals(taken, plan.allBytes(), 0.05 * taken);
        }
    }
}
