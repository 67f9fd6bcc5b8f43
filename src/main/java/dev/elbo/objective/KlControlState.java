package dev.elbo.objective;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlWeighting;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * Device memory that {@link KlControl} reads and updates from step to step.
 *
 * @param targets a target for each row of the schedule, steps × 1
 * @param state of the multiplier, 1 × {@link KlWeighting#STATE}
 */
public record KlControlState(Tensor targets, Tensor state) implements AutoCloseable {
    /**
     * {@return memory for a number of steps, at the start of a run, to be closed by the caller}
     *
     * @param backend that it is on
     * @param steps rows of its table of targets
     */
    public static KlControlState allocate(Backend backend, int steps) {
        Tensor targets = backend.allocate(ElementType.REAL, steps, 1);
        try {
            return new KlControlState(targets, backend.allocate(ElementType.FLOAT64, 1, KlWeighting.STATE));
        } catch (Throwable thrown) {
            targets.buffer().close();
            throw thrown;
        }
    }

    @Override
    public void close() {
        targets.buffer().close();
        state.buffer().close();
    }
}
