package dev.elbo.cuda.driver;

import jcuda.Pointer;

/**
 * A product of row-major matrices, made once and queued any number of times without allocation: {@code c = a · b}, or
 * {@code c += a · b}.
 */
public final class Product {
    final Operand a;
    final Operand b;
    final Operand c;
    final int rows;
    final int cols;
    final int inner;
    final boolean added;
    final Pointer aAt;
    final Pointer bAt;
    final Pointer cAt;
    private final String name;

    /**
     * A dense operand as cuBLAS sees it, column-major: a row-major matrix is its own transpose.
     *
     * @param address of its first element
     * @param leading elements from one row of the row-major matrix to the next
     * @param transposed whether the row-major matrix is taken transposed
     */
    public record Operand(long address, int leading, boolean transposed) {}

    /**
     * @param a rows × inner, as it enters the product
     * @param b inner × cols, as it enters the product
     * @param c rows × cols, not transposed
     * @param added whether the product is added to what c holds
     */
    public Product(Operand a, Operand b, Operand c, int rows, int cols, int inner, boolean added) {
        this.a = a;
        this.b = b;
        this.c = c;
        this.rows = rows;
        this.cols = cols;
        this.inner = inner;
        this.added = added;
        this.aAt = Address.at(a.address());
        this.bAt = Address.at(b.address());
        this.cAt = Address.at(c.address());
        this.name = "the product " + rows + " × " + inner + " × " + cols;
    }

    /** Puts it into the stream of the library. */
    public void on(Blas blas) {
        blas.queue(this);
    }

    @Override
    public String toString() {
        return name;
    }
}
