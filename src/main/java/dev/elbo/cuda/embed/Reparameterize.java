package dev.elbo.cuda.embed;

import dev.elbo.backend.KlMode;
import dev.elbo.cuda.KernelLauncher;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * The reparameterization {@code z = μ + exp(½ log σ²) ⊙ ε} (Kingma and Welling 2013, eq. 10) with both KL divergences of
 * N(μ, σ²) from N(0, I), and its gradient; a launch each. log σ² is clamped to {@link dev.elbo.backend.LogVariance}'s bounds,
 * and has no gradient where it is clamped. The package says what holds for all kernels.
 */
public final class Reparameterize {
    private final Arguments arguments;
    private final int batch;
    private final int latent;
    private final int rows;

    Reparameterize(ElboKernels kernels, int batch, int latent, int samples) {
        String op = "reparameterize (batch " + batch + ", latent " + latent + ", samples " + samples + ")";
        this.arguments = new Arguments(kernels, op, batch, latent, samples);
        this.batch = batch;
        this.latent = latent;
        this.rows = arguments.rows(batch, samples);
    }

    /**
     * Queues the forward pass with dense matrices.
     *
     * @param stream null: the NULL stream
     * @param mu B × J, read
     * @param logVar log σ², B × J, read
     * @param noise ε, K·B × J
     * @param z K·B × J, written
     * @param kl B, written; null: left out
     * @param sampledKl K·B, written; null: left out
     */
    public void forward(
            CUstream stream,
            CUdeviceptr mu,
            CUdeviceptr logVar,
            DeviceNoise noise,
            CUdeviceptr z,
            CUdeviceptr kl,
            CUdeviceptr sampledKl) {
        forward(stream, mu, latent, logVar, latent, noise, z, latent, kl, sampledKl);
    }

    /**
     * Queues the launch that computes z; {@code kl_b = ½ Σ_j (μ² + expm1(log σ²) − log σ²)}, in closed form, never
     * negative (appendix B); and, at the sample, {@code sampledKl_r = log q(z|x) − log p(z) = ½ Σ_j (z² − ε² − log
     * σ²)}, in nats.
     *
     * @param stream null: the NULL stream
     * @param mu B × J, read
     * @param muStride elements from one row of mu to the next
     * @param logVar B × J, read
     * @param logVarStride elements from one row of logVar to the next
     * @param noise ε, K·B × J
     * @param z K·B × J, written
     * @param zStride elements from one row of z to the next
     * @param kl B, written; null: left out
     * @param sampledKl K·B, written; null: left out
     */
    public synchronized void forward(
            CUstream stream,
            CUdeviceptr mu,
            long muStride,
            CUdeviceptr logVar,
            long logVarStride,
            DeviceNoise noise,
            CUdeviceptr z,
            long zStride,
            CUdeviceptr kl,
            CUdeviceptr sampledKl) {
        arguments.begin(stream);
        KernelLauncher.Matrix muAt = arguments.read("mu", mu, batch, latent, muStride);
        KernelLauncher.Matrix logVarAt = arguments.read("logVar", logVar, batch, latent, logVarStride);
        KernelLauncher.Noise noiseAt = arguments.noise(noise, rows, latent);
        KernelLauncher.Matrix zAt = arguments.written("z", z, rows, latent, zStride);
        long klAt = arguments.optionalWritten("kl", kl, batch);
        long sampledKlAt = arguments.optionalWritten("sampledKl", sampledKl, rows);
        arguments.requireDisjoint();
        arguments.queue(arguments.launches.reparameterize(
                muAt, logVarAt, noiseAt, zAt, klAt, sampledKlAt, rows, batch, latent));
    }

    /**
     * Queues the gradient with dense matrices.
     *
     * @param stream null: the NULL stream
     * @param mu B × J, read
     * @param logVar log σ², B × J, read
     * @param noise ε, K·B × J
     * @param dZ K·B × J, read
     * @param mode closed form or at the samples
     * @param schedule holds β
     * @param rowWeight K·B, read; null: 1
     * @param scale of the KL divergence and of f
     * @param dMu B × J, written
     * @param dLogVar B × J, written
     */
    public void backward(
            CUstream stream,
            CUdeviceptr mu,
            CUdeviceptr logVar,
            DeviceNoise noise,
            CUdeviceptr dZ,
            KlMode mode,
            DeviceSchedule schedule,
            CUdeviceptr rowWeight,
            double scale,
            CUdeviceptr dMu,
            CUdeviceptr dLogVar) {
        backward(
                stream, mu, latent, logVar, latent, noise, dZ, latent, mode, schedule, rowWeight, scale, dMu, latent,
                dLogVar, latent);
    }

    /**
     * Queues the launch that computes the gradient of {@code scale · Σ_r rowWeight_r (f(z_r) + β KL_r)} with respect to μ and
     * log σ², where dZ already holds that of the first part with respect to z. With w_r = scale · rowWeight_r:
     *
     * <ul>
     *   <li>analytic: {@code dμ = Σ_k dz + β Σ_k w μ}, {@code d log σ² = Σ_k ½ σ ε dz + β Σ_k w ½ expm1(log σ²)};
     *   <li>sampled: with {@code dz' = dz + β w z}, {@code dμ = Σ_k dz'}, {@code d log σ² = Σ_k (½ σ ε dz' − ½ β w)}.
     * </ul>
     *
     * @param stream null: the NULL stream
     * @param mu B × J, read
     * @param muStride elements from one row of mu to the next
     * @param logVar B × J, read
     * @param logVarStride elements from one row of logVar to the next
     * @param noise that of the forward pass, its clock as it was then
     * @param dZ K·B × J, read
     * @param dZStride elements from one row of dZ to the next
     * @param mode form of the KL divergence in the loss
     * @param schedule β
     * @param rowWeight K·B, read; null: 1
     * @param scale rounded to float32
     * @param dMu B × J, written
     * @param dMuStride elements from one row of dMu to the next
     * @param dLogVar B × J, written
     * @param dLogVarStride elements from one row of dLogVar to the next
     */
    public synchronized void backward(
            CUstream stream,
            CUdeviceptr mu,
            long muStride,
            CUdeviceptr logVar,
            long logVarStride,
            DeviceNoise noise,
            CUdeviceptr dZ,
            long dZStride,
            KlMode mode,
            DeviceSchedule schedule,
            CUdeviceptr rowWeight,
            double scale,
            CUdeviceptr dMu,
            long dMuStride,
            CUdeviceptr dLogVar,
            long dLogVarStride) {
        arguments.begin(stream);
        arguments.require(mode != null, "mode is null");
        KernelLauncher.Matrix muAt = arguments.read("mu", mu, batch, latent, muStride);
        KernelLauncher.Matrix logVarAt = arguments.read("logVar", logVar, batch, latent, logVarStride);
        KernelLauncher.Noise noiseAt = arguments.noise(noise, rows, latent);
        KernelLauncher.Matrix dZAt = arguments.read("dZ", dZ, rows, latent, dZStride);
        KernelLauncher.Schedule scheduleAt = arguments.schedule(schedule);
        long rowWeightAt = arguments.optionalRead("rowWeight", rowWeight, rows);
        KernelLauncher.Matrix dMuAt = arguments.written("dMu", dMu, batch, latent, dMuStride);
        KernelLauncher.Matrix dLogVarAt = arguments.written("dLogVar", dLogVar, batch, latent, dLogVarStride);
        arguments.requireDisjoint();
        arguments.queue(arguments.launches.reparameterizeGrad(
                muAt,
                logVarAt,
                noiseAt,
                dZAt,
                mode,
                scheduleAt,
                rowWeightAt,
                scale,
                dMuAt,
                dLogVarAt,
                rows,
                batch,
                latent));
    }
}
