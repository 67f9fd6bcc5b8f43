package dev.elbo.train;

/**
 * The weight β of the KL divergence over a run (Higgins et al. 2017), with a linear warm-up from near 0 (Sønderby et al.
 * 2016).
 *
 * @param beta after the warm-up, at least 0
 * @param warmupEpochs length of the warm-up, may be a fraction
 */
public record KlWeight(double beta, double warmupEpochs) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException with the option's name first, if a value is out of range
     */
    public KlWeight {
        if (!(beta >= 0) || Double.isInfinite(beta)) {
            throw new IllegalArgumentException("beta must be at least 0, not " + beta);
        }
        if (!(warmupEpochs >= 0)) {
            throw new IllegalArgumentException("KlWeight.warmupEpochs must be at least 0 epochs, not " + warmupEpochs);
        }
    }

    /**
     * {@return the same weight in every step}
     *
     * @param beta at least 0
     */
    public static KlWeight constant(double beta) {
        return new KlWeight(beta, 0);
    }

    /** Returns the weight of step {@code step} ≥ 1. */
    double at(long step, int stepsPerEpoch) {
        double warmup = warmupEpochs * stepsPerEpoch;
        return step < warmup ? beta * step / warmup : beta;
    }
}
