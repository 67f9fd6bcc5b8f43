package dev.elbo.report;

import dev.elbo.analysis.BitsPerDimension;
import dev.elbo.analysis.LikelihoodEstimate;
import java.util.Locale;
import java.util.Optional;

/** The section on the marginal likelihood. */
final class Evaluation {
    private Evaluation() {}

    static void write(Markup out, Optional<ReportContent> findings) {
        if (findings.isEmpty()) {
            return;
        }
        ReportContent found = findings.get();
        out.open("section").leaf("h2", "Evaluation");
        if (!found.spec().stochastic()) {
            out.leaf(
                    "p",
                    "A plain autoencoder has no posterior and no likelihood of data: there is nothing to evaluate.");
        } else if (found.data().isEmpty()) {
            out.leaf("p", "There were no data to evaluate on; a report with data evaluates the model.");
        } else if (found.estimate().isEmpty()) {
            out.leaf("p", "No estimate was asked for; 500 importance samples of each example give one.");
        } else {
            table(out, found, found.estimate().get());
        }
        out.close();
    }

    private static void table(Markup out, ReportContent found, LikelihoodEstimate e) {
        out.leaf(
                "p",
                String.format(
                        Locale.ROOT,
                        "%,d of %,d examples of %s, %,d importance samples each; nats per example.",
                        e.examples(),
                        found.data().orElseThrow().size(),
                        found.data().orElseThrow().name(),
                        e.samples()));
        out.open("div", "class", "wide").open("table");
        row(
                out,
                "−log p(x)",
                RunReport.nats(-e.logLikelihood()),
                String.format(
                        Locale.ROOT,
                        "± %.3f, the standard error over examples; %.4f is from the draws alone",
                        e.sampleError(),
                        e.monteCarloError()));
        BitsPerDimension bits = found.bits().orElseThrow();
        if (bits.defined()) {
            row(
                    out,
                    "bits per dimension",
                    RunReport.nats(bits.of(-e.logLikelihood(), found.spec().inputs())),
                    bits.convention());
        }
        row(out, "ELBO", RunReport.nats(e.elbo()), "−reconstruction − KL, on the same draws");
        row(out, "reconstruction", RunReport.nats(e.reconstruction()), "−E[log p(x|z)]");
        row(out, "KL", RunReport.nats(e.kl()), "of q(z|x) from the prior, in closed form");
        row(
                out,
                "posterior gap",
                RunReport.nats(e.gap()),
                String.format(
                        Locale.ROOT,
                        "KL(q(z|x) ‖ p(z|x)) = log p(x) − ELBO; 95 %% confidence interval %.3f to %.3f",
                        Math.max(0, e.gap() - e.gapHalfWidth()),
                        e.gap() + e.gapHalfWidth()));
        row(
                out,
                "effective samples",
                String.format(Locale.ROOT, "%.1f", e.effective()),
                String.format(Locale.ROOT, "mean of (Σw)² / Σw²; least %.1f of %,d", e.leastEffective(), e.samples()));
        found.units()
                .ifPresent(units ->
                        row(out, "active units", units.active() + " of " + units.count(), "on all held-out examples"));
        out.close().close();
    }

    private static void row(Markup out, String name, String value, String meaning) {
        out.open("tr")
                .leaf("th", name)
                .leaf("td", value, "class", "value")
                .leaf("td", meaning)
                .close();
    }
}
