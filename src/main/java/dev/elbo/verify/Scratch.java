package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Dense tensors on a backend, freed together. */
final class Scratch implements AutoCloseable {
    private final Backend backend;
    private final List<Buffer> buffers = new ArrayList<>();

    Scratch(Backend backend) {
        this.backend = backend;
    }

    Ops ops() {
        return backend.ops();
    }

    Tensor zeros(ElementType type, int rows, int cols) {
        Tensor tensor = backend.allocate(type, rows, cols);
        buffers.add(tensor.buffer());
        return tensor;
    }

    Tensor zeros(int rows, int cols) {
        return zeros(ElementType.REAL, rows, cols);
    }

    Tensor real(int rows, int cols, double... values) {
        Tensor tensor = zeros(rows, cols);
        tensor.write(values);
        return tensor;
    }

    Clock clock(int step, int row, int slot, int sample) {
        Clock clock = new Clock(zeros(ElementType.INT32, 1, Clock.SIZE));
        clock.set(step, row, slot, sample);
        return clock;
    }

    /** A schedule of one row with this weight of the KL divergence, and a clock at zero. */
    Schedule schedule(double beta) {
        Tensor table = zeros(1, Schedule.COLUMNS);
        double[] row = new double[Schedule.COLUMNS];
        row[Schedule.BETA] = beta;
        table.write(row);
        return new Schedule(table, clock(0, 0, 0, 0));
    }

    @Override
    public void close() {
        buffers.forEach(Buffer::close);
    }
}
