package dev.elbo.analysis.information;

import dev.elbo.linalg.Moments;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * A Monte Carlo estimate of KL(p ‖ q) from densities and draws of p: the mean of log p(x) − log q(x) over draws.
 *
 * @param value in nats; a single draw that q excludes makes it infinite
 * @param standardError of the mean, which is normal for many draws
 * @param samples drawn
 */
public record MonteCarloKl(double value, double standardError, int samples) {
    /**
     * Estimates the divergence.
     *
     * @param <T> what is drawn
     * @param sampler of p
     * @param logP log density of p
     * @param logQ log density of q
     * @param samples at least 2
     * @return the mean and its standard error
     * @throws IllegalArgumentException where p's density of a draw is 0, or a density is NaN
     */
    public static <T> MonteCarloKl estimate(
            Supplier<T> sampler, ToDoubleFunction<T> logP, ToDoubleFunction<T> logQ, int samples) {
        if (samples < 2) {
            throw new IllegalArgumentException("a standard error needs 2 samples, not " + samples);
        }
        Moments ratios = new Moments();
        for (int i = 0; i < samples; i++) {
            T x = sampler.get();
            double p = logP.applyAsDouble(x);
            double q = logQ.applyAsDouble(x);
            if (!Double.isFinite(p) || Double.isNaN(q) || q == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("draw " + i + " has the log densities " + p
                        + " under p, which it came from, and " + q + " under q");
            }
            if (q == Double.NEGATIVE_INFINITY) {
                return new MonteCarloKl(Double.POSITIVE_INFINITY, Double.NaN, i + 1);
            }
            ratios.add(p - q);
        }
        return new MonteCarloKl(ratios.mean(), ratios.standardError(), samples);
    }
}
