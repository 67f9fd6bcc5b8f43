package dev.elbo.cli;

import dev.elbo.analysis.Frechet;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.Inputs;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.net.ModelFile;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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
        if (judge != null && output.isStdout()) {
            throw ElboException.usage("--judge prints to stdout, as --out - does; give the samples a file");
        }
        boolean fromMixture = mixture.mixture(spec);
        PrintWriter err = spec.commandLine().getErr();
        try (Backend backend = backendOptions.open(err);
                ModelFile.Loaded loaded = model.load(backend)) {
            Inputs inputs = model.inputs(loaded);
            Dataset real = judge == null ? null : mixture.data().loadOther(inputs, judge, err);
            Inference inference = new Inference(loaded.vae(), seed);
            float[] codes =
                    fromMixture ? floats(mixture.load(spec, model, loaded).sample(count, seed)) : null;
            output.writeImages(
                    Table.made(inputs, count, into -> draw(inference, codes, into)), Inputs.image(loaded.metadata()));
            err.println(count + " samples" + output.where());
            if (real != null) {
                // as the model makes them: its encoder knows no other unit
                float[] images = codes == null ? inference.sample(count) : inference.decode(codes);
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

    /** Decodes the codes, or where there are none, draws from the prior. */
    private void draw(Inference inference, float[] codes, Consumer<float[]> into) {
        if (codes == null) {
            inference.sample(count, into);
        } else {
            inference.decode(codes, into);
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
