package dev.elbo.spark;

import dev.elbo.train.EpochMetrics;
import java.io.Serializable;
import java.util.List;

/**
 * What the first worker returns.
 *
 * @param file bytes of the model's file
 * @param epochs all of the run
 * @param exchanged bytes that the first worker has sent and received
 * @param exchangeSeconds that it has spent on that, waiting included
 * @param trainingSeconds of the run, those included
 */
record TrainedModel(
        byte[] file, List<EpochMetrics> epochs, long exchanged, double exchangeSeconds, double trainingSeconds)
        implements Serializable {}
