package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluation;
import dev.elbo.analysis.Evaluator;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.net.ModelFile;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        description = "Says what a model is worth on data it was not trained on, in nats per example.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--samples",
            paramLabel = "K",
            defaultValue = "1",
            description = "Latent samples of each example; above 1 the importance-weighted bound is given too (default:"
                    + " ${DEFAULT-VALUE}).")
    private int samples;

    @Option(names = "--binarize", description = "Evaluate on binary pixels drawn once from the values.")
    private boolean binarize;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of the noise (default: 0).")
    private long seed;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (samples < 1) {
            throw ElboException.usage("--samples must be at least 1, not " + samples);
        }
        DataPlacement placement = data.placement();
        PrintWriter err = spec.commandLine().getErr();
        try (Backend backend = backendOptions.open(err);
                ModelFile.Loaded loaded = model.load(backend)) {
            Dataset examples = data.loadTest(err);
            model.requireFits(loaded, examples);
            if (loaded.vae().spec().likelihood() == Likelihood.BERNOULLI) {
                examples.requireUnitInterval();
            } else if (binarize) {
                throw ElboException.usage("--binarize: the model's likelihood is "
                        + loaded.vae().spec().likelihood() + ", not " + Likelihood.BERNOULLI);
            }
            try (DataSource source = DataSource.of(backend, examples, placement);
                    Evaluator evaluator = new Evaluator(loaded.vae(), source, samples, binarize, seed)) {
                print(evaluator.run("the ELBO of " + examples.name()), examples.examples());
            }
        }
        return 0;
    }

    private void print(Evaluation evaluation, int examples) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("examples", examples);
            object.addProperty("samples", samples);
            add(object, "elbo", evaluation.elbo());
            add(object, "reconstruction", evaluation.reconstruction());
            add(object, "kl", evaluation.kl());
            add(object, "bound", evaluation.bound());
            out.println(object);
            return;
        }
        out.println("examples        " + examples);
        row(out, "ELBO", evaluation.elbo());
        row(out, "reconstruction", evaluation.reconstruction());
        row(out, "KL", evaluation.kl());
        row(out, "bound L_" + samples, evaluation.bound());
    }

    private static void row(PrintWriter out, String name, double value) {
        if (Double.isFinite(value)) {
            out.printf(Locale.ROOT, "%-15s %.4f%n", name, value);
        }
    }

    private static void add(JsonObject object, String name, double value) {
        object.addProperty(name, Double.isFinite(value) ? value : null);
    }
}
