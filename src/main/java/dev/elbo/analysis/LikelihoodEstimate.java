package dev.elbo.analysis;

import dev.elbo.linalg.Moments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An estimate of log p(x) and related terms: means over the finished examples, in nats per example.
 *
 * @param examples finished
 * @param total examples of the data
 * @param samples K of each example
 * @param logLikelihoods log p̂(x) of each example, the log of its mean importance weight
 * @param logLikelihood their mean
 * @param monteCarloError standard error of that mean on these very examples, from the draws: by the delta method from the
 *     spread of each example's weights
 * @param sampleError standard error of that mean as one over other examples of their kind, from the spread over examples
 * @param reconstruction −E_q[log p(x|z)], over all K draws
 * @param kl KL divergence of q from the prior in closed form
 * @param sampledKl the same as the mean over the K draws
 * @param effective mean effective sample size, (Σ w)² / Σ w²
 * @param leastEffective the smallest one
 * @param unreliable examples with an effective sample size below {@link #RELIABLE}
 * @param gap log p̂(x) − ELBO on the same draws, which estimates KL(q(z|x) ‖ p(z|x)) and is never negative
 * @param gapMonteCarloError as {@code monteCarloError}
 * @param gapSampleError as {@code sampleError}; it has the Monte Carlo error in it
 * @param bounds L_k for growing k; the first is the ELBO with the sampled KL divergence, the last is the log likelihood
 */
public record LikelihoodEstimate(
        int examples,
        int total,
        int samples,
        double[] logLikelihoods,
        double logLikelihood,
        double monteCarloError,
        double sampleError,
        double reconstruction,
        double kl,
        double sampledKl,
        double effective,
        double leastEffective,
        int unreliable,
        double gap,
        double gapMonteCarloError,
        double gapSampleError,
        List<Bound> bounds) {
    /** Below this effective sample size few draws carry the estimate, and its error too. */
    public static final int RELIABLE = 10;
    /** The 97.5 % quantile of a standard normal, for a 95 % confidence interval. */
    private static final double QUANTILE = 1.959963984540054;

    /**
     * The mean of log importance-weighted averages of k draws.
     *
     * @param samples k
     * @param value L_k
     * @param monteCarloError its standard error on these examples
     */
    public record Bound(int samples, double value, double monteCarloError) {}

    /**
     * {@return the estimate with log densities lowered by a constant: those of values in another unit} Divergences,
     * gaps and errors are the same in every unit.
     *
     * @param nats to subtract from each log density
     */
    public LikelihoodEstimate lower(double nats) {
        double[] lowered =
                Arrays.stream(logLikelihoods).map(value -> value - nats).toArray();
        return lowered(nats, lowered, logLikelihood - nats, sampleError);
    }

    /** @param nats by which the mean over the examples is lowered */
    private LikelihoodEstimate lowered(double nats, double[] logDensities, double mean, double error) {
        return new LikelihoodEstimate(
                examples,
                total,
                samples,
                logDensities,
                mean,
                monteCarloError,
                error,
                reconstruction + nats,
                kl,
                sampledKl,
                effective,
                leastEffective,
                unreliable,
                gap,
                gapMonteCarloError,
                gapSampleError,
                bounds.stream()
                        .map(bound -> new Bound(bound.samples(), bound.value() - nats, bound.monteCarloError()))
                        .toList());
    }

    /**
     * {@return the estimate with log densities lowered by a constant of each example} The error over examples follows from
     * the lowered log densities; divergences, gaps and the errors from the draws stay.
     *
     * @param nats to subtract from each log density, one for each example or more
     */
    public LikelihoodEstimate lower(double[] nats) {
        double[] lowered = new double[examples];
        Moments moments = new Moments();
        double mean = 0;
        for (int i = 0; i < examples; i++) {
            lowered[i] = logLikelihoods[i] - nats[i];
            moments.add(lowered[i]);
            mean += nats[i] / examples;
        }
        return lowered(mean, lowered, moments.mean(), moments.standardError());
    }

    /** {@return −reconstruction − kl} */
    public double elbo() {
        return -reconstruction - kl;
    }

    /** {@return whether the run was stopped early} */
    public boolean partial() {
        return examples < total;
    }

    /**
     * {@return half the width of the gap's 95 % confidence interval: over examples, or, if there is but one, over its
     * draws}
     */
    public double gapHalfWidth() {
        return QUANTILE * (examples > 1 ? gapSampleError : gapMonteCarloError);
    }

    /** Accumulates finished examples one by one. */
    static final class Builder {
        private final int total;
        private final int samples;
        private final double[] logLikelihoods;
        private final int rungs;
        private final double[] bounds;
        private final double[] boundVariances;
        private final Moments likelihood = new Moments();
        private final Moments gap = new Moments();
        private double variance;
        private double gapVariance;
        private double reconstruction;
        private double kl;
        private double sampledKl;
        private double effective;
        private double leastEffective = Double.POSITIVE_INFINITY;
        private int unreliable;
        private int finished;

        Builder(int total, int samples) {
            this.total = total;
            this.samples = samples;
            this.logLikelihoods = new double[total];
            this.rungs = ExampleWeights.rungs(samples);
            this.bounds = new double[rungs];
            this.boundVariances = new double[rungs];
        }

        int finished() {
            return finished;
        }

        void add(ExampleWeights weights, double klOfExample) {
            WeightSums all = weights.finish();
            double logMean = all.logMean();
            logLikelihoods[finished++] = logMean;
            likelihood.add(logMean);
            gap.add(logMean - weights.elbo());
            variance += all.logMeanVariance();
            gapVariance += weights.gapVariance();
            reconstruction += weights.reconstruction();
            sampledKl += weights.sampledKl();
            kl += klOfExample;
            effective += all.effective();
            leastEffective = Math.min(leastEffective, all.effective());
            unreliable += all.effective() < RELIABLE ? 1 : 0;
            for (int i = 0; i < rungs; i++) {
                bounds[i] += weights.bound(i);
                boundVariances[i] += weights.boundVariance(i);
            }
        }

        LikelihoodEstimate build() {
            double n = finished;
            List<Bound> curve = new ArrayList<>();
            for (int i = 0; i < rungs && ExampleWeights.samples(i) < samples; i++) {
                curve.add(new Bound(ExampleWeights.samples(i), bounds[i] / n, Math.sqrt(boundVariances[i]) / n));
            }
            curve.add(new Bound(samples, likelihood.mean(), Math.sqrt(variance) / n));
            return new LikelihoodEstimate(
                    finished,
                    total,
                    samples,
                    Arrays.copyOf(logLikelihoods, finished),
                    likelihood.mean(),
                    Math.sqrt(variance) / n,
                    likelihood.standardError(),
                    reconstruction / n,
                    kl / n,
                    sampledKl / n,
                    effective / n,
                    leastEffective,
                    unreliable,
                    gap.mean(),
                    Math.sqrt(gapVariance) / n,
                    gap.standardError(),
                    List.copyOf(curve));
        }
    }
}
