package dev.elbo.report;

import static dev.elbo.io.Text.format;
import static dev.elbo.report.RunReport.nats;

import dev.elbo.analysis.BitsPerDimension;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.ObservedValues;
import dev.elbo.net.Network;

/** The section on the marginal likelihood. */
record Evaluation(Markup out) {
    void write(ReportContent found) {
        out.open("section").leaf("h2", "Evaluation");
        if (!Network.of(found.spec()).stochastic()) {
            out.paragraph(
                    "A plain autoencoder has no posterior and no likelihood of data: there is nothing to evaluate.");
        } else if (found.data().isEmpty()) {
            out.paragraph("There were no data to evaluate on; a report with data evaluates the model.");
        } else if (found.estimate().isEmpty()) {
            out.paragraph("No estimate was asked for; 500 importance samples of each example give one.");
        } else {
            table(found, found.estimate().get());
        }
        out.close();
    }

    private void table(ReportContent found, LikelihoodEstimate e) {
        out.paragraph(format(
                "%,d of %,d examples of %s, %,d importance samples each; nats per example.",
                e.examples(),
                found.data().orElseThrow().size(),
                found.data().orElseThrow().name(),
                e.samples()));
        out.open("div", "class", "wide").open("table");
        String error = "± %.3f, the standard error over examples; %.4f is from the draws alone";
        row("−log p(x)", nats(-e.logLikelihood()), format(error, e.sampleError(), e.monteCarloError()));
        BitsPerDimension bits = found.bits().orElseThrow();
        if (bits.defined()) {
            double value = bits.of(-e.logLikelihood(), found.spec().inputs());
            row("bits per dimension", nats(value), bits.convention());
        }
        Network.of(found.spec()).likelihood().columns().ifPresent(columns -> {
            ObservedValues values = ObservedValues.of(found.data().orElseThrow().first(e.examples()), columns);
            row(
                    "nats per value",
                    nats(values.share(-e.logLikelihood(), e.examples())),
                    format("−log p(x) over the observed values, %,d of %,d", values.observed(), values.all()));
        });
        row("ELBO", nats(e.elbo()), "−reconstruction − KL, on the same draws");
        row("reconstruction", nats(e.reconstruction()), "−E[log p(x|z)]");
        row("KL", nats(e.kl()), "of q(z|x) from the prior, in closed form");
        double least = Math.max(0, e.gap() - e.gapHalfWidth());
        String gap = "KL(q(z|x) ‖ p(z|x)) = log p(x) − ELBO; 95 %% confidence interval %.3f to %.3f";
        row("posterior gap", nats(e.gap()), format(gap, least, e.gap() + e.gapHalfWidth()));
        String effective = format("mean of (Σw)² / Σw²; least %.1f of %,d", e.leastEffective(), e.samples());
        row("effective samples", format("%.1f", e.effective()), effective);
        found.units()
                .ifPresent(units ->
                        row("active units", units.active() + " of " + units.count(), "on all held-out examples"));
        out.close().close();
    }

    private void row(String name, String value, String meaning) {
        out.open("tr")
                .leaf("th", name)
                .leaf("td", value, "class", "value")
                .leaf("td", meaning)
                .close();
    }
}
