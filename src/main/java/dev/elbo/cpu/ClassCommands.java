package dev.elbo.cpu;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** The weights of classes. */
final class ClassCommands implements RawOps.Classes {
    @Override
    public Runnable classBias(Tensor labels, Tensor table, Activation activation, Tensor y) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Runnable classBiasGrad(Tensor labels, Tensor dY, Tensor dTable) {
        throw new UnsupportedOperationException();
    }
}
