package dev.elbo.cli;

import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.LatentPaths;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.model.VaeSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "traverse",
        description = "Writes the means of p(x|z) while one latent unit after the other goes through its range, one"
                + " line per unit.")
final class TraverseCommand extends Action {
    @Mixin
    private ModelOptions model;

    private static final int MAX_BY_DEFAULT = 10;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Option(
            names = "--example",
            paramLabel = "I",
            description =
                    "Example of the test part, numbered from 0, whose code the other units keep (default: none, they"
                            + " are 0).")
    private Integer example;

    @Option(
            names = "--units",
            paramLabel = "U",
            split = ",",
            description = "Units to traverse, numbered from 0 (default: at most " + MAX_BY_DEFAULT
                    + "; with --data or --example those whose posterior means vary most, otherwise the first).")
    private int[] units;

    @Option(
            names = "--range",
            paramLabel = "R",
            defaultValue = "3",
            description = "Largest value: each unit goes from −R to R (default: ${DEFAULT-VALUE}).")
    private double range;

    @Option(names = "--steps", paramLabel = "N", description = "Values per unit (default: ${DEFAULT-VALUE}).")
    private int steps = 11;

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        output.check(true);
        Check.atLeast("--steps", steps, 2);
        if (!(range > 0 && range <= Float.MAX_VALUE)) {
            throw ElboException.usage("--range must be positive, not " + range);
        }
        boolean withData = example != null || isGiven("--data");
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            int latent = loaded.vae().spec().latent();
            requireUnits(latent);
            VaeSpec spec = loaded.vae().spec();
            if (spec.conditional() && example == null && classes.name().isEmpty()) {
                throw ElboException.usage("the model has classes: give --class NAME to decode in, or --example I, whose"
                        + " class is taken");
            }
            OptionalInt decoded = classes.number(spec);
            Optional<ImageShape> shape = InputSchema.image(loaded.metadata());
            float[] base = new float[latent];
            int[] ranked = IntStream.range(0, latent).toArray();
            if (withData) {
                Dataset all = data.loadTest(inputs, err());
                shape = shape.or(all::image);
                if (example != null) {
                    DataOptions.requireExamples("--example", new int[] {example}, all);
                }
                if (spec.conditional() && example != null) {
                    decoded = OptionalInt.of(classes.of(spec, all, example)[0]);
                }
                try (DataSource source = data.on(loaded, classes.labelled(spec, all))) {
                    float[] codes = new Inference(loaded.vae(), 0).encode(source, false);
                    ranked = LatentPaths.byVariance(codes, latent);
                    base = example == null ? base : LatentPaths.row(codes, latent, example);
                }
            }
            int[] chosen = units == null ? Arrays.copyOf(ranked, Math.min(MAX_BY_DEFAULT, latent)) : units;
            float[] codes = LatentPaths.traversal(base, chosen, range, steps);
            Inference means = new Inference(loaded.vae(), 0);
            Inference inference = decoded.isPresent() ? means.inClasses(decoded.getAsInt()) : means;
            output.writeImages(
                    RowsOutput.made(inputs, chosen.length * steps, into -> inference.decode(codes, into)),
                    shape,
                    steps);
            err().println("units "
                    + Arrays.stream(chosen).mapToObj(Integer::toString).collect(Collectors.joining(", "))
                    + (decoded.isPresent()
                            ? ", decoded in the class '" + spec.classes().get(decoded.getAsInt()) + "'"
                            : "")
                    + output.where());
            return 0;
        });
    }

    private void requireUnits(int latent) {
        for (int unit : units == null ? new int[0] : units) {
            if (unit < 0 || unit >= latent) {
                throw ElboException.usage("--units " + unit + ": the model has units 0 to " + (latent - 1));
            }
        }
    }
}
