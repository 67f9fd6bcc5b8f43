package dev.elbo.analysis;

import dev.elbo.error.Interruption;
import java.util.function.Function;

/**
 * The terms of log p(x) = ELBO + gap for one example, or means over some, in nats. Each is computed on its own, so the
 * identity is a check.
 *
 * @param logDensity log p(x)
 * @param elbo E_q log p(x|z) − KL(q ‖ prior)
 * @param gap KL(q(z|x) ‖ p(z|x))
 */
public record PosteriorTerms(double logDensity, double elbo, double gap) {
    static PosteriorTerms mean(double[][] examples, Function<double[], PosteriorTerms> terms) {
        double logDensity = 0;
        double elbo = 0;
        double gap = 0;
        for (double[] x : examples) {
            Interruption.throwIfInterrupted("the posterior of examples");
            PosteriorTerms one = terms.apply(x);
            logDensity += one.logDensity / examples.length;
            elbo += one.elbo / examples.length;
            gap += one.gap / examples.length;
        }
        return new PosteriorTerms(logDensity, elbo, gap);
    }
}
