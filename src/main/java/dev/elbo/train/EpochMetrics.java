package dev.elbo.train;

import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * One epoch of a run, in nats per example.
 *
 * @param epoch from 1
 * @param step steps done so far
 * @param train means over the epoch's batches, each as it was when its step was taken
 * @param validation of the model after the epoch, on the validation data; null if there are none
 * @param test the same on the test data; null if there are none, and if there are validation data, since test data are
 *     used once, at the end of the run ({@link TrainingResult#test})
 * @param beta weight of the KL divergence in the last step's loss; NaN for a plain autoencoder
 * @param target bound of the constrained quantity in the last step; NaN without a constraint
 * @param learningRate of the last step
 * @param seconds of training alone
 * @param examplesPerSecond of training alone
 * @param gap the posterior gap after the epoch, on some held-out examples; NaN if it was not measured
 * @param gapMonteCarloError standard error of the gap over other draws; NaN if it was not measured
 */
public record EpochMetrics(
        int epoch,
        long step,
        Part train,
        Part validation,
        Part test,
        double beta,
        double target,
        double learningRate,
        double seconds,
        double examplesPerSecond,
        double gap,
        double gapMonteCarloError) {
    /**
     * {@return the part that selects epochs: that of the validation data, or if there are none, of the test data; null
     * without either}
     */
    public Part judged() {
        return validation != null ? validation : test;
    }

    /** The number of values that {@link #toRow} returns. */
    static final int COLUMNS = 17;

    /** Returns all values; one part stands for validation or test data, all NaN without either. */
    double[] toRow() {
        Part judged = judged() == null ? Part.NONE : judged();
        return Stream.of(
                        DoubleStream.of(epoch, step),
                        train.values(),
                        judged.values(),
                        DoubleStream.of(
                                beta, target, learningRate, seconds, examplesPerSecond, gap, gapMonteCarloError))
                .flatMapToDouble(values -> values)
                .toArray();
    }

    /** Inverts {@link #toRow}, from {@code at} on; {@code validated} if the second part is of validation data. */
    static EpochMetrics ofRow(double[] rows, int at, boolean validated) {
        Part read = new Part(rows[at + 6], rows[at + 7], rows[at + 8], rows[at + 9]);
        Part judged = read.equals(Part.NONE) ? null : read;
        return new EpochMetrics(
                (int) rows[at],
                (long) rows[at + 1],
                new Part(rows[at + 2], rows[at + 3], rows[at + 4], rows[at + 5]),
                validated ? judged : null,
                validated ? null : judged,
                rows[at + 10],
                rows[at + 11],
                rows[at + 12],
                rows[at + 13],
                rows[at + 14],
                rows[at + 15],
                rows[at + 16]);
    }

    /**
     * Means over examples, in nats.
     *
     * @param elbo at β = 1, whatever was optimised; NaN for a plain autoencoder
     * @param loss the minimised quantity
     * @param reconstruction −E[log p(x|z)], constants included
     * @param kl KL divergence of the posterior from the prior; NaN for a plain autoencoder
     */
    public record Part(double elbo, double loss, double reconstruction, double kl) {
        private static final Part NONE = new Part(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

        private DoubleStream values() {
            return DoubleStream.of(elbo, loss, reconstruction, kl);
        }
    }
}
