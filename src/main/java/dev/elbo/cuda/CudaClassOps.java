package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** The weights of classes. */
final class CudaClassOps implements RawOps.Classes {
    private final OperationQueue queue;

    CudaClassOps(OperationQueue queue) {
        this.queue = queue;
    }

    @Override
    public Runnable classBias(Tensor labels, Tensor table, Activation activation, Tensor y) {
        return queue.add(Node.of(queue.call("class_bias")
                        .matrices(labels, table, y)
                        .numbers(y.rows(), labels.rows(), y.cols(), table.rows(), activation.ordinal())
                        .quads(y.rows(), y.cols()))
                .reads(labels, table, y)
                .writes(y));
    }

    @Override
    public Runnable classBiasGrad(Tensor labels, Tensor dY, Tensor dTable) {
        return queue.add(Node.of(queue.call("class_bias_grad")
                        .matrices(labels, dY, dTable)
                        .numbers(dY.rows(), labels.rows(), dY.cols(), dTable.rows())
                        .tilesOfEach(dTable.rows(), dTable.cols()))
                .reads(labels, dY)
                .writes(dTable));
    }
}
