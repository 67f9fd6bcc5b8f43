package dev.elbo.report;

import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate.Bound;
import dev.elbo.io.Curves.Kind;
import dev.elbo.io.Curves.Panel;
import dev.elbo.io.Curves.Place;
import dev.elbo.io.Curves.Series;
import dev.elbo.io.Text;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The charts of an evaluation.
 *
 * @hidden
 */
public final class EvaluationCharts {
    /** The most bars that a chart has room for. */
    static final int MAX_BARS = 200;

    private EvaluationCharts() {}

    /** Returns the chart of L_k with twice its Monte Carlo standard error. */
    public static Panel bounds(List<Bound> bounds) {
        Series series = new Series(
                "L_k ± 2 Monte Carlo s.e.",
                values(bounds, Bound::samples),
                values(bounds, Bound::value),
                values(bounds, bound -> 2 * bound.monteCarloError()));
        String title = "importance-weighted bound";
        return new Panel(title, "samples k", "nats per example", List.of(series), Kind.LOGARITHMIC, List.of());
    }

    private static double[] values(List<Bound> bounds, ToDoubleFunction<Bound> value) {
        return bounds.stream().mapToDouble(value).toArray();
    }

    /** Returns the chart of the KL divergence of each unit, the largest first. */
    public static Panel units(LatentUnits units) {
        int[] shown = Arrays.copyOf(units.byKl(), Math.min(MAX_BARS, units.count()));
        List<Place> places = Arrays.stream(shown)
                .mapToObj(unit -> new Place(
                        Integer.toString(unit),
                        Text.format(
                                "unit %d: KL %.4f nats, variance of means %.4f, aggregated mean %.4f, variance %.4f%s",
                                unit,
                                units.kl()[unit],
                                units.meanVariance()[unit],
                                units.mean()[unit],
                                units.variance()[unit],
                                units.isActive(unit) ? "" : ", inactive")))
                .toList();
        return new Panel(
                "KL divergence of each unit",
                shown.length < units.count() ? "unit, the " + MAX_BARS + " with the largest KL" : "unit, by KL",
                "nats per example",
                List.of(
                        bars("active", shown, unit -> units.isActive(unit) ? units.kl()[unit] : Double.NaN),
                        bars("inactive", shown, unit -> units.isActive(unit) ? Double.NaN : units.kl()[unit])),
                Kind.BARS,
                places);
    }

    /** Returns the chart of the explained variance of these features, flat if nothing is to be explained. */
    static Panel explained(double[] explained, int[] shown, List<String> names) {
        Series series = bars("held-out data", shown, j -> Double.isFinite(explained[j]) ? explained[j] : 0);
        List<Place> places = Arrays.stream(shown)
                .mapToObj(j -> new Place(names.get(j), Text.format("%s: %.4f", names.get(j), explained[j])))
                .toList();
        return new Panel("Explained variance", "feature", "1 − MSE / variance", List.of(series), Kind.BARS, places);
    }

    private static Series bars(String name, int[] shown, IntToDoubleFunction height) {
        double[] x = IntStream.rangeClosed(1, shown.length).asDoubleStream().toArray();
        return new Series(name, x, Arrays.stream(shown).mapToDouble(height).toArray());
    }
}
