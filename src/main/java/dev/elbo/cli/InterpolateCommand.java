package dev.elbo.cli;

import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.LatentPaths;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "interpolate",
        description = "Writes the means of p(x|z) along paths between the codes of examples, one line per path.")
final class InterpolateCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Option(
            names = "--from",
            paramLabel = "I",
            split = ",",
            required = true,
            description = "Examples of the test part where the paths begin, numbered from 0.")
    private int[] from;

    @Option(
            names = "--to",
            paramLabel = "J",
            split = ",",
            required = true,
            description = "Examples where the paths end, one for each --from.")
    private int[] to;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Codes per path, both ends included (default: ${DEFAULT-VALUE}).")
    private int steps = 11;

    @ArgGroup
    private Path path = new Path();

    static final class Path {
        @Option(names = "--linear", description = "Straight paths (default).")
        private boolean linear;

        @Option(
                names = "--spherical",
                description = "Paths around the origin at equal angles, which keep the norm of codes of the same norm.")
        private boolean spherical;
    }

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        output.check(true);
        Check.atLeast("--steps", steps, 2);
        if (from.length != to.length) {
            throw ElboException.usage(
                    "--from has " + from.length + " examples, --to " + to.length + "; give the same number for both");
        }
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            Dataset all = data.loadTest(inputs, err());
            DataOptions.requireExamples("--from", from, all);
            DataOptions.requireExamples("--to", to, all);
            int[] ends = IntStream.concat(IntStream.of(from), IntStream.of(to)).toArray();
            float[] codes;
            VaeSpec spec = loaded.vae().spec();
            Dataset labelled = classes.labelled(spec, all);
            try (DataSource source = data.on(loaded, labelled.subset(all.name(), ends))) {
                codes = new Inference(loaded.vae(), 0).encode(source, false);
            }
            Inference means = new Inference(loaded.vae(), 0);
            Inference inference = spec.conditional() ? means.inEachClass(steps, decoded(spec, all)) : means;
            int rows = from.length * steps;
            float[] paths = paths(codes, loaded.vae().spec().latent());
            output.writeImages(
                    RowsOutput.made(inputs, rows, into -> inference.decode(paths, into)), all.image(), steps);
            err().println(from.length + " paths of " + steps + " codes" + output.where());
            return 0;
        });
    }

    /** Returns the class of each path: the given one, or that of the example where it begins. */
    private int[] decoded(VaeSpec spec, Dataset all) {
        int[] first = classes.of(spec, all, from);
        int[] last = classes.of(spec, all, to);
        for (int i = 0; i < from.length; i++) {
            if (first[i] != last[i]) {
                err().println("note: example " + from[i] + " is of the class '"
                        + spec.classes().get(first[i]) + "' and example " + to[i] + " of '"
                        + spec.classes().get(last[i]) + "'; the whole path is decoded in '"
                        + spec.classes().get(first[i]) + "', and --class NAME decodes in another");
            }
        }
        return first;
    }

    private float[] paths(float[] codes, int latent) {
        FloatBuffer paths = FloatBuffer.allocate(from.length * steps * latent);
        for (int i = 0; i < from.length; i++) {
            float[] a = LatentPaths.row(codes, latent, i);
            float[] b = LatentPaths.row(codes, latent, from.length + i);
            try {
                paths.put(path.spherical ? LatentPaths.spherical(a, b, steps) : LatentPaths.linear(a, b, steps));
            } catch (IllegalArgumentException e) {
                throw ElboException.usage("--spherical: examples " + from[i] + " and " + to[i] + ": " + e.getMessage()
                        + "; use --linear");
            }
        }
        return paths.array();
    }
}
