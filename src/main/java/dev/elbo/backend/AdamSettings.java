package dev.elbo.backend;

/**
 * Constants of Adam (Kingma and Ba 2015, algorithm 1).
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to √v̂, at least {@link Float#MIN_NORMAL}, so that it is above 0 in float32 too
 */
public record AdamSettings(double beta1, double beta2, double epsilon) {
    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, as Kingma and Ba propose (2014, algorithm 1). */
    public static final AdamSettings DEFAULT = new AdamSettings(0.9, 0.999, 1e-8);

    public AdamSettings {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("Adam's betas must be in [0, 1), not " + beta1 + ", " + beta2);
        }
        if (!(epsilon >= Float.MIN_NORMAL && epsilon <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("AdamSettings.epsilon must be at least " + Float.MIN_NORMAL
                    + " and no more than a float32 holds, not " + epsilon);
        }
    }

    /**
     * {@return the decays of {@link #DEFAULT} with another epsilon}
     *
     * @param epsilon as that of the record
     */
    public static AdamSettings withEpsilon(double epsilon) {
        return new AdamSettings(DEFAULT.beta1, DEFAULT.beta2, epsilon);
    }

    /**
     * {@return the row of the {@link Schedule} for step {@code t} ≥ 1, all in float64}
     *
     * @param t number of the step, from 1
     * @param learningRate of the step
     * @param klWeight β of the step
     */
    public double[] scheduleRow(long t, double learningRate, double klWeight) {
        double[] row = new double[Schedule.COLUMNS];
        row[Schedule.STEP_SIZE] = learningRate / (1 - Math.pow(beta1, t));
        row[Schedule.SECOND_MOMENT_SCALE] = 1 / Math.sqrt(1 - Math.pow(beta2, t));
        row[Schedule.BETA] = klWeight;
        return row;
    }
}
