package dev.elbo.cuda;

import dev.elbo.cost.KernelCost;
import dev.elbo.cuda.FusibleOperation.Dense;
import dev.elbo.cuda.FusibleOperation.DenseGrad;
import dev.elbo.cuda.FusibleOperation.Loss;
import dev.elbo.cuda.FusibleOperation.OptimalLogVar;
import dev.elbo.cuda.FusibleOperation.Reparameterize;
import dev.elbo.cuda.FusibleOperation.ReparameterizeGrad;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The fusion of consecutive operations of a program into one launch. The heads, the sample and the decoder's first
 * layer, and the way back through them, have so few products that as launches of their own they mostly wait for each
 * other ({@code bottleneck} and {@code bottleneck_grad}); the variance that fits a batch best needs one launch less
 * if the loss that uses it makes it ({@code gaussian_loss_optimal}). They leave in memory what the operations would.
 * Shapes, and which operation takes what another one made, decide.
 */
final class Fusion {
    /**
     * The largest number of weights that are read, each row of the batch reading all: an H200 takes 32 MiB from its L2
     * cache in about the time of the launches that are saved.
     */
    private static final long MAX_WEIGHTS = 1 << 23;

    /** The least loads of weights of a thread of the bottleneck, in floats. */
    private static final int WEIGHTS_OF_THREAD = 16;

    private static final int QUAD = 4;

    private final OperationQueue queue;
    private final CudaDenseOps layers;

    Fusion(OperationQueue queue) {
        this.queue = queue;
        this.layers = new CudaDenseOps(queue);
    }

    List<Node> nodes(List<RecordedOperation> operations) {
        List<Node> nodes = new ArrayList<>();
        int at = 0;
        while (at < operations.size()) {
            at += first(operations.subList(at, operations.size()), nodes);
        }
        return nodes;
    }

    /** Makes nodes of the first operations and returns how many those are. */
    private int first(List<RecordedOperation> operations, List<Node> nodes) {
        // each begins with another request, so that one of them fits at most
        int taken = forward(operations, nodes) + loss(operations, nodes) + backward(operations, nodes);
        if (taken == 0) {
            nodes.addAll(operations.get(0).nodes());
            return 1;
        }
        return taken;
    }

    private static <T extends FusibleOperation> T request(List<RecordedOperation> operations, int at, Class<T> type) {
        FusibleOperation request = at < operations.size() ? operations.get(at).request() : null;
        return type.isInstance(request) ? type.cast(request) : null;
    }

    /** Fuses the bottleneck: three operations, or 0. */
    private int forward(List<RecordedOperation> operations, List<Node> nodes) {
        Dense heads = request(operations, 0, Dense.class);
        Reparameterize sample = request(operations, 1, Reparameterize.class);
        Dense layer = request(operations, 2, Dense.class);
        if (heads == null || sample == null || layer == null) {
            return 0;
        }
        boolean chained = heads.activation() == Activation.IDENTITY
                && areHalves(heads.y(), sample.mu(), sample.logVar())
                && layer.x().equals(sample.z())
                && heads.bias() != null
                && layer.bias() != null;
        if (!chained
                || !fits(sample.mu(), sample.z(), heads.x(), layer.y())
                || !isQuads(heads.weight())
                || !isApart(
                        some(heads.y(), sample.z(), layer.y(), sample.kl(), sample.sampledKl()),
                        some(
                                heads.x(),
                                heads.weight(),
                                heads.bias(),
                                sample.noise().given(),
                                layer.weight(),
                                layer.bias()))) {
            return 0;
        }
        nodes.add(bottleneck(heads, sample, layer));
        return 3;
    }

    private Node bottleneck(Dense heads, Reparameterize sample, Dense layer) {
        KernelLauncher.Noise noise = KernelLauncher.Noise.of(sample.noise());
        return Node.of(queue.call("bottleneck")
                        .matrices(heads.x())
                        .vectors(heads.weight(), heads.bias())
                        .matrices(heads.y())
                        .noise(noise)
                        .addresses(noise.clock())
                        .matrices(sample.z())
                        .vectors(sample.kl(), sample.sampledKl(), layer.weight(), layer.bias())
                        .matrices(layer.y())
                        .numbers(
                                layer.y().rows(),
                                heads.x().cols(),
                                sample.z().cols(),
                                layer.y().cols())
                        .number(layer.activation().ordinal())
                        .blockOfRow(layer.y().rows(), weights(heads.x(), sample.z(), layer.y()), WEIGHTS_OF_THREAD))
                .reads(heads.x(), heads.weight(), heads.bias(), layer.weight(), layer.bias())
                .reads(sample.noise())
                .writes(heads.y(), sample.z(), sample.kl(), sample.sampledKl(), layer.y());
    }

    /** Fuses the loss with the variance that fits the batch best: two operations, or 0. */
    private int loss(List<RecordedOperation> operations, List<Node> nodes) {
        OptimalLogVar variance = request(operations, 0, OptimalLogVar.class);
        Loss loss = request(operations, 1, Loss.class);
        boolean chained = variance != null
                && loss != null
                && variance.output().equals(loss.output())
                && variance.x().equals(loss.x())
                && variance.logVar().equals(loss.logVar())
                && (loss.loss() != null || loss.dOutput() != null)
                && loss.dLogVar() == null;
        if (!chained) {
            return 0;
        }
        nodes.add(operations.get(0).nodes().get(0));
        nodes.add(optimalLoss(variance, loss));
        return 2;
    }

    private Node optimalLoss(OptimalLogVar variance, Loss loss) {
        Tensor output = loss.output();
        AddressRange sums = variance.sums();
        return Node.of(queue.call("gaussian_loss_optimal")
                        .matrices(output, loss.x())
                        .addresses(sums.start())
                        .number((int) ((sums.end() - sums.start()) / Double.BYTES))
                        .vectors(loss.logVar(), loss.rowWeight())
                        .number(loss.scale())
                        .vectors(loss.loss())
                        .matrices(loss.dOutput())
                        .numbers(output.rows(), loss.x().rows(), output.cols())
                        .teams(output.rows(), output.cols()))
                .reads(output, loss.x(), loss.rowWeight())
                .reads(sums)
                .writes(loss.logVar(), loss.loss(), loss.dOutput());
    }

    /** Fuses the way back through the bottleneck: four operations, or 0. */
    private int backward(List<RecordedOperation> operations, List<Node> nodes) {
        DenseGrad layer = request(operations, 0, DenseGrad.class);
        ReparameterizeGrad sample = request(operations, 1, ReparameterizeGrad.class);
        DenseGrad heads = request(operations, 2, DenseGrad.class);
        DenseGrad encoder = request(operations, 3, DenseGrad.class);
        if (layer == null || sample == null || heads == null || encoder == null) {
            return 0;
        }
        boolean chained = layer.activation() != Activation.IDENTITY
                && sample.dZ().equals(layer.dX())
                && heads.activation() == Activation.IDENTITY
                && areHalves(heads.y(), sample.mu(), sample.logVar())
                && areHalves(heads.dY(), sample.dMu(), sample.dLogVar())
                && encoder.activation() != Activation.IDENTITY
                && encoder.dY().equals(heads.dX())
                && encoder.y().equals(heads.x())
                && layer.dB() != null
                && heads.dB() != null
                && encoder.dB() != null;
        if (!chained
                || !fits(sample.mu(), sample.dZ(), heads.x(), layer.y())
                || !isQuads(layer.dY(), heads.weight(), encoder.dY())
                || !isApart(
                        List.of(
                                layer.dY(),
                                sample.dZ(),
                                heads.dY(),
                                encoder.dY(),
                                layer.dW(),
                                layer.dB(),
                                heads.dW(),
                                heads.dB()),
                        some(
                                layer.x(),
                                layer.y(),
                                layer.weight(),
                                heads.y(),
                                sample.noise().given(),
                                sample.rowWeight(),
                                heads.x(),
                                heads.weight()))) {
            return 0;
        }
        nodes.add(bottleneckGrad(layer, sample, heads, encoder));
        if (KernelLauncher.chunks(layer.y().rows()) == 1) {
            nodes.add(biases(layer, heads, encoder));
            nodes.add(CudaDenseOps.weightGrad(layer));
            nodes.add(CudaDenseOps.weightGrad(heads));
            nodes.add(CudaDenseOps.weightGrad(encoder));
            if (encoder.dX() != null) {
                nodes.add(CudaDenseOps.inputGrad(encoder, encoder.dX()));
            }
        } else {
            nodes.addAll(layers.nodes(layer, Activation.IDENTITY, null));
            nodes.addAll(layers.nodes(heads, Activation.IDENTITY, null));
            nodes.addAll(layers.nodes(encoder, Activation.IDENTITY, encoder.dX()));
        }
        return 4;
    }

    private Node bottleneckGrad(DenseGrad layer, ReparameterizeGrad sample, DenseGrad heads, DenseGrad encoder) {
        KernelLauncher.Noise noise = KernelLauncher.Noise.of(sample.noise());
        return Node.of(queue.call("bottleneck_grad")
                        .matrices(layer.y(), layer.dY())
                        .vectors(layer.weight())
                        .matrices(sample.dZ(), heads.y())
                        .noise(noise)
                        .number(sample.mode().ordinal())
                        .schedule(sample.schedule())
                        .addresses(noise.clock())
                        .vectors(sample.rowWeight())
                        .number(sample.scale())
                        .matrices(heads.dY())
                        .vectors(heads.weight())
                        .matrices(encoder.y(), encoder.dY())
                        .numbers(
                                layer.y().rows(),
                                layer.y().cols(),
                                sample.dZ().cols(),
                                encoder.y().cols())
                        .numbers(
                                layer.activation().ordinal(),
                                encoder.activation().ordinal())
                        .blockOfRow(layer.y().rows(), weights(heads.x(), sample.dZ(), layer.y()), WEIGHTS_OF_THREAD))
                .reads(layer.y(), layer.dY(), layer.weight(), heads.y(), heads.weight(), encoder.y())
                .reads(sample.rowWeight())
                .reads(sample.noise())
                .reads(sample.schedule())
                .writes(layer.dY(), sample.dZ(), heads.dY(), encoder.dY());
    }

    private Node biases(DenseGrad layer, DenseGrad heads, DenseGrad encoder) {
        int units = layer.dY().cols();
        int codes = heads.dY().cols();
        int width = encoder.dY().cols();
        return Node.of(queue.call("bottleneck_grad_bias")
                        .matrices(layer.dY())
                        .vectors(layer.dB())
                        .matrices(heads.dY())
                        .vectors(heads.dB())
                        .matrices(encoder.dY())
                        .vectors(encoder.dB())
                        .numbers(layer.dY().rows(), units, codes, width)
                        .tilesOfAll(units, codes, width))
                .reads(layer.dY(), heads.dY(), encoder.dY())
                .writes(layer.dB(), heads.dB(), encoder.dB());
    }

    private static boolean areHalves(Tensor whole, Tensor first, Tensor second) {
        int half = first.cols();
        return whole.cols() == 2 * half
                && whole.cols(0, half).equals(first)
                && whole.cols(half, half).equals(second);
    }

    /**
     * Returns whether one sample of each example is drawn, from so few weights that a block for each row may read them
     * all.
     *
     * @param mu batch × latent
     * @param z rows × latent
     * @param h the input of the heads
     * @param y the output of the decoder's first layer
     */
    private static boolean fits(Tensor mu, Tensor z, Tensor h, Tensor y) {
        return z.rows() == mu.rows()
                && z.cols() <= KernelCost.THIN
                && z.rows() * weights(h, z, y) <= MAX_WEIGHTS
                && isQuads(h, y);
    }

    /** Counts the weights of the heads and of the decoder's first layer. */
    private static long weights(Tensor h, Tensor z, Tensor y) {
        return (2L * h.cols() + y.cols()) * z.cols();
    }

    /** Returns whether all rows consist of whole quads that are aligned. */
    private static boolean isQuads(Tensor... tensors) {
        return Stream.of(tensors)
                .allMatch(tensor -> CudaBuffer.address(tensor) % (QUAD * Float.BYTES) == 0
                        && tensor.cols() % QUAD == 0
                        && (tensor.rows() == 1 || tensor.stride() % QUAD == 0));
    }

    /** Returns whether all memory that is written, also between the operations, is disjoint from everything else. */
    private static boolean isApart(List<Tensor> written, List<Tensor> read) {
        List<AddressRange> writes = written.stream().map(AddressRange::of).toList();
        List<AddressRange> all = Stream.concat(writes.stream(), read.stream().map(AddressRange::of))
                .toList();
        for (int i = 0; i < writes.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                if (writes.get(i).overlaps(all.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static List<Tensor> some(Tensor... tensors) {
        return Stream.of(tensors).filter(Objects::nonNull).toList();
    }
}
