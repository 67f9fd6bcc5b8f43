package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;

/** The patches of pictures, and their sums, in one launch each. */
final class CudaConvolutionOps implements RawOps.Convolution {
    private final OperationQueue queue;

    CudaConvolutionOps(OperationQueue queue) {
        this.queue = queue;
    }

    @Override
    public Runnable unfold(Tensor x, Patches patches, Tensor unfolded) {
        LaunchBuilder launch = queue.call("unfold").matrices(x).vectors(unfolded);
        return queue.add(Node.of(geometry(launch, x.rows(), patches).quads(unfolded.rows(), unfolded.cols()))
                .reads(x)
                .writes(unfolded));
    }

    @Override
    public Runnable fold(Tensor unfolded, Patches patches, Tensor bias, Activation activation, Tensor y) {
        LaunchBuilder launch = queue.call("fold").vectors(unfolded, bias).matrices(y);
        return queue.add(Node.of(geometry(launch, y.rows(), patches)
                        .number(activation.ordinal())
                        .quads(y.rows(), y.cols()))
                .reads(unfolded, bias)
                .writes(y));
    }

    private static LaunchBuilder geometry(LaunchBuilder launch, int pictures, Patches patches) {
        return launch.number(pictures)
                .numbers(
                        patches.picture().channels(),
                        patches.picture().height(),
                        patches.picture().width())
                .numbers(patches.kernel(), patches.stride(), patches.padding(), patches.down(), patches.across())
                .number(patches.channelsFirst() ? 1 : 0);
    }
}
