package dev.elbo.cuda;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.KernelLauncher.Matrix;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.Tensor;
import java.util.List;

/** Operations on latent variables as launches. */
final class CudaLatentOps implements RawOps.Latent {
    private final OperationQueue queue;

    CudaLatentOps(OperationQueue queue) {
        this.queue = queue;
    }

    @Override
    public Runnable normal(NoiseSource source, Tensor out) {
        NoiseSource noise = queue.now(source);
        KernelLauncher.Noise at = KernelLauncher.Noise.of(noise);
        return queue.add(Node.of(queue.call("normal")
                        .noise(at)
                        .addresses(at.clock())
                        .matrices(out)
                        .numbers(out.rows(), out.cols())
                        .quads(out.rows(), out.cols() + 4L))
                .reads(noise)
                .writes(out));
    }

    @Override
    public Runnable reparameterize(
            Tensor mu, Tensor logVar, NoiseSource source, Tensor z, Tensor kl, Tensor sampledKl) {
        NoiseSource noise = queue.now(source);
        Node node = Node.of(queue.launches()
                        .reparameterize(
                                Matrix.of(mu),
                                Matrix.of(logVar),
                                KernelLauncher.Noise.of(noise),
                                Matrix.of(z),
                                CudaBuffer.address(kl),
                                CudaBuffer.address(sampledKl),
                                z.rows(),
                                mu.rows(),
                                z.cols()))
                .reads(mu, logVar)
                .reads(noise)
                .writes(z, kl, sampledKl);
        return queue.add(new FusibleOperation.Reparameterize(mu, logVar, noise, z, kl, sampledKl), List.of(node));
    }

    @Override
    public Runnable reparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource source,
            Tensor dZ,
            KlMode mode,
            Schedule scheduled,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar) {
        NoiseSource noise = queue.now(source);
        Schedule schedule = queue.now(scheduled);
        Node node = Node.of(queue.launches()
                        .reparameterizeGrad(
                                Matrix.of(mu),
                                Matrix.of(logVar),
                                KernelLauncher.Noise.of(noise),
                                Matrix.of(dZ),
                                mode,
                                KernelLauncher.Schedule.of(schedule),
                                CudaBuffer.address(rowWeight),
                                scale,
                                Matrix.of(dMu),
                                Matrix.of(dLogVar),
                                dZ.rows(),
                                mu.rows(),
                                mu.cols()))
                .reads(mu, logVar, dZ, rowWeight)
                .reads(noise)
                .reads(schedule)
                .writes(dMu, dLogVar);
        FusibleOperation request = new FusibleOperation.ReparameterizeGrad(
                mu, logVar, noise, dZ, mode, schedule, rowWeight, scale, dMu, dLogVar);
        return queue.add(request, List.of(node));
    }

    @Override
    public Runnable gaussianKlMean(Tensor mu, Tensor logVar, int rows, Tensor mean) {
        return queue.add(Node.of(queue.call("gaussian_kl_mean")
                        .matrices(mu, logVar)
                        .vectors(mean)
                        .numbers(rows, mu.rows(), mu.cols())
                        .tiles(mu.cols(), 1))
                .reads(mu, logVar)
                .writes(mean));
    }

    @Override
    public Runnable freeBits(
            Tensor mean,
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule scheduled,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        Schedule schedule = queue.now(scheduled);
        Launch launch = queue.call("free_bits")
                .vectors(mean)
                .number(floor)
                .matrices(mu, logVar)
                .schedule(schedule)
                .number(scale)
                .matrices(dMu, dLogVar)
                .vectors(klTerm)
                .numbers(mu.rows(), mu.cols())
                .threads(mu.size());
        return queue.add(Node.of(launch)
                .reads(mean, mu, logVar, dMu, dLogVar)
                .reads(schedule)
                .writes(dMu, dLogVar, klTerm));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return queue.add(Node.of(queue.call("gaussian_kl")
                        .matrices(mu, logVar, klPerUnit)
                        .numbers(mu.rows(), mu.cols())
                        .quads(mu.rows(), mu.cols()))
                .reads(mu, logVar)
                .writes(klPerUnit));
    }
}
