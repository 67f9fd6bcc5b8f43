package dev.elbo.cuda;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The operations as launches and products; formulas and shapes are in {@link dev.elbo.backend.Ops}, parameters in
 * kernels/README.md. Geometry that changes the order of a sum follows from shapes alone.
 */
final class CudaOps extends CudaDenseOps implements RawOps {
    /** Elements that a block of a sum over all of them takes at least, and the most blocks. */
    private static final int ELEMENTS_OF_BLOCK = 1 << 13;

    private static final int MAX_BLOCKS_OF_SUM = 1024;

    /**
     * @param scratch hands out memory for sums of two stages, at least so many doubles
     * @param clocks of programs
     * @param queue the command that puts nodes into the backend's stream
     */
    CudaOps(
            KernelLauncher launches,
            LongFunction<AddressRange> scratch,
            Clocks clocks,
            Function<RecordedOperation, Runnable> queue) {
        super(launches, scratch, clocks, queue);
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return queue(Node.of(call("activate")
                        .matrices(x, y)
                        .numbers(y.rows(), y.cols(), activation.ordinal())
                        .quads(y.rows(), y.cols()))
                .reads(x)
                .writes(y));
    }

    @Override
    public Runnable normal(NoiseSource source, Tensor out) {
        NoiseSource noise = now(source);
        KernelLauncher.Noise at = KernelLauncher.Noise.of(noise);
        return queue(Node.of(call("normal")
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
        NoiseSource noise = now(source);
        Node node = Node.of(launches.reparameterize(
                        at(mu),
                        at(logVar),
                        KernelLauncher.Noise.of(noise),
                        at(z),
                        address(kl),
                        address(sampledKl),
                        z.rows(),
                        mu.rows(),
                        z.cols()))
                .reads(mu, logVar)
                .reads(noise)
                .writes(z, kl, sampledKl);
        return queue(new FusibleOperation.Reparameterize(mu, logVar, noise, z, kl, sampledKl), List.of(node));
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
        NoiseSource noise = now(source);
        Schedule schedule = now(scheduled);
        Node node = Node.of(launches.reparameterizeGrad(
                        at(mu),
                        at(logVar),
                        KernelLauncher.Noise.of(noise),
                        at(dZ),
                        mode,
                        KernelLauncher.Schedule.of(schedule),
                        address(rowWeight),
                        scale,
                        at(dMu),
                        at(dLogVar),
                        dZ.rows(),
                        mu.rows(),
                        mu.cols()))
                .reads(mu, logVar, dZ, rowWeight)
                .reads(noise)
                .reads(schedule)
                .writes(dMu, dLogVar);
        FusibleOperation request = new FusibleOperation.ReparameterizeGrad(
                mu, logVar, noise, dZ, mode, schedule, rowWeight, scale, dMu, dLogVar);
        return queue(request, List.of(node));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return queue(Node.of(call("gaussian_kl")
                        .matrices(mu, logVar, klPerUnit)
                        .numbers(mu.rows(), mu.cols())
                        .quads(mu.rows(), mu.cols()))
                .reads(mu, logVar)
                .writes(klPerUnit));
    }

    @Override
    public Runnable gaussianLoss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        FusibleOperation.Loss request =
                new FusibleOperation.Loss(output, x, logVar, rowWeight, scale, loss, dOutput, dLogVar);
        KernelLauncher.Loss all = KernelLauncher.Loss.of(request);
        List<Node> nodes = new ArrayList<>();
        if (loss != null || dOutput != null) {
            nodes.add(Node.of(launches.gaussianLoss(all))
                    .reads(output, x, logVar, rowWeight)
                    .writes(loss, dOutput));
        }
        if (dLogVar != null) {
            AddressRange partial = scratch.apply(KernelLauncher.Loss.partials(output.rows(), output.cols()));
            nodes.add(Node.of(launches.gaussianLossVariance(all, partial.start()))
                    .reads(output, x, logVar, rowWeight)
                    .writes(partial));
            nodes.add(Node.of(launches.gaussianLossFinish(all, partial.start()))
                    .reads(logVar)
                    .reads(partial)
                    .writes(dLogVar));
        }
        return queue(request, nodes);
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        KernelLauncher.Loss all = KernelLauncher.Loss.of(
                new FusibleOperation.Loss(logits, x, null, rowWeight, scale, loss, dLogits, null));
        return queue(
                Node.of(launches.bernoulliLoss(all)).reads(logits, x, rowWeight).writes(loss, dLogits));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        int blocks = (int) Math.min(MAX_BLOCKS_OF_SUM, (output.size() - 1) / ELEMENTS_OF_BLOCK + 1);
        AddressRange partial = scratch.apply(blocks);
        Launch sums = call("optimal_log_var")
                .matrices(output, x)
                .addresses(partial.start())
                .numbers(output.rows(), x.rows(), output.cols())
                .blocks(blocks);
        Launch finish = call("optimal_log_var_finish")
                .addresses(partial.start())
                .number(blocks)
                .number(output.size())
                .vectors(logVar)
                .single(LaunchBuilder.BLOCK);
        return queue(
                new FusibleOperation.OptimalLogVar(output, x, logVar, partial),
                List.of(
                        Node.of(sums).reads(output, x).writes(partial),
                        Node.of(finish).reads(partial).writes(logVar)));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return queue(Node.of(launches.importanceWeights(
                        address(reconstruction),
                        address(sampledKl),
                        address(logWeights),
                        address(weights),
                        address(bound),
                        reconstruction.rows() / bound.rows(),
                        bound.rows()))
                .reads(reconstruction, sampledKl)
                .writes(logWeights, weights, bound));
    }

    @Override
    public Runnable freeBits(
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule scheduled,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        Schedule schedule = now(scheduled);
        AddressRange means = scratch.apply(mu.cols());
        Launch sums = call("free_bits")
                .matrices(mu, logVar)
                .addresses(means.start())
                .numbers(mu.rows(), mu.cols())
                .tiles(mu.cols(), 1);
        Launch finish = call("free_bits_finish")
                .addresses(means.start())
                .number(floor)
                .matrices(mu, logVar)
                .schedule(schedule)
                .number(scale)
                .matrices(dMu, dLogVar)
                .vectors(klTerm)
                .numbers(mu.rows(), mu.cols())
                .threads(mu.size());
        return queue(List.of(
                Node.of(sums).reads(mu, logVar).writes(means),
                Node.of(finish)
                        .reads(mu, logVar, dMu, dLogVar)
                        .reads(means)
                        .reads(schedule)
                        .writes(dMu, dLogVar, klTerm)));
    }
}
