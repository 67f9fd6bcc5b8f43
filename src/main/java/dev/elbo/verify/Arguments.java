package dev.elbo.verify;

import dev.elbo.backend.Clock;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.Tensor;

/**
 * The tensors of a case in a backend's memory.
 *
 * @hidden
 */
public interface Arguments {
    /** {@return the tensor of this name, null if the case has none} */
    Tensor optional(String name);

    /** {@return the tensor of this name, an error if the case has none} */
    default Tensor get(String name) {
        Tensor tensor = optional(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the case has no '" + name + "'");
        }
        return tensor;
    }

    default Clock clock() {
        return new Clock(get("clock"));
    }

    default Schedule schedule() {
        return new Schedule(get("schedule"), clock());
    }
}
