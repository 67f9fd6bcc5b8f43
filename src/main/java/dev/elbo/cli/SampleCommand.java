package dev.elbo.cli;

import dev.elbo.analysis.Frechet;
import dev.elbo.analysis.Inference;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.net.ModelFile;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "sample",
        description =
                "Draws latent codes, from the prior or from a mixture fitted to codes of data, and writes the means of"
                        + " p(x|z).",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SampleCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "100",
            description = "Number of samples (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of the draw (default: 0).")
    private long seed;

    @Option(
            names = "--judge",
            paramLabel = "D",
            description =
                    "Also print the Fréchet distance of the samples to the held-out examples of these data, in the"
                            + " codes that the probe reads; lower is closer, for the same number of samples.")
    private String judge;

    @Mixin
    private MixtureOptions mixture;

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        output.check(true);
        if (count < 1) {
            throw ElboException.usage("--count must be at least 1, not " + count);
        }
        if (judge != null && count < 2) {
            throw ElboException.usage("--judge needs a --count of at least 2");
        }
        boolean fromMixture = mixture.mixture(spec);
        PrintWriter err = spec.commandLine().getErr();
        try (Backend backend = backendOptions.open(err);
                ModelFile.Loaded loaded = model.load(backend)) {
            Dataset real = judge == null
                    ? null
                    : mixture.data().loadOther(judge, err).test().orElseThrow();
            if (real != null) {
                model.requireFits(loaded, real);
            }
            Inference inference = new Inference(loaded.vae(), seed);
            float[] images = fromMixture
                    ? inference.decode(floats(mixture.load(spec, model, loaded).sample(count, seed)))
                    : inference.sample(count);
            Optional<ImageShape> shape = ImageMetadata.read(loaded.metadata());
            output.writeImages(images, count, loaded.vae().spec().inputs(), shape);
            err.println(count + " samples in " + output.path());
            if (real != null) {
                spec.commandLine()
                        .getOut()
                        .printf(
                                Locale.ROOT,
                                "Fréchet distance of %d samples to the %d held-out examples of %s: %.4f%n",
                                count,
                                real.examples(),
                                judge,
                                Frechet.distance(loaded.vae(), images, real));
            }
        }
        return 0;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
