package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.cost.KernelCost;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Dense layers as products and the kernels around them. */
final class CudaDenseOps implements RawOps.Dense {
    /** Rows of a tile of a thin product, and of its gradient with few rows and with many. */
    private static final int ROWS_OF_TILE = 64;

    private static final int FEW_ROWS_OF_TILE = 2;
    private static final int MANY_ROWS_OF_TILE = 16;

    /** The rows from which on tiles of many rows occupy each multiprocessor of a large GPU. */
    private static final int MANY_ROWS = MANY_ROWS_OF_TILE * 128;

    private final OperationQueue queue;

    CudaDenseOps(OperationQueue queue) {
        this.queue = queue;
    }

    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        FusibleOperation request = new FusibleOperation.Dense(x, weight, bias, activation, y);
        if (bias != null && x.cols() <= KernelCost.THIN) {
            return queue.add(
                    request,
                    List.of(Node.of(queue.call("dense_thin")
                                    .matrices(x)
                                    .vectors(weight, bias)
                                    .matrices(y)
                                    .numbers(y.rows(), x.cols(), y.cols(), activation.ordinal())
                                    .tilesOfRows(y.rows(), y.cols(), ROWS_OF_TILE))
                            .reads(x, weight, bias)
                            .writes(y)));
        }
        if (bias == null && activation == Activation.IDENTITY) {
            return queue.add(request, List.of(Node.product(x, false, weight, true, y)));
        }
        if (activation == Activation.IDENTITY) {
            // the product is added to the bias, which needs nothing of what comes before
            Launch biases = queue.call("dense_bias")
                    .vectors(bias)
                    .matrices(y)
                    .numbers(y.rows(), y.cols())
                    .quads(y.rows(), y.cols());
            return queue.add(request, List.of(Node.of(biases).reads(bias).writes(y), Node.addedProduct(x, weight, y)));
        }
        Launch activated = queue.call("dense_activation")
                .matrices(y)
                .vectors(bias)
                .numbers(y.rows(), y.cols(), activation.ordinal())
                .quads(y.rows(), y.cols());
        return queue.add(
                request,
                List.of(
                        Node.product(x, false, weight, true, y),
                        Node.of(activated).reads(y, bias).writes(y)));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        FusibleOperation.DenseGrad request = new FusibleOperation.DenseGrad(x, weight, y, dY, activation, dW, dB, dX);
        return queue.add(request, nodes(request, activation, dX));
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return queue.add(Node.of(queue.call("activate")
                        .matrices(x, y)
                        .numbers(y.rows(), y.cols(), activation.ordinal())
                        .quads(y.rows(), y.cols()))
                .reads(x)
                .writes(y));
    }

    @Override
    public Runnable activateGrad(Tensor y, Tensor dY, Activation activation, Tensor dB) {
        List<Node> nodes = new ArrayList<>();
        addSums(nodes, y, dY, activation, dB);
        return queue.add(nodes);
    }

    /**
     * Makes the gradients of a layer.
     *
     * @param activation the one whose derivative dY is still to be multiplied by
     * @param dX the gradient to x, or null if it is not wanted or made elsewhere
     */
    List<Node> nodes(FusibleOperation.DenseGrad layer, Activation activation, Tensor dX) {
        List<Node> nodes = new ArrayList<>();
        // without an activation the gradient to x waits for nothing that a launch of its own would spare
        boolean thin = dX != null && activation != Activation.IDENTITY && dX.cols() <= KernelCost.THIN;
        if (thin) {
            nodes.add(thinGrad(layer.weight(), layer.y(), layer.dY(), activation, dX));
        }
        addSums(nodes, layer.y(), layer.dY(), thin ? Activation.IDENTITY : activation, layer.dB());
        nodes.add(weightGrad(layer));
        if (dX != null && !thin) {
            nodes.add(inputGrad(layer, dX));
        }
        return nodes;
    }

    /** Makes dW, from the dY before the activation. */
    static Node weightGrad(FusibleOperation.DenseGrad layer) {
        return Node.product(layer.dY(), true, layer.x(), false, layer.dW());
    }

    /** Makes dX, from the dY before the activation. */
    static Node inputGrad(FusibleOperation.DenseGrad layer, Tensor dX) {
        return Node.product(layer.dY(), false, layer.weight(), false, dX);
    }

    /** Makes dY before the activation, and dX, in one pass: later nodes wait for this one only. */
    private Node thinGrad(Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dX) {
        boolean many = dY.rows() >= MANY_ROWS;
        return Node.of(queue.call("dense_grad_thin")
                        .matrices(y, dY)
                        .vectors(weight)
                        .matrices(dX)
                        .numbers(dY.rows(), dY.cols(), dX.cols(), activation.ordinal())
                        .number(many ? 1 : 0)
                        .rows(dY.rows(), many ? MANY_ROWS_OF_TILE : FEW_ROWS_OF_TILE))
                .reads(y, dY, weight)
                .writes(dY, dX);
    }

    /** Adds what makes dY before the activation, and dB unless it is null: nothing if both are left out. */
    private void addSums(List<Node> nodes, Tensor y, Tensor dY, Activation activation, Tensor dB) {
        if (dB == null && activation == Activation.IDENTITY) {
            return;
        }
        int chunks = KernelLauncher.chunks(dY.rows());
        AddressRange partial =
                dB == null || chunks == 1 ? AddressRange.NONE : queue.scratch().apply((long) chunks * dY.cols());
        nodes.add(Node.of(queue.call("dense_grad_activation")
                        .matrices(y, dY)
                        .numbers(dY.rows(), dY.cols(), activation.ordinal())
                        .addresses(partial.start())
                        .vectors(dB)
                        .tiles(dY.cols(), chunks))
                .reads(y, dY)
                .writes(activation == Activation.IDENTITY ? null : dY, chunks == 1 ? dB : null)
                .writes(partial));
        if (dB != null && chunks > 1) {
            nodes.add(Node.of(queue.call("dense_grad_finish")
                            .addresses(partial.start())
                            .numbers(chunks, dY.cols())
                            .vectors(dB)
                            .threads(dY.cols()))
                    .reads(partial)
                    .writes(dB));
        }
    }
}
