package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.data.Dataset;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Objects;

/**
 * A data set in the backend's memory, as it is stored: bytes stay bytes.
 *
 * @param backend that it is in
 * @param values N × D, UINT8 or REAL
 * @param scale what a stored value is multiplied with
 */
public record ResidentData(Backend backend, Tensor values, float scale) implements DataSource {
    /** Copies a data set. */
    public static ResidentData upload(Backend backend, Dataset data) {
        Tensor values = backend.allocate(type(data), data.examples(), data.features());
        values.write(data.isBytes() ? data.bytes() : data.floats());
        return new ResidentData(backend, values, data.scale());
    }

    static ElementType type(Dataset data) {
        return data.isBytes() ? ElementType.UINT8 : ElementType.REAL;
    }

    @Override
    public int examples() {
        return values.rows();
    }

    @Override
    public int features() {
        return values.cols();
    }

    @Override
    public Pass pass(int batch, int steps, boolean ordered) {
        Tensor numbers = ordered ? backend.allocate(ElementType.INT32, 1, examples()) : null;
        return new Pass() {
            @Override
            public int steps() {
                return steps;
            }

            @Override
            public void gather(int slot, Clock clock, NoiseSource binarize, Tensor x) {
                backend.ops().gather(values, numbers, clock, scale, binarize, x);
            }

            @Override
            public void start(int[] order, int firstRow) {
                requireOrder(order, ordered, examples());
                Objects.checkIndex(firstRow, examples());
                if (ordered) {
                    numbers.write(order);
                }
            }

            @Override
            public void close() {
                if (ordered) {
                    numbers.buffer().close();
                }
            }
        };
    }

    static void requireOrder(int[] order, boolean ordered, int examples) {
        if (ordered ? order == null || order.length != examples : order != null) {
            throw new IllegalArgumentException("a pass over " + examples + " examples in "
                    + (ordered ? "an order" : "no order") + " was given "
                    + (order == null ? "none" : "one of " + order.length));
        }
    }

    @Override
    public void close() {
        values.buffer().close();
    }
}
