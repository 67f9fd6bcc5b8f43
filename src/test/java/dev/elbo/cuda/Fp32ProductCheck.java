package dev.elbo.cuda;

import dev.elbo.backend.Backend;
import dev.elbo.cost.KernelCost;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/**
 * A check that products of layers take float32 operands: 2049 has 12 significant bits, one more than TF32 keeps, so that sums of it
 * are off if something, such as an environment variable, rounds them. Wider than a thin product, which is not cuBLAS's.
 */
final class Fp32ProductCheck {
    private static final int SIZE = 2 * KernelCost.THIN;
    private static final float TWELVE_BITS = 2049;

    private Fp32ProductCheck() {}

    static boolean isExact(Backend backend) {
        try (Closer closer = new Closer()) {
            Tensor x = filled(backend, closer, SIZE, TWELVE_BITS);
            Tensor weight = filled(backend, closer, SIZE, 1);
            Tensor bias = filled(backend, closer, 1, 0);
            Tensor y = filled(backend, closer, SIZE, 0);
            backend.ops().dense(x, weight, bias, Activation.IDENTITY, y);
            for (float value : y.toFloats()) {
                if (value != SIZE * TWELVE_BITS) {
                    return false;
                }
            }
            return true;
        }
    }

    private static Tensor filled(Backend backend, Closer closer, int rows, float value) {
        Tensor tensor = closer.register(backend.allocate(ElementType.REAL, rows, SIZE));
        float[] values = new float[rows * SIZE];
        Arrays.fill(values, value);
        tensor.write(values);
        return tensor;
    }
}
