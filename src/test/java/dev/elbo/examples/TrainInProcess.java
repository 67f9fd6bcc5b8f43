package dev.elbo.examples;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingResult;
import java.io.PrintStream;
import java.nio.file.Path;

/** Training inside of a program: once in memory, once in a folder that the same program goes on in, should it have been stopped. */
public final class TrainInProcess {
    private TrainInProcess() {}

    /** @param arguments where the model goes, and the folder of a run */
    public static void main(String[] arguments) {
        inMemory(Path.of(arguments[0]), 20, System.out);
        inFolder(Path.of(arguments[1]), 20, System.out);
    }

    /** Trains on the bundled digits, tells the test ELBO and saves the model. */
    public static double inMemory(Path model, int epochs, PrintStream out) {
        // [shown
        Split digits = Split.read("digits"); // or Split.read(Path.of("table.csv"), CsvOptions.DEFAULT)
        VaeSpec spec = VaeSpec.builder(digits.train().features()).latent(10).build();
        TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
        try (Backend backend = Backends.open("auto");
                Trainer trainer =
                        Trainer.builder(backend, spec, digits).options(options).build()) {
            TrainingResult result = trainer.run();
            out.println("test ELBO " + result.testElbo() + " nats per example");
            trainer.save(model);
            // shown]
            return result.testElbo();
        }
    }

    /** The same with a folder: call it again after a crash or an interrupt, and it goes on from its last checkpoint. */
    public static TrainingResult inFolder(Path folder, int epochs, PrintStream out) {
        Split digits = Split.read("digits");
        VaeSpec spec = VaeSpec.builder(digits.train().features()).latent(10).build();
        TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
        TrainingListener progress = TrainingListener.onEachEpoch(epoch -> out.println(
                "epoch " + epoch.epoch() + ": test ELBO " + epoch.test().elbo()));
        try (Backend backend = Backends.open("auto");
                Trainer trainer =
                        Trainer.builder(backend, spec, digits).options(options).build()) {
            return trainer.runIn(folder, progress);
        }
    }
}
