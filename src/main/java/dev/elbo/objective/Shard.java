package dev.elbo.objective;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Tensor;

/**
 * Rows of a batch that a step computes together, and the memory for them; most steps have one shard, the whole batch. What is
 * read and written by the shards of a batch on one backend is the same object in all of them, but for activations, x, noise,
 * gradients and metrics.
 *
 * @param vae the model
 * @param activations of these rows, made for training, with the objective's samples
 * @param x B × D
 * @param noise ε, the same for forward and backward; a plain autoencoder needs none
 * @param schedule β
 * @param gradients of the model's layout: the shard's part of the gradients of the mean over the batch
 * @param metrics table for {@link Ops#stepMetrics}, means over these rows; or null
 * @param steering memory of {@link Objective#control}, or null if it needs none
 * @param batch examples of the whole batch, over which the loss is the mean; at least B
 */
public record Shard(
        Vae vae,
        Activations activations,
        Tensor x,
        NoiseSource noise,
        Schedule schedule,
        Arena gradients,
        Tensor metrics,
        KlControlState steering,
        int batch) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if the batch has fewer examples than the shard
     */
    public Shard {
        if (batch < activations.batch()) {
            throw new IllegalArgumentException(
                    "batch must be at least " + activations.batch() + ", the rows of the shard, not " + batch);
        }
    }

    /**
     * {@return a batch that is one shard}
     *
     * @param vae the model
     * @param activations of the batch
     * @param x B × D
     * @param noise ε, or null for a plain autoencoder
     * @param schedule β
     * @param gradients of the model's layout, written
     * @param metrics table for {@link Ops#stepMetrics}, or null
     * @param steering memory of {@link Objective#control}, or null if it needs none
     */
    public static Shard whole(
            Vae vae,
            Activations activations,
            Tensor x,
            NoiseSource noise,
            Schedule schedule,
            Arena gradients,
            Tensor metrics,
            KlControlState steering) {
        return new Shard(vae, activations, x, noise, schedule, gradients, metrics, steering, activations.batch());
    }

    /** {@return the operations of the model's backend} */
    public Ops ops() {
        return vae.backend().ops();
    }
}
