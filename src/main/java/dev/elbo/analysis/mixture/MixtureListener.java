package dev.elbo.analysis.mixture;

/** A listener for the steps of a fit. */
@FunctionalInterface
public interface MixtureListener {
    /** Ignores all steps. */
    MixtureListener NONE = (components, step, meanLogLikelihood) -> {};

    /**
     * Called at every step of expectation maximisation. From step to step of a fit the value falls by no more than rounding.
     *
     * @param components the mixture has at this step
     * @param step from 0, the start, on; a new fit begins at 0 again
     * @param meanLogLikelihood nats a row
     */
    void onStep(int components, int step, double meanLogLikelihood);

    /**
     * Called right after {@link #onStep} with the mixture as it is at this step.
     *
     * @param step number of the iteration
     * @param mixture of the rows as they were given, without a criterion ({@link GaussianMixture#bic} is NaN)
     */
    default void onMixture(int step, GaussianMixture mixture) {}
}
