package dev.elbo.cli;

import dev.elbo.analysis.BitsPerDimension;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluator;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.LogJacobian;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.Curves;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.net.Vae;
import dev.elbo.report.EvaluationCharts;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "evaluate", description = "Evaluates a model on held-out data, in nats per example.")
final class EvaluateCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Option(
            names = "--importance-samples",
            paramLabel = "K",
            description =
                    "Importance samples per example, to estimate the marginal likelihood log p(x) and the posterior"
                            + " gap (5000 in the literature). Ctrl-C stops early; the finished examples give a partial answer.")
    private Integer importanceSamples;

    @Mixin
    private PartOptions part;

    @Option(names = "--examples", paramLabel = "N", description = "Only the first N examples (default: all).")
    private Integer count;

    @Option(
            names = "--samples",
            paramLabel = "L",
            description =
                    "Latent samples per example for the ELBO alone; above 1, also prints the bound L_L of Burda et"
                            + " al. (default: 1).")
    private Integer samples;

    @Option(names = "--binarize", description = "Evaluate on binary pixels drawn once from the values.")
    private boolean binarize;

    @Option(names = "--seed", paramLabel = "S", description = "Random seed for the sampling noise (default: 0).")
    private long seed;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", description = "Print one JSON object with all results.")
    private boolean json;

    @Option(
            names = "--out",
            paramLabel = "F",
            description =
                    "Picture to draw, .png: the bound over the number of samples, and the KL divergence of each unit.")
    private Path out;

    @Override
    public Integer call() {
        check();
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            Dataset all = part.load(data, inputs, err());
            if ("none".equals(loaded.metadata().get(InputSchema.HELD_OUT))) {
                err().println(
                                "note: the model was trained on all examples of its data: results on them are optimistic");
            }
            Dataset examples = count == null ? all : all.first(count);
            Vae vae = loaded.vae();
            requireKind(vae.spec(), examples);
            EvaluationReport report = new EvaluationReport(
                    out(),
                    examples,
                    BitsPerDimension.of(vae.network().likelihood(), examples, binarize),
                    vae.network().likelihood().columns(),
                    LogJacobian.of(examples),
                    vae.spec().classes(),
                    classes.name());
            try (DataSource source = classes.on(data, loaded, examples)) {
                LatentUnits units = vae.network().stochastic() ? LatentUnits.of(vae, source, binarize, seed) : null;
                return importanceSamples == null
                        ? elbo(vae, source, examples, units, report)
                        : likelihood(vae, source, examples, units, report);
            }
        });
    }

    private void check() {
        Check.atLeast("--samples", samples, 1);
        Check.atLeast("--examples", count, 1);
        Check.atLeast("--importance-samples", importanceSamples, 2);
        if (importanceSamples != null && importanceSamples > MarginalLikelihood.MAX_SAMPLES) {
            throw ElboException.usage("--importance-samples must be at most " + MarginalLikelihood.MAX_SAMPLES
                    + ", not " + importanceSamples);
        }
        if (importanceSamples != null && samples != null) {
            throw ElboException.usage(
                    "--samples and --importance-samples: the importance samples give the ELBO too; give one of them");
        }
        if (out != null && !out.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            throw ElboException.usage("--out " + out + ": the name must end in .png");
        }
    }

    private void requireKind(VaeSpec kind, Dataset examples) {
        if (Network.of(kind).likelihood().binary()) {
            examples.requireUnitInterval();
        } else if (binarize) {
            throw ElboException.usage("--binarize needs a likelihood of binary values such as bernoulli, not "
                    + kind.likelihood().kind());
        }
        if (!Network.of(kind).stochastic() && (importanceSamples != null || out != null)) {
            throw ElboException.usage((out != null ? "--out" : "--importance-samples")
                    + ": the model is a plain autoencoder, which has no posterior");
        }
    }

    private int elbo(Vae vae, DataSource source, Dataset examples, LatentUnits units, EvaluationReport report) {
        int draws = samples == null ? 1 : samples;
        try (Evaluator evaluator = new Evaluator(vae, source, draws, binarize, seed)) {
            report.print(report.unit().undo(evaluator.run("the ELBO of " + examples.name())), draws, units, json);
        }
        draw(null, units);
        return 0;
    }

    private int likelihood(Vae vae, DataSource source, Dataset examples, LatentUnits units, EvaluationReport report) {
        try (StopSignal stop = new StopSignal(err());
                MarginalLikelihood likelihood = new MarginalLikelihood(
                        vae, source, importanceSamples, binarize, seed, MarginalLikelihood.MEMORY)) {
            LikelihoodEstimate estimate;
            double seconds;
            try (SamplingProgress progress =
                    new SamplingProgress(examples.size(), importanceSamples, err(), stop::given)) {
                estimate = report.unit().undo(likelihood.run("log p(x) of " + examples.name(), progress));
                seconds = progress.seconds();
            }
            if (estimate.examples() == 0) {
                err().println("stopped before any example had all " + importanceSamples
                        + " samples; there is nothing to report");
            } else {
                report.print(estimate, units, seconds, json);
                draw(estimate, units);
            }
            out().flush();
            return estimate.partial() ? StopSignal.EXIT_CODE : 0;
        }
    }

    private void draw(LikelihoodEstimate estimate, LatentUnits units) {
        if (out != null) {
            Curves.Panel chart = EvaluationCharts.units(units);
            Curves.writePng(
                    out,
                    estimate == null ? List.of(chart) : List.of(EvaluationCharts.bounds(estimate.bounds()), chart));
        }
    }
}
