package dev.elbo.bench;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.SplittableRandom;

/** The tensors of one measurement, with random values, since zeros and repetition cost a device less. */
final class Memory implements AutoCloseable {
    private static final long SEED = 20_131_220;
    /** Random bytes that are repeated over a longer tensor. */
    private static final int BLOCK = 1 << 20;

    private final Backend backend;
    private final Closer closer = new Closer();
    private Clock clock;
    private int filled;

    Memory(Backend backend) {
        this.backend = backend;
    }

    private Tensor allocate(ElementType type, int rows, int cols) {
        Tensor tensor = backend.allocate(type, rows, cols);
        closer.register(tensor);
        return tensor;
    }

    Tensor output(int rows, int cols) {
        return allocate(ElementType.REAL, rows, cols);
    }

    Tensor normals(int rows, int cols) {
        Tensor tensor = output(rows, cols);
        fill(tensor);
        return tensor;
    }

    private void fill(Tensor tensor) {
        clock().set(++filled, 0, 0, 0);
        backend.ops().normal(NoiseSource.perStep(SEED, NoiseStream.INITIALIZE, clock()), tensor);
    }

    /** Draws values in (0, 1), none of them close to 0. */
    Tensor fractions(int rows, int cols) {
        Tensor normals = backend.allocate(ElementType.REAL, rows, cols);
        try {
            fill(normals);
            Tensor tensor = output(rows, cols);
            backend.ops().activate(normals, Activation.SIGMOID, tensor);
            return tensor;
        } finally {
            normals.buffer().close();
        }
    }

    Tensor bytes(int rows, int cols) {
        Tensor tensor = allocate(ElementType.UINT8, rows, cols);
        byte[] block = new byte[(int) Math.min(BLOCK, tensor.size())];
        new SplittableRandom(SEED).nextBytes(block);
        for (long at = 0; at < tensor.size(); at += block.length) {
            tensor.buffer().write(at, block, 0, (int) Math.min(block.length, tensor.size() - at));
        }
        return tensor;
    }

    Tensor order(int rows) {
        Tensor tensor = allocate(ElementType.INT32, 1, rows);
        tensor.write(Noise.permutation(SEED, 1, rows));
        return tensor;
    }

    /** Draws the labels of rows, whole numbers below {@code classes}. */
    Tensor labels(int rows, int classes) {
        Tensor tensor = output(rows, 1);
        tensor.write(new SplittableRandom(SEED)
                .ints(rows, 0, classes)
                .asDoubleStream()
                .toArray());
        return tensor;
    }

    /** Makes what operations read of columns. */
    Tensor columns(Columns columns) {
        Tensor tensor = allocate(ElementType.INT32, columns.all().size(), Columns.FIELDS);
        tensor.write(columns.table());
        return tensor;
    }

    /** Draws rows of these columns, none missing, which takes longest; the same rows again and again if there are many. */
    Tensor cells(Columns columns, int rows) {
        int places = columns.features();
        float[] block = new float[Math.min(rows, Math.max(1, BLOCK / places)) * places];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int row = 0; row < block.length; row += places) {
            int at = row;
            for (Column column : columns.all()) {
                if (column.kind() == ColumnKind.CATEGORICAL) {
                    block[at + random.nextInt(column.size())] = 1;
                } else {
                    block[at] = switch (column.kind()) {
                        case BERNOULLI -> random.nextInt(2);
                        case POISSON, NEGATIVE_BINOMIAL -> random.nextInt(20);
                        default -> random.nextFloat();
                    };
                }
                at += column.size();
            }
        }
        Tensor tensor = output(rows, places);
        for (long at = 0; at < tensor.size(); at += block.length) {
            tensor.buffer().write(at, block, 0, (int) Math.min(block.length, tensor.size() - at));
        }
        return tensor;
    }

    Tensor table(int rows, int cols) {
        return allocate(ElementType.FLOAT64, rows, cols);
    }

    /** {@return the clock, whose counters are 0 when the measurement begins} */
    Clock clock() {
        if (clock == null) {
            clock = Clock.allocate(backend);
            closer.register(clock.counters());
        }
        return clock;
    }

    /** {@return a schedule of one row, that of a late step} */
    Schedule schedule() {
        Tensor table = output(1, Schedule.COLUMNS);
        table.write(AdamSettings.DEFAULT.scheduleRow(1000, 1e-3, 1));
        return new Schedule(table, clock());
    }

    NoiseSource noise() {
        return NoiseSource.perStep(SEED, NoiseStream.LATENT, clock());
    }

    @Override
    public void close() {
        closer.close();
    }
}
