package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.data.Dataset;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;

/**
 * A data set in the backend's memory, in its stored type: bytes stay bytes.
 *
 * @param backend that it is in
 * @param values N × D, UINT8 or REAL
 * @param scale multiplies a stored value
 * @param labels the class of each example, N × 1; null if the model is not told it
 */
public record ResidentData(Backend backend, Tensor values, float scale, Tensor labels) implements DataSource {
    /** Values that are copied at a time. */
    private static final int PIECE = 1 << 22;

    /**
     * {@return a copy of a data set in a backend's memory, to be closed before the backend is}
     *
     * @param backend to whose memory
     * @param data read once
     * @throws dev.elbo.error.ElboException unavailable, if there is not enough memory
     */
    public static ResidentData upload(Backend backend, Dataset data) {
        return upload(backend, data, List.of());
    }

    /**
     * {@return a copy of a data set in a backend's memory, with the class of each example}
     *
     * @param backend to whose memory
     * @param data read once
     * @param classes names of the model's classes; none: labels are not read
     * @throws dev.elbo.error.ElboException data, if a label is missing or none of the classes; unavailable, as above
     */
    public static ResidentData upload(Backend backend, Dataset data, List<String> classes) {
        float[] classOf = ClassColumn.of(data, classes);
        Closer made = new Closer();
        try {
            Tensor values = made.register(backend.allocate(type(data), data.size(), data.features()));
            Tensor labels = classOf == null ? null : made.register(backend.allocate(ElementType.REAL, data.size(), 1));
            if (labels != null) {
                labels.write(classOf);
            }
            int features = data.features();
            int piece = Math.min(data.size(), Math.max(1, PIECE / features));
            Object array = data.isBytes() ? new byte[piece * features] : new float[piece * features];
            for (int from = 0, rows; from < data.size(); from += rows) {
                rows = Math.min(piece, data.size() - from);
                if (data.isBytes()) {
                    data.rows().copy(from, rows, ByteBuffer.wrap((byte[]) array), 0);
                } else {
                    data.rows().copy(from, rows, FloatBuffer.wrap((float[]) array), 0);
                }
                values.buffer().write((long) from * features, array, 0, rows * features);
            }
            return new ResidentData(backend, values, data.scale(), labels);
        } catch (Throwable thrown) {
            made.close();
            throw thrown;
        }
    }

    static ElementType type(Dataset data) {
        return data.isBytes() ? ElementType.UINT8 : ElementType.REAL;
    }

    @Override
    public int size() {
        return values.rows();
    }

    @Override
    public int features() {
        return values.cols();
    }

    @Override
    public Pass pass(int batch, int steps, boolean ordered) {
        Tensor numbers = ordered ? backend.allocate(ElementType.INT32, 1, size()) : null;
        return new Pass() {
            @Override
            public int steps() {
                return steps;
            }

            @Override
            public void gather(int slot, Clock clock, int first, NoiseSource binarize, Tensor x, Tensor classes) {
                // only an order is gathered in shards
                Tensor order = first == 0 ? numbers : numbers.cols(first, size() - first);
                backend.ops().gather(values, order, clock, scale, binarize, x);
                if (ClassColumn.tells(labels != null, classes)) {
                    backend.ops().gather(labels, order, clock, 1, null, classes);
                }
            }

            @Override
            public void start(int[] order, int firstRow) {
                requireOrder(order, ordered, size());
                Objects.checkIndex(firstRow, size());
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
            throw new IllegalArgumentException(
                    ordered
                            ? "order must have " + examples + " rows, "
                                    + (order == null ? "and is missing" : "not " + order.length)
                            : "order must be null in a pass without an order");
        }
    }

    @Override
    public void close() {
        values.buffer().close();
        if (labels != null) {
            labels.buffer().close();
        }
    }
}
