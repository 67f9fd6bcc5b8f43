package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * A data set in the backend's memory, as it is stored: bytes stay bytes.
 *
 * @param values N × D, UINT8 or REAL
 * @param scale what a stored value is multiplied with
 */
public record ResidentData(Tensor values, float scale) implements AutoCloseable {
    /** Copies a data set. */
    public static ResidentData upload(Backend backend, Dataset data) {
        Tensor values = backend.allocate(
                data.isBytes() ? ElementType.UINT8 : ElementType.REAL, data.examples(), data.features());
        values.write(data.isBytes() ? data.bytes() : data.floats());
        return new ResidentData(values, data.scale());
    }

    /** Number of examples. */
    public int examples() {
        return values.rows();
    }

    /** Values of an example. */
    public int features() {
        return values.cols();
    }

    @Override
    public void close() {
        values.buffer().close();
    }
}
