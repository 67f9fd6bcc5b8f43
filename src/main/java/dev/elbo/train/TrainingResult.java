package dev.elbo.train;

import java.util.List;

/**
 * A finished run.
 *
 * @param epochs all of them
 * @param kept the epoch whose weights the model has: the best on the test data with a patience, else the last
 */
public record TrainingResult(List<EpochMetrics> epochs, EpochMetrics kept) {}
