package dev.elbo.train;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;

/**
 * How a model is trained.
 *
 * @param epochs passes over the data, at least 1
 * @param batch examples of a step, at least 1; more than there are means all
 * @param adam constants of the optimiser
 * @param learningRate over the run
 * @param klWeight β over the run
 * @param seed of initial weights, order and noise
 * @param binarize whether every batch is made of fresh binary pixels, drawn with the data as probabilities
 * @param patience epochs without a better test ELBO after which training stops and the best weights are kept; 0: never
 * @param dataPlacement where training and held-out data are meanwhile; results do not depend on it
 * @param dropLast whether a partial last batch is left out of an epoch
 * @param onNan what to do where something is not finite
 */
public record TrainingOptions(
        int epochs,
        int batch,
        AdamSettings adam,
        LearningRate learningRate,
        KlWeight klWeight,
        long seed,
        boolean binarize,
        int patience,
        DataPlacement dataPlacement,
        boolean dropLast,
        OnNan onNan) {
    public TrainingOptions {
        atLeast("epochs", epochs, 1);
        atLeast("batch", batch, 1);
        atLeast("patience", patience, 0);
    }

    /** With every example in every epoch, and a failure where something is not finite. */
    public TrainingOptions(
            int epochs,
            int batch,
            AdamSettings adam,
            LearningRate learningRate,
            KlWeight klWeight,
            long seed,
            boolean binarize,
            int patience,
            DataPlacement dataPlacement) {
        this(epochs, batch, adam, learningRate, klWeight, seed, binarize, patience, dataPlacement, false, OnNan.STOP);
    }

    /** The same, with the data in the backend's memory where they fit. */
    public TrainingOptions(
            int epochs,
            int batch,
            AdamSettings adam,
            LearningRate learningRate,
            KlWeight klWeight,
            long seed,
            boolean binarize,
            int patience) {
        this(epochs, batch, adam, learningRate, klWeight, seed, binarize, patience, DataPlacement.AUTO);
    }

    /** The same with the data elsewhere. */
    public TrainingOptions with(DataPlacement placement) {
        return new TrainingOptions(
                epochs, batch, adam, learningRate, klWeight, seed, binarize, patience, placement, dropLast, onNan);
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " must be at least " + least + ", not " + value);
        }
    }
}
