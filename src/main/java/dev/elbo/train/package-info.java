/**
 * Training: {@link dev.elbo.train.Trainer} in memory, {@link dev.elbo.train.TrainingRun} with a folder that keeps checkpoints and
 * results; schedules, events for a {@link dev.elbo.train.TrainingListener}, and the result. Nothing is printed.
 */
package dev.elbo.train;
