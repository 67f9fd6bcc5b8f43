package dev.elbo.cuda;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.cuda.driver.Product;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One launch or one product, with the memory that it touches: that decides what it may run beside. */
final class Node {
    /** To wait for another node, to begin, and a round trip to memory. */
    private static final long LAUNCH_NANOS = 2_200;

    private static final double FLOPS_OF_NANO = 30_000;

    private final Object work;
    private final long nanos;
    private final Consumer<BlasStream> queue;
    private final List<AddressRange> reads = new ArrayList<>();
    private final List<AddressRange> writes = new ArrayList<>();

    private Node(Object work, double flops, Consumer<BlasStream> queue) {
        this.work = work;
        this.nanos = LAUNCH_NANOS + (long) (flops / FLOPS_OF_NANO);
        this.queue = queue;
    }

    static Node of(Launch launch) {
        return new Node(launch, 0, stream -> launch.on(stream.stream()));
    }

    /**
     * The product {@code c = a · b}.
     *
     * @param transposeA whether a enters it transposed
     * @param transposeB whether b enters it transposed
     */
    static Node product(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c) {
        return product(a, transposeA, b, transposeB, c, false).reads(a, b).writes(c);
    }

    /** {@code c += x · weightᵀ}. */
    static Node addedProduct(Tensor x, Tensor weight, Tensor c) {
        return product(x, false, weight, true, c, true).reads(x, weight, c).writes(c);
    }

    private static Node product(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c, boolean added) {
        int inner = transposeA ? a.rows() : a.cols();
        Product product = new Product(
                operand(a, transposeA), operand(b, transposeB), operand(c, false), c.rows(), c.cols(), inner, added);
        return new Node(product, 2.0 * c.rows() * c.cols() * inner, stream -> product.on(stream.blas()));
    }

    private static Product.Operand operand(Tensor tensor, boolean transposed) {
        if (tensor.stride() > Integer.MAX_VALUE) {
            throw ElboException.usage("a matrix with rows " + tensor.stride() + " elements apart; cuBLAS takes "
                    + Integer.MAX_VALUE + " at most");
        }
        return new Product.Operand(CudaBuffer.address(tensor), (int) tensor.stride(), transposed);
    }

    /** Adds what it reads; null ones are passed over. */
    Node reads(Tensor... tensors) {
        return add(reads, tensors);
    }

    Node reads(Schedule schedule) {
        return reads(schedule.table(), schedule.clock().counters());
    }

    Node reads(NoiseSource noise) {
        return noise == null
                ? this
                : reads(
                        noise.given(),
                        noise.clock() == null ? null : noise.clock().counters());
    }

    Node reads(AddressRange range) {
        reads.add(range);
        return this;
    }

    Node writes(Tensor... tensors) {
        return add(writes, tensors);
    }

    Node writes(AddressRange range) {
        writes.add(range);
        return this;
    }

    private Node add(List<AddressRange> to, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null) {
                to.add(AddressRange.of(tensor));
            }
        }
        return this;
    }

    List<AddressRange> reads() {
        return reads;
    }

    List<AddressRange> writes() {
        return writes;
    }

    /** The {@link Launch} or {@link Product}. */
    Object work() {
        return work;
    }

    /** About how long a large GPU takes for it, any launch alike: only the order in which nodes are scheduled follows from it. */
    long nanos() {
        return nanos;
    }

    void on(BlasStream stream) {
        queue.accept(stream);
    }

    @Override
    public String toString() {
        return work.toString();
    }
}
