package dev.elbo.cpu;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;

/** The patches of pictures, and their sums. */
final class ConvolutionCommands implements RawOps.Convolution {
    @Override
    public Runnable unfold(Tensor x, Patches patches, Tensor unfolded) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Runnable fold(Tensor unfolded, Patches patches, Tensor bias, Activation activation, Tensor y) {
        throw new UnsupportedOperationException();
    }
}
