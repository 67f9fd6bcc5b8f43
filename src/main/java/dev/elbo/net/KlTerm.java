package dev.elbo.net;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.Tensor;

/**
 * The KL term of a loss, {@code scale · Σ_r rowWeight_r β KL_r}.
 *
 * @param mode whether the divergence is in closed form or at the samples
 * @param schedule holds β
 * @param rowWeight K·B × 1, or null: 1
 * @param scale of what the gradients are of
 */
public record KlTerm(KlMode mode, Schedule schedule, Tensor rowWeight, double scale) {}
