package dev.elbo.backend;

import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * The operations on latent variables: noise, samples, KL divergences and their gradients; shapes and conventions
 * are those of {@link Ops}.
 */
public sealed interface LatentOps extends CheckedOps permits Ops {
    /**
     * Generates standard normals, R × C.
     *
     * @param noise source of the normals
     * @param out R × C, written
     */
    default void normal(NoiseSource noise, Tensor out) {
        checks().require("normal")
                .real("out", out, out.rows(), out.cols())
                .noise(noise, out.rows(), out.cols())
                .requireDisjoint("out", out, noise.given());
        checks().submit(checks().raw().latent().normal(noise, out));
    }

    /**
     * Computes the reparameterization {@code z = μ + exp(½ log σ²) ⊙ ε} (Kingma and Welling 2013, eq. 10) and the KL
     * divergence of N(μ, σ²) from N(0, I): in closed form {@code ½ Σ_j (μ² + expm1(log σ²) − log σ²)}, never negative
     * (appendix B), and at the sample, {@code log q(z|x) − log p(z) = ½ Σ_j (z² − ε² − log σ²)}. log σ² is clamped to
     * {@link LogVariance}'s bounds.
     *
     * @param mu B × J
     * @param logVar B × J
     * @param noise ε, K·B × J
     * @param z K·B × J
     * @param kl B × 1; optional
     * @param sampledKl K·B × 1; optional
     */
    default void reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        checks().require("reparameterize")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .real("z", z, z.rows(), mu.cols())
                .noise(noise, z.rows(), z.cols())
                .optionalColumn("kl", kl, mu.rows())
                .optionalColumn("sampledKl", sampledKl, z.rows())
                .requireDisjoint("z", z, mu, logVar, noise.given())
                .requireDisjoint("kl", kl, mu, logVar, noise.given(), z)
                .requireDisjoint("sampledKl", sampledKl, mu, logVar, noise.given(), z, kl)
                .samples("z", z, mu.rows());
        checks().submit(checks().raw().latent().reparameterize(mu, logVar, noise, z, kl, sampledKl));
    }

    /**
     * Computes the gradient of {@code scale · Σ_r rowWeight_r (f(z_r) + β KL_r)} with respect to μ and log σ², where
     * {@code dZ} already holds that of the first part with respect to z, and β comes from the schedule. With w_r =
     * scale · rowWeight_r:
     *
     * <ul>
     *   <li>analytic: {@code dμ = Σ_k dz + β Σ_k w μ}, {@code d log σ² = Σ_k ½ σ ε dz + β Σ_k w ½ expm1(log σ²)};
     *   <li>sampled: with {@code dz' = dz + β w z}, {@code dμ = Σ_k dz'}, {@code d log σ² = Σ_k (½ σ ε dz' − ½ β w)};
     *   <li>doubly reparameterized (Tucker et al. 2019, eq. 8): the sampled divergence with q's own parameters held fixed,
     *       every sample weighted once more: with {@code dz' = rowWeight (dz + β w (z − ε/σ))}, {@code dμ = Σ_k dz'},
     *       {@code d log σ² = Σ_k ½ σ ε dz'}.
     * </ul>
     *
     * Where log σ² is clamped its gradient is zero.
     *
     * @param mu B × J
     * @param logVar B × J
     * @param noise the ε of the forward pass, K·B × J
     * @param dZ K·B × J
     * @param mode which KL divergence the loss holds
     * @param schedule holds β
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param dMu B × J
     * @param dLogVar B × J
     */
    default void reparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource noise,
            Tensor dZ,
            KlMode mode,
            Schedule schedule,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar) {
        checks().require("reparameterizeGrad")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .real("dZ", dZ, dZ.rows(), mu.cols())
                .noise(noise, dZ.rows(), dZ.cols())
                .schedule(schedule)
                .optionalColumn("rowWeight", rowWeight, dZ.rows())
                .real("dMu", dMu, mu.rows(), mu.cols())
                .real("dLogVar", dLogVar, mu.rows(), mu.cols())
                .requireDisjoint("dMu", dMu, mu, logVar, noise.given(), dZ, rowWeight, schedule.table())
                .requireDisjoint("dLogVar", dLogVar, mu, logVar, noise.given(), dZ, rowWeight, schedule.table(), dMu)
                .samples("dZ", dZ, mu.rows());
        checks().submit(checks().raw()
                .latent()
                .reparameterizeGrad(mu, logVar, noise, dZ, mode, schedule, rowWeight, scale, dMu, dLogVar));
    }

    /**
     * Computes the share of these rows in the mean of each unit's closed-form KL divergence over a batch, {@code Σ_b KL_bj /
     * rows}, summed in float64. The shares of all shards of a batch add up to its mean.
     *
     * @param mu B × J
     * @param logVar log σ², B × J
     * @param rows examples of the whole batch, at least B
     * @param mean 1 × J, FLOAT64, dense
     */
    default void gaussianKlMean(Tensor mu, Tensor logVar, int rows, Tensor mean) {
        checks().require("gaussianKlMean")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .that(rows >= mu.rows(), "rows is " + rows + ", fewer than the " + mu.rows() + " of mu")
                .typed("mean", mean, ElementType.FLOAT64, 1, mu.cols());
        checks().submit(checks().raw().latent().gaussianKlMean(mu, logVar, rows, mean));
    }

    /**
     * Applies free bits (Kingma et al. 2016, eq. 15): the KL divergence of a unit counts only as far as its mean over
     * the batch is above a floor. Takes the analytic gradient that {@link #reparameterizeGrad} has added, of {@code
     * scale · Σ_b β KL_b}, back from the units whose mean is not, and gives what stands in the loss.
     *
     * @param mean of each unit's KL divergence over the batch, {@link #gaussianKlMean}, 1 × J, FLOAT64
     * @param mu B × J
     * @param logVar B × J
     * @param floor nats a unit
     * @param schedule β
     * @param scale of the gradient
     * @param dMu B × J, read and written
     * @param dLogVar B × J, read and written
     * @param klTerm 1 × 1, {@code Σ_j max(floor, mean_j)}
     */
    default void freeBits(
            Tensor mean,
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        checks().require("freeBits")
                .typed("mean", mean, ElementType.FLOAT64, 1, mu.cols())
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .schedule(schedule)
                .real("dMu", dMu, mu.rows(), mu.cols())
                .real("dLogVar", dLogVar, mu.rows(), mu.cols())
                .real("klTerm", klTerm, 1, 1)
                .requireDisjoint("dMu", dMu, mu, logVar, schedule.table())
                .requireDisjoint("dLogVar", dLogVar, mu, logVar, schedule.table(), dMu)
                .requireDisjoint("klTerm", klTerm, mu, logVar, schedule.table(), dMu, dLogVar);
        checks().submit(checks().raw()
                .latent()
                .freeBits(mean, mu, logVar, floor, schedule, scale, dMu, dLogVar, klTerm));
    }

    /**
     * Computes the closed-form KL divergence unit by unit: {@code ½ (μ² + expm1(log σ²) − log σ²)}, all B × J.
     *
     * @param mu B × J
     * @param logVar log σ², B × J
     * @param klPerUnit B × J, written
     */
    default void gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        checks().require("gaussianKl")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .real("klPerUnit", klPerUnit, mu.rows(), mu.cols())
                .requireDisjoint("klPerUnit", klPerUnit, mu, logVar);
        checks().submit(checks().raw().latent().gaussianKl(mu, logVar, klPerUnit));
    }
}
