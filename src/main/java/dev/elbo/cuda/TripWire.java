package dev.elbo.cuda;

import dev.elbo.backend.Backend;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether products really take float32 operands: 2049 has 12 significant bits, one more than TF32 keeps, so that sums of it
 * are off if something, such as an environment variable, rounds them.
 */
final class TripWire {
    private static final int SIZE = 64;
    private static final float TWELVE_BITS = 2049;

    private TripWire() {}

    static boolean isExact(Backend backend) {
        try (Tensors tensors = new Tensors(backend)) {
            Tensor x = tensors.filled(SIZE, TWELVE_BITS);
            Tensor weight = tensors.filled(SIZE, 1);
            Tensor bias = tensors.filled(1, 0);
            Tensor y = tensors.filled(SIZE, 0);
            backend.ops().dense(x, weight, bias, Activation.IDENTITY, y);
            for (float value : y.toFloats()) {
                if (value != SIZE * TWELVE_BITS) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final class Tensors implements AutoCloseable {
        private final Backend backend;
        private final List<Tensor> owned = new ArrayList<>();

        Tensors(Backend backend) {
            this.backend = backend;
        }

        Tensor filled(int rows, float value) {
            Tensor tensor = backend.allocate(ElementType.REAL, rows, SIZE);
            owned.add(tensor);
            float[] values = new float[rows * SIZE];
            Arrays.fill(values, value);
            tensor.write(values);
            return tensor;
        }

        @Override
        public void close() {
            owned.forEach(tensor -> tensor.buffer().close());
        }
    }
}
