package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Tensor;

/** The columns of tables as launches. */
final class CudaColumnOps implements RawOps.Columns {
    private final OperationQueue queue;

    CudaColumnOps(OperationQueue queue) {
        this.queue = queue;
    }

    @Override
    public Runnable columnInputs(Tensor x, Tensor columns, Tensor inputs) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Runnable columnLoss(
            Tensor output,
            Tensor x,
            Tensor columns,
            Tensor logVar,
            Tensor logDispersion,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar,
            Tensor dLogDispersion) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Runnable columnMean(Tensor output, Tensor columns, Tensor mean) {
        throw new UnsupportedOperationException();
    }
}
