package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Losses and importance weights as launches. */
final class CudaLossOps implements RawOps.Loss {
    /** Elements that a block of a sum over all of them takes at least, and the most blocks. */
    private static final int ELEMENTS_OF_BLOCK = 1 << 13;

    private static final int MAX_BLOCKS_OF_SUM = 1024;

    private final OperationQueue queue;

    CudaLossOps(OperationQueue queue) {
        this.queue = queue;
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
            nodes.add(Node.of(queue.launches().gaussianLoss(all))
                    .reads(output, x, logVar, rowWeight)
                    .writes(loss, dOutput));
        }
        if (dLogVar != null) {
            AddressRange partial = queue.scratch().apply(KernelLauncher.Loss.partials(output.rows(), output.cols()));
            nodes.add(Node.of(queue.launches().gaussianLossVariance(all, partial.start()))
                    .reads(output, x, logVar, rowWeight)
                    .writes(partial));
            nodes.add(Node.of(queue.launches().gaussianLossFinish(all, partial.start()))
                    .reads(logVar)
                    .reads(partial)
                    .writes(dLogVar));
        }
        return queue.add(request, nodes);
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        KernelLauncher.Loss all = KernelLauncher.Loss.of(
                new FusibleOperation.Loss(logits, x, null, rowWeight, scale, loss, dLogits, null));
        return queue.add(Node.of(queue.launches().bernoulliLoss(all))
                .reads(logits, x, rowWeight)
                .writes(loss, dLogits));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        int blocks = blocksOfSum(output);
        AddressRange partial = queue.scratch().apply(blocks);
        Launch finish = finish("optimal_log_var_finish", partial.start(), blocks, output.size(), logVar);
        return queue.add(
                new FusibleOperation.OptimalLogVar(output, x, logVar, partial),
                List.of(
                        squaredErrors(output, x, partial),
                        Node.of(finish).reads(partial).writes(logVar)));
    }

    @Override
    public Runnable squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean) {
        int blocks = blocksOfSum(output);
        AddressRange partial = queue.scratch().apply(blocks);
        Launch finish = finish("squared_error_mean_finish", partial.start(), blocks, elements, mean);
        return queue.add(List.of(
                squaredErrors(output, x, partial),
                Node.of(finish).reads(partial).writes(mean)));
    }

    @Override
    public Runnable logVarOfMean(Tensor mean, Tensor logVar) {
        // the log of the mean of one sum, over one element: the sum of a block adds zeros to it
        Launch launch = finish("optimal_log_var_finish", CudaBuffer.address(mean), 1, 1, logVar);
        return queue.add(Node.of(launch).reads(mean).writes(logVar));
    }

    private static int blocksOfSum(Tensor output) {
        return (int) Math.min(MAX_BLOCKS_OF_SUM, (output.size() - 1) / ELEMENTS_OF_BLOCK + 1);
    }

    /** Makes the sums of squared errors, one a block. */
    private Node squaredErrors(Tensor output, Tensor x, AddressRange partial) {
        return Node.of(queue.call("optimal_log_var")
                        .matrices(output, x)
                        .addresses(partial.start())
                        .numbers(output.rows(), x.rows(), output.cols())
                        .blocks(blocksOfSum(output)))
                .reads(output, x)
                .writes(partial);
    }

    private Launch finish(String entry, long partial, int blocks, long elements, Tensor result) {
        return queue.call(entry)
                .addresses(partial)
                .number(blocks)
                .number(elements)
                .vectors(result)
                .single(LaunchBuilder.BLOCK);
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return queue.add(Node.of(queue.launches()
                        .importanceWeights(
                                CudaBuffer.address(reconstruction),
                                CudaBuffer.address(sampledKl),
                                CudaBuffer.address(logWeights),
                                CudaBuffer.address(weights),
                                CudaBuffer.address(bound),
                                reconstruction.rows() / bound.rows(),
                                bound.rows()))
                .reads(reconstruction, sampledKl)
                .writes(logWeights, weights, bound));
    }
}
