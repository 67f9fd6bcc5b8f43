package dev.elbo.cuda;

import dev.elbo.backend.Backend;
import dev.elbo.cost.KernelCost;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Owned;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/**
 * Whether products of layers really take float32 operands: 2049 has 12 significant bits, one more than TF32 keeps, so that sums of it
 * are off if something, such as an environment variable, rounds them. Wider than a thin product, which is not cuBLAS's.
 */
final class TripWire {
    private static final int SIZE = 2 * KernelCost.THIN;
    private static final float TWELVE_BITS = 2049;

    private TripWire() {}

    static boolean isExact(Backend backend) {
        try (Owned owned = new Owned()) {
            Tensor x = filled(backend, owned, SIZE, TWELVE_BITS);
            Tensor weight = filled(backend, owned, SIZE, 1);
            Tensor bias = filled(backend, owned, 1, 0);
            Tensor y = filled(backend, owned, SIZE, 0);
            backend.ops().dense(x, weight, bias, Activation.IDENTITY, y);
            for (float value : y.toFloats()) {
                if (value != SIZE * TWELVE_BITS) {
                    return false;
                }
            }
            return true;
        }
    }

    private static Tensor filled(Backend backend, Owned owned, int rows, float value) {
        Tensor tensor = owned.add(backend.allocate(ElementType.REAL, rows, SIZE));
        float[] values = new float[rows * SIZE];
        Arrays.fill(values, value);
        tensor.write(values);
        return tensor;
    }
}
