package dev.elbo.cuda;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** The arguments, as in {@link dev.elbo.backend.Ops}, of an operation that {@link Fusion} may fuse. */
sealed interface FusibleOperation {
    record Dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) implements FusibleOperation {}

    record Reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl)
            implements FusibleOperation {}

    record DenseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX)
            implements FusibleOperation {}

    record ReparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource noise,
            Tensor dZ,
            KlMode mode,
            Schedule schedule,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar)
            implements FusibleOperation {}

    /** A Gaussian loss, or without logVar and dLogVar the arguments of a Bernoulli loss. */
    record Loss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar)
            implements FusibleOperation {}

    /** @param sums the result of its first launch, a double of each of its blocks */
    record OptimalLogVar(Tensor output, Tensor x, Tensor logVar, AddressRange sums) implements FusibleOperation {}
}
