package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.analysis.Frechet;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Text;
import dev.elbo.model.VaeSpec;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    private static final int COUNT = 100;
    /** Samples of each of several classes. */
    private static final int OF_EACH = 10;
    /** The most names in a message. */
    private static final int SHOWN = 20;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Number of samples, of each class if the model has classes (default: " + COUNT + ", and "
                    + OF_EACH + " of each of several classes).")
    private Integer asked;

    @Option(
            names = ClassOptions.NAME,
            paramLabel = "NAME,..",
            hideParamSyntax = true,
            description =
                    "Classes to draw samples of, for a model with classes; the option may be repeated. Samples of one"
                            + " class follow those of the other; a picture has a line for each class, and CSV a column named class"
                            + " (default: all classes).")
    private List<String> names = List.of();

    /** Samples in all. */
    private int count;

    /** Numbers of the classes to draw samples of; none for a model without classes. */
    private int[] classes = {};

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
        Check.atLeast("--count", asked, 1);
        if (judge != null && asked != null && asked < 2) {
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
            VaeSpec spec = loaded.vae().spec();
            choose(spec);
            Dataset real = judge == null ? null : mixture.data().loadOther(inputs, judge, err());
            Inference means = new Inference(loaded.vae(), seed);
            Inference inference =
                    draw.of(classes.length == 0 ? means : means.inEachClass(count / classes.length, classes));
            float[] codes = fromMixture ? floats(mixture.load(model, loaded).sample(count, seed)) : null;
            RowsOutput made = RowsOutput.made(inputs, count, into -> decode(inference, codes, into));
            write(made, InputSchema.image(loaded.metadata()), spec);
            err().println(count + " samples" + draw.note() + output.where() + ofClasses(spec));
            if (real != null) {
                // in the unit of the model, which its encoder needs
                float[] images = codes == null ? inference.sample(count) : inference.decode(codes);
                print(real.size(), Frechet.distance(loaded.vae(), images, real));
            }
            return 0;
        });
    }

    /** Decides of which classes to draw how many samples. */
    private void choose(VaeSpec spec) {
        if (spec.conditional() && judge != null) {
            throw ElboException.usage("--judge compares codes, and the codes of a model with classes leave out what the"
                    + " class tells; a classifier of the data tells whether samples are of their class");
        }
        classes = names.isEmpty()
                ? IntStream.range(0, spec.classes().size()).toArray()
                : ClassOptions.numbers(names, spec);
        int lines = Math.max(1, classes.length);
        long all = (long) lines * (asked != null ? asked : lines == 1 ? COUNT : OF_EACH);
        if (all > Integer.MAX_VALUE) {
            throw ElboException.usage("--count " + asked + " for each of " + lines + " classes is more than "
                    + Integer.MAX_VALUE + " samples; ask for fewer");
        }
        count = (int) all;
    }

    private void write(RowsOutput made, Optional<ImageShape> shape, VaeSpec spec) {
        if (classes.length == 0) {
            output.writeImages(made, shape);
            return;
        }
        int each = count / classes.length;
        RowsOutput named = made.withWords("class", row -> spec.classes().get(classes[row / each]));
        if (classes.length == 1) {
            output.writeImages(named, shape);
        } else {
            output.writeImages(named, shape, each);
        }
    }

    /** Returns which rows are of which class, for a message. */
    private String ofClasses(VaeSpec spec) {
        if (classes.length == 0) {
            return "";
        }
        int shown = Math.min(SHOWN, classes.length);
        String some = Arrays.stream(classes, 0, shown)
                .mapToObj(number -> "'" + spec.classes().get(number) + "'")
                .collect(Collectors.joining(", "));
        return classes.length == 1
                ? ": class " + some
                : ": " + count / classes.length + " of each class, one class after the other: " + some
                        + (shown < classes.length ? " and " + (classes.length - shown) + " more" : "");
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
