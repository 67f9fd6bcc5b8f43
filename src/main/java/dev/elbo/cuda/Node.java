package dev.elbo.cuda;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Blas;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.cuda.driver.Product;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A launch or a product, with the memory that it touches, which decides what it may run beside. */
final class Node {
    /** The time to wait for another node, to begin, and for a round trip to memory. */
    private static final long LAUNCH_NANOS = 2_200;

    private static final double FLOPS_OF_NANO = 30_000;

    private final Object work;
    private final long nanos;
    private final Consumer<Blas> queue;
    private final List<AddressRange> reads = new ArrayList<>();
    private final List<AddressRange> writes = new ArrayList<>();

    private Node(Object work, double flops, Consumer<Blas> queue) {
        this.work = work;
        this.nanos = LAUNCH_NANOS + (long) (flops / FLOPS_OF_NANO);
        this.queue = queue;
    }

    static Node of(Launch launch) {
        return new Node(launch, 0, blas -> launch.on(blas.stream()));
    }

    /**
     * Makes the product {@code c = a · b}.
     *
     * @param transposeA whether a enters it transposed
     * @param transposeB whether b enters it transposed
     */
    static Node product(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c) {
        return product(a, transposeA, b, transposeB, c, false).reads(a, b).writes(c);
    }

    /** Makes the product {@code c += x · weightᵀ}. */
    static Node addedProduct(Tensor x, Tensor weight, Tensor c) {
        return product(x, false, weight, true, c, true).reads(x, weight, c).writes(c);
    }

    private static Node product(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c, boolean added) {
        int inner = transposeA ? a.rows() : a.cols();
        Product product = new Product(
                operand(a, transposeA), operand(b, transposeB), operand(c, false), c.rows(), c.cols(), inner, added);
        return new Node(product, 2.0 * c.rows() * c.cols() * inner, blas -> blas.queue(product));
    }

    private static Product.Operand operand(Tensor tensor, boolean transposed) {
        if (tensor.stride() > Integer.MAX_VALUE) {
            throw ElboException.usage("a matrix has a row stride of " + tensor.stride() + " elements; cuBLAS takes "
                    + Integer.MAX_VALUE + " at most");
        }
        return new Product.Operand(CudaBuffer.address(tensor), (int) tensor.stride(), transposed);
    }

    /** Adds tensors that it reads; null ones are passed over. */
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

    /** Returns the {@link Launch} or {@link Product}. */
    Object work() {
        return work;
    }

    /** Returns a large GPU's rough time, the same for any launch: only the order of scheduling follows from it. */
    long nanos() {
        return nanos;
    }

    /** Queues it in the stream of a cuBLAS. */
    void on(Blas blas) {
        queue.accept(blas);
    }

    @Override
    public String toString() {
        return work.toString();
    }
}
