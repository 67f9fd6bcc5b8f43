package dev.elbo.examples;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.io.ImageShape;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.io.PrintStream;
import java.nio.file.Path;

/** A program that trains a model with convolutions on pictures. */
public final class ConvolutionsInProcess {
    private ConvolutionsInProcess() {}

    /** @param arguments where the model goes */
    public static void main(String[] arguments) {
        train(Path.of(arguments[0]), 20, System.out);
    }

    /** Trains on the bundled digits, 8 × 8 pixels, prints the model and its test ELBO, saves it and returns the ELBO. */
    public static double train(Path model, int epochs, PrintStream out) {
        // [shown
        Split digits = Split.read("digits");
        ImageShape image = digits.train().image().orElseThrow();
        VaeSpec spec = VaeSpec.builder(image.features())
                .convolutions(
                        new FeatureMap(image.channels(), image.height(), image.width()),
                        Convolution.parse("16x3"), // as in --conv 16x3,32x4s2p1
                        new Convolution(32, 4, 2, 1))
                .hidden(64)
                .latent(10)
                .build();
        // shown]
        out.println(spec.summary());
        TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
        try (Backend backend = Backends.open("cpu");
                Trainer trainer =
                        Trainer.builder(backend, spec, digits).options(options).build()) {
            double elbo = trainer.run().testElbo();
            out.println("test ELBO " + elbo + " nats per example");
            trainer.save(model);
            return elbo;
        }
    }
}
