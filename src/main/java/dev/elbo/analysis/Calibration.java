package dev.elbo.analysis;

import java.util.Arrays;

/**
 * Conformal p-values of scores, from the scores of known, ordinary examples that the model was not trained on (Vovk et
 * al. 2005; Bates et al. 2023, eq. 3). If an example is exchangeable with the references, its p-value is at most t with a
 * probability of at most t, for every t and whatever the model; so an alarm at t is false for at most a share t of
 * ordinary examples. It is not the probability that the example is an anomaly.
 */
public final class Calibration {
    private final double[] references;

    /**
     * Creates a calibration from reference scores.
     *
     * @param references scores, at least one, all finite; copied
     */
    public Calibration(double[] references) {
        if (references.length == 0) {
            throw new IllegalArgumentException("references must have at least one score");
        }
        this.references = references.clone();
        Arrays.sort(this.references);
    }

    /**
     * {@return {@code (1 + #{references at least as high}) / (n + 1)}; the smallest is 1 / (n + 1)}
     *
     * @param score of an example
     */
    public double quantile(double score) {
        int below = 0;
        int above = references.length;
        while (below < above) {
            int middle = (below + above) >>> 1;
            if (references[middle] < score) {
                below = middle + 1;
            } else {
                above = middle;
            }
        }
        return (1.0 + references.length - below) / (references.length + 1.0);
    }

    /**
     * {@return {@link #quantile(double)} of each}
     *
     * @param scores of examples
     */
    public double[] quantiles(double[] scores) {
        return Arrays.stream(scores).map(this::quantile).toArray();
    }
}
