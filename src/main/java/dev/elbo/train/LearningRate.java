package dev.elbo.train;

import java.util.Locale;

/**
 * The learning rate over a run: a linear warm-up from near 0, then constant or falling to 0 at the end.
 *
 * @param rate after the warm-up, above 0
 * @param warmupEpochs length of the warm-up, may be a fraction
 * @param decay what follows
 */
public record LearningRate(double rate, double warmupEpochs, Decay decay) {
    /** How the rate falls after the warm-up. */
    public enum Decay {
        /** Not at all. */
        CONSTANT,
        /** On a straight line to 0. */
        LINEAR,
        /** On half a cosine wave to 0. */
        COSINE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Refuses what no training can do.
     *
     * @throws IllegalArgumentException with the option's name first, where a value makes no sense
     */
    public LearningRate {
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("learning-rate must be above 0, not " + rate);
        }
        if (!(warmupEpochs >= 0)) {
            throw new IllegalArgumentException("learning-rate-warmup must be at least 0 epochs, not " + warmupEpochs);
        }
    }

    /**
     * {@return the same rate in every step}
     *
     * @param rate above 0
     */
    public static LearningRate constant(double rate) {
        return new LearningRate(rate, 0, Decay.CONSTANT);
    }

    /** The rate of step {@code step} ≥ 1 of {@code steps} in all. */
    double at(long step, long steps, int stepsPerEpoch) {
        double warmup = warmupEpochs * stepsPerEpoch;
        if (step < warmup) {
            return rate * step / warmup;
        }
        double progress = steps > warmup ? Math.min(1, (step - 1 - warmup) / (steps - warmup)) : 0;
        double done = Math.max(0, progress);
        return switch (decay) {
            case CONSTANT -> rate;
            case LINEAR -> rate * (1 - done);
            case COSINE -> rate * 0.5 * (1 + StrictMath.cos(Math.PI * done));
        };
    }
}
