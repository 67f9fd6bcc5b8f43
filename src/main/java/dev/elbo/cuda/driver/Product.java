package dev.elbo.cuda.driver;

import jcuda.Pointer;

/**
 * A product of row-major matrices, made once and queued any number of times without allocation: {@code c = a · b}, or
 * {@code c += a · b}.
 *
 * @param a rows × inner, as it enters the product
 * @param b inner × cols, as it enters the product
 * @param c rows × cols, not transposed
 * @param rows of c
 * @param cols of c
 * @param inner columns of a, which are summed over
 * @param added whether the product is added to what c holds
 */
public record Product(Operand a, Operand b, Operand c, int rows, int cols, int inner, boolean added) {
    /**
     * A dense operand as cuBLAS sees it, column-major: a row-major matrix is its own transpose.
     *
     * @param start its first element
     * @param leading elements from one row of the row-major matrix to the next
     * @param transposed whether the row-major matrix is taken transposed
     */
    public record Operand(Pointer start, int leading, boolean transposed) {
        /** Creates an operand at a device address. */
        public Operand(long address, int leading, boolean transposed) {
            this(Address.at(address), leading, transposed);
        }
    }

    @Override
    public String toString() {
        return "the product " + rows + " × " + inner + " × " + cols;
    }
}
