package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.analysis.Frechet;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "sample",
        description =
                "Draws latent codes, from the prior or from a mixture fitted to codes of data, and writes the means of"
                        + " p(x|z), or with --draw draws from it.")
final class SampleCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Option(names = "--count", paramLabel = "N", description = "Number of samples (default: ${DEFAULT-VALUE}).")
    private int count = 100;

    @Mixin
    private DrawOptions draw;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Random seed of the codes and of the noise of --draw (default: 0).")
    private long seed;

    @Option(
            names = "--judge",
            paramLabel = "D",
            description =
                    "Also print the Fréchet distance between the samples (means or draws) and the held-out examples"
                            + " of these data, in the codes that the probe reads; lower is closer, for the same number of"
                            + " samples.")
    private String judge;

    @Option(names = "--json", description = "Print the Fréchet distance as one JSON object.")
    private boolean json;

    @Mixin
    private MixtureOptions mixture;

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        output.check(true);
        Check.atLeast("--count", count, 1);
        if (judge != null && count < 2) {
            throw ElboException.usage("--judge needs a --count of at least 2");
        }
        if (judge != null && output.isStdout()) {
            throw ElboException.usage("--judge and --out - both print to stdout; give --out a file");
        }
        if (json && judge == null) {
            throw ElboException.usage("--json prints the result of --judge; give --judge too");
        }
        boolean fromMixture = mixture.mixture();
        return model.compute(backendOptions, mixture.data(), (loaded, inputs) -> {
            Dataset real = judge == null ? null : mixture.data().loadOther(inputs, judge, err());
            Inference inference = draw.of(new Inference(loaded.vae(), seed));
            float[] codes = fromMixture ? floats(mixture.load(model, loaded).sample(count, seed)) : null;
            output.writeImages(
                    Table.made(inputs, count, into -> decode(inference, codes, into)),
                    InputSchema.image(loaded.metadata()));
            err().println(count + " samples" + draw.note() + output.where());
            if (real != null) {
                // in the unit of the model, which its encoder needs
                float[] images = codes == null ? inference.sample(count) : inference.decode(codes);
                print(real.size(), Frechet.distance(loaded.vae(), images, real));
            }
            return 0;
        });
    }

    private void print(int examples, double distance) {
        PrintWriter out = out();
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("samples", count);
            object.addProperty("values", draw.label());
            object.addProperty("data", judge);
            object.addProperty("examples_held_out", examples);
            object.addProperty("frechet_distance", distance);
            out.println(object);
            return;
        }
        out.println(Text.format(
                "Fréchet distance of %d samples (%s) to the %d held-out examples of %s: %.4f",
                count, draw.label(), examples, judge, distance));
    }

    /** Decodes the codes, or draws from the prior if there are none. */
    private void decode(Inference inference, float[] codes, Consumer<float[]> into) {
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
