package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.elbo.analysis.BitsPerDimension;
import dev.elbo.analysis.Evaluation;
import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.LogJacobian;
import dev.elbo.analysis.ObservedValues;
import dev.elbo.data.Dataset;
import dev.elbo.io.Text;
import dev.elbo.model.Columns;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The output of {@code elbo evaluate}, in the unit of the data: a table for people, or one JSON object with all results.
 *
 * @param columns of a model of a table
 * @param unit of log densities
 * @param classes names of the model's classes
 * @param told the class that all examples are taken to be of, if it is not that of their labels
 */
record EvaluationReport(
        PrintWriter out,
        Dataset data,
        BitsPerDimension bits,
        Optional<Columns> columns,
        LogJacobian unit,
        List<String> classes,
        Optional<String> told) {
    /** Units that get a line of their own. */
    private static final int LISTED = 32;

    private static final Gson GSON = new Gson();

    /** @param units null for a plain autoencoder */
    void print(Evaluation evaluation, int samples, LatentUnits units, boolean json) {
        Optional<ObservedValues> values = values(data.size());
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("examples", data.size());
            addClasses(object);
            object.addProperty("samples", samples);
            add(object, "elbo", evaluation.elbo());
            add(object, "reconstruction", evaluation.reconstruction());
            add(object, "kl", evaluation.kl());
            add(object, "bound", evaluation.bound());
            values.ifPresent(counted -> addValues(object, counted, -evaluation.elbo(), data.size()));
            addUnit(object, data.size());
            addUnits(object, units);
            out.println(object);
            return;
        }
        out.println(Text.format("%,d examples of %s, nats per example%s", data.size(), data.name(), given()));
        row("ELBO", evaluation.elbo(), "");
        row("reconstruction", evaluation.reconstruction(), "-E[log p(x|z)]");
        row("KL", evaluation.kl(), "of q(z|x) from the prior");
        row("bound L_" + samples, evaluation.bound(), "importance-weighted");
        values.ifPresent(counted -> printValues(counted, -evaluation.elbo(), data.size(), "-ELBO"));
        printUnit(data.size());
        printUnits(units);
    }

    /** @param seconds of the draws */
    void print(LikelihoodEstimate e, LatentUnits units, double seconds, boolean json) {
        if (json) {
            out.println(json(e, units, seconds));
            return;
        }
        out.println(Text.format(
                "%s%,d of %,d examples of %s, %,d samples each, nats per example%s",
                e.partial() ? "PARTIAL: " : "", e.examples(), e.total(), data.name(), e.samples(), given()));
        row("ELBO", e.elbo(), "-reconstruction - KL");
        row("reconstruction", e.reconstruction(), "-E[log p(x|z)]");
        row("KL", e.kl(), "of q(z|x) from the prior, closed form");
        row("KL, sampled", e.sampledKl(), "the same from the draws");
        row("NLL", -e.logLikelihood(), "-log p(x)");
        row("Monte Carlo s.e.", e.monteCarloError(), "spread over other draws, on these examples");
        row("s.e. over examples", e.sampleError(), "spread over other examples");
        if (bits.defined()) {
            row("bits per dimension", bits.of(-e.logLikelihood(), data.features()), bits.convention());
        }
        values(e.examples()).ifPresent(counted -> printValues(counted, -e.logLikelihood(), e.examples(), "NLL"));
        for (LikelihoodEstimate.Bound bound : e.bounds()) {
            row(
                    "bound L_" + bound.samples(),
                    bound.value(),
                    Text.format("Monte Carlo s.e. %.4f", bound.monteCarloError()));
        }
        row(
                "posterior gap",
                e.gap(),
                Text.format(
                        "95 %% confidence interval %.4f to %.4f",
                        Math.max(0, e.gap() - e.gapHalfWidth()), e.gap() + e.gapHalfWidth()));
        out.println(
                "  log p(x) - ELBO = KL(q(z|x) || p(z|x)): how far the encoder is from the posterior of this very model.");
        row(
                "effective samples",
                e.effective(),
                Text.format("mean of (sum w)^2 / sum w^2; least %.1f of %,d", e.leastEffective(), e.samples()));
        printUnit(e.examples());
        if (e.unreliable() > 0) {
            out.println(Text.format(
                    "note: %,d of %,d examples have fewer than %d effective samples;%n      NLL is an upper bound there, the"
                            + " gap a lower one, and more --importance-samples tighten both",
                    e.unreliable(), e.examples(), LikelihoodEstimate.RELIABLE));
        }
        printUnits(units);
    }

    /** Returns what the densities are conditional on. */
    private String given() {
        return classes.isEmpty()
                ? ""
                : told.map(name -> ", given the class '" + name + "'").orElse(", given the class of each");
    }

    private void addClasses(JsonObject object) {
        if (!classes.isEmpty()) {
            object.add("classes", GSON.toJsonTree(classes));
            told.ifPresent(name -> object.addProperty("class", name));
        }
    }

    private void row(String name, double value, String meaning) {
        if (Double.isFinite(value)) {
            out.println(Text.format("%-18s %12.4f  %s", name, value, meaning).stripTrailing());
        }
    }

    /** Returns the count of the values of a table's first examples; empty for other data. */
    private Optional<ObservedValues> values(int examples) {
        return columns.map(all -> ObservedValues.of(data.first(examples), all));
    }

    private void printValues(ObservedValues values, double nats, int examples, String meaning) {
        row(
                "nats per value",
                values.share(nats, examples),
                Text.format("%s over the observed values, %,d of %,d", meaning, values.observed(), values.all()));
    }

    private static void addValues(JsonObject object, ObservedValues values, double nats, int examples) {
        object.addProperty("values", values.all());
        object.addProperty("values_observed", values.observed());
        add(object, "nats_per_value", values.share(nats, examples));
    }

    private void printUnit(int examples) {
        if (data.standardization().isPresent()) {
            row(
                    "standardisation",
                    unit.mean(examples),
                    unit.varies()
                            ? "sum of log deviations of observed values, mean over the examples: the ELBO of standardised"
                                    + " values is higher by it"
                            : "sum of log deviations: the ELBO of standardised values is higher by this sum");
        }
    }

    private void addUnit(JsonObject object, int examples) {
        if (data.standardization().isPresent()) {
            add(object, "standardization_nats", unit.mean(examples));
        }
    }

    private void printUnits(LatentUnits units) {
        if (units == null) {
            return;
        }
        out.println(Text.format(
                "active units       %7d of %d  variance of E_q[z_j] over the examples above %s",
                units.active(), units.count(), LatentUnits.ACTIVE));
        if (units.active() < units.count()) {
            out.println(Text.format(
                    "warning: posterior collapse: %d of %d units hardly depend on x",
                    units.count() - units.active(), units.count()));
        }
        out.println(
                "unit         KL       mean   variance of means   variance   (of the aggregated posterior; prior: 0, 1)");
        for (int j : Arrays.copyOf(units.byKl(), Math.min(LISTED, units.count()))) {
            out.println(Text.format(
                    "%4d %10.4f %10.4f %19.4f %10.4f%s",
                    j,
                    units.kl()[j],
                    units.mean()[j],
                    units.meanVariance()[j],
                    units.variance()[j],
                    units.meanVariance()[j] > LatentUnits.ACTIVE ? "" : "   inactive"));
        }
        if (units.count() > LISTED) {
            out.println(Text.format("and %d more units with smaller KL; --json lists all", units.count() - LISTED));
        }
    }

    private JsonObject json(LikelihoodEstimate e, LatentUnits units, double seconds) {
        JsonObject object = new JsonObject();
        object.addProperty("examples", e.examples());
        object.addProperty("examples_total", e.total());
        addClasses(object);
        object.addProperty("partial", e.partial());
        object.addProperty("importance_samples", e.samples());
        add(object, "elbo", e.elbo());
        add(object, "reconstruction", e.reconstruction());
        add(object, "kl", e.kl());
        add(object, "sampled_kl", e.sampledKl());
        add(object, "nll", -e.logLikelihood());
        add(object, "nll_monte_carlo_error", e.monteCarloError());
        add(object, "nll_error_over_examples", e.sampleError());
        add(object, "bits_per_dimension", bits.of(-e.logLikelihood(), data.features()));
        object.addProperty("bits_per_dimension_convention", bits.convention());
        values(e.examples()).ifPresent(counted -> addValues(object, counted, -e.logLikelihood(), e.examples()));
        JsonObject effective = new JsonObject();
        add(effective, "mean", e.effective());
        add(effective, "least", e.leastEffective());
        effective.addProperty("examples_below_" + LikelihoodEstimate.RELIABLE, e.unreliable());
        object.add("effective_samples", effective);
        JsonArray bounds = new JsonArray();
        for (LikelihoodEstimate.Bound bound : e.bounds()) {
            JsonObject point = new JsonObject();
            point.addProperty("samples", bound.samples());
            add(point, "bound", bound.value());
            add(point, "monte_carlo_error", bound.monteCarloError());
            bounds.add(point);
        }
        object.add("bounds", bounds);
        JsonObject gap = new JsonObject();
        add(gap, "value", e.gap());
        add(gap, "low", Math.max(0, e.gap() - e.gapHalfWidth()));
        add(gap, "high", e.gap() + e.gapHalfWidth());
        add(gap, "monte_carlo_error", e.gapMonteCarloError());
        add(gap, "error_over_examples", e.gapSampleError());
        object.add("posterior_gap", gap);
        addUnit(object, e.examples());
        add(object, "seconds", seconds);
        addUnits(object, units);
        return object;
    }

    private static void addUnits(JsonObject object, LatentUnits units) {
        if (units == null) {
            return;
        }
        object.addProperty("active_units", units.active());
        JsonObject json = new JsonObject();
        json.add("kl", array(units.kl()));
        json.add("aggregated_mean", array(units.mean()));
        json.add("variance_of_means", array(units.meanVariance()));
        json.add("aggregated_variance", array(units.variance()));
        object.add("units", json);
    }

    private static JsonElement array(double[] values) {
        return GSON.toJsonTree(values);
    }

    /** Adds a number, or null for NaN and infinity, which JSON does not have. */
    private static void add(JsonObject object, String name, double value) {
        object.addProperty(name, Double.isFinite(value) ? value : null);
    }
}
