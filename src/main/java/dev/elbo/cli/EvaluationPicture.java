package dev.elbo.cli;

import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.LikelihoodEstimate.Bound;
import dev.elbo.io.Curves;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A picture of L_k with twice its Monte Carlo standard error, and of the KL divergence of each unit. */
final class EvaluationPicture {
    private EvaluationPicture() {}

    /** @param estimate null: the units alone */
    static List<Curves.Panel> panels(LikelihoodEstimate estimate, LatentUnits units) {
        List<Curves.Panel> panels = new ArrayList<>();
        if (estimate != null) {
            List<Bound> bounds = estimate.bounds();
            panels.add(new Curves.Panel(
                    "importance-weighted bound",
                    "samples k",
                    "nats per example",
                    List.of(new Curves.Series(
                            "L_k ± 2 Monte Carlo s.e.",
                            values(bounds, Bound::samples),
                            values(bounds, Bound::value),
                            values(bounds, bound -> 2 * bound.monteCarloError()))),
                    Curves.Kind.LOGARITHMIC));
        }
        int[] order = units.byKl();
        double[] ranks =
                IntStream.rangeClosed(1, units.count()).asDoubleStream().toArray();
        panels.add(new Curves.Panel(
                "KL divergence of each unit",
                "unit, by KL",
                "nats per example",
                List.of(
                        new Curves.Series("active", ranks, kl(units, order, true)),
                        new Curves.Series("inactive", ranks, kl(units, order, false))),
                Curves.Kind.BARS));
        return panels;
    }

    private static double[] values(List<Bound> bounds, ToDoubleFunction<Bound> value) {
        return bounds.stream().mapToDouble(value).toArray();
    }

    /** {@return the KL divergences, 0 for units of the other kind} */
    private static double[] kl(LatentUnits units, int[] order, boolean active) {
        return Arrays.stream(order)
                .mapToDouble(j -> units.isActive(j) == active ? units.kl()[j] : 0)
                .toArray();
    }
}
