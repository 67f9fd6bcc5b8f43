package dev.elbo.cuda;

import dev.elbo.cuda.driver.Blas;
import dev.elbo.cuda.driver.Blas.Operand;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Tensor;

/** Products by cuBLAS, views and transposes without copies. */
final class CublasProducts implements Products {
    private final Blas blas;

    CublasProducts(Blas blas) {
        this.blas = blas;
    }

    @Override
    public Runnable of(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c) {
        int inner = transposeA ? a.rows() : a.cols();
        return blas.product(
                operand(a, transposeA), operand(b, transposeB), operand(c, false), c.rows(), c.cols(), inner);
    }

    private static Operand operand(Tensor tensor, boolean transposed) {
        if (tensor.stride() > Integer.MAX_VALUE) {
            throw ElboException.usage("a matrix with rows " + tensor.stride() + " elements apart; cuBLAS takes "
                    + Integer.MAX_VALUE + " at most");
        }
        return new Operand(CudaBuffer.address(tensor), (int) tensor.stride(), transposed);
    }
}
