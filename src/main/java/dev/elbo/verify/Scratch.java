package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/** Dense tensors and other resources on a backend, freed together. */
final class Scratch implements AutoCloseable {
    private final Backend backend;
    private final Closer closer = new Closer();

    Scratch(Backend backend) {
        this.backend = backend;
    }

    Backend backend() {
        return backend;
    }

    Ops ops() {
        return backend.ops();
    }

    <T extends AutoCloseable> T own(T resource) {
        return closer.register(resource);
    }

    Arena arena(VaeSpec spec) {
        return own(backend.allocate(Parameters.layout(spec)));
    }

    Tensor zeros(ElementType type, int rows, int cols) {
        return closer.register(backend.allocate(type, rows, cols));
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

    /** {@return a schedule of one row with this weight of the KL divergence, and a clock at zero} */
    Schedule schedule(double beta) {
        double[] row = new double[Schedule.COLUMNS];
        row[Schedule.BETA] = beta;
        return new Schedule(real(1, Schedule.COLUMNS, row), clock(0, 0, 0, 0));
    }

    @Override
    public void close() {
        closer.close();
    }
}
