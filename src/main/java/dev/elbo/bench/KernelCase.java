package dev.elbo.bench;

import dev.elbo.backend.Ops;
import dev.elbo.cost.Work;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One operation at one size.
 *
 * @param op a method of {@link Ops}
 * @param label shapes and options
 * @param work least work of the operation
 * @param prepare fills memory and returns the call that is measured
 */
record KernelCase(String op, String label, Work work, Function<Memory, Consumer<Ops>> prepare) {
    @Override
    public String toString() {
        return op + " [" + label + "]";
    }
}
