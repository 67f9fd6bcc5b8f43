/**
 * Training: {@link dev.elbo.train.Trainer} in memory, {@link dev.elbo.train.TrainingRun} with a folder that keeps what was done; what
 * changes along a run by plan, what it tells a {@link dev.elbo.train.TrainingListener}, and what it leaves. Nothing is printed.
 */
package dev.elbo.train;
