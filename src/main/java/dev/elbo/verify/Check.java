package dev.elbo.verify;

import dev.elbo.backend.Backend;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One check of a verification.
 *
 * @param op the operation it is about
 * @param label its name, unique within the operation
 * @param run tries it, writing its findings into an outcome
 */
record Check(String op, String label, Consumer<Outcome> run) {
    /** {@return a check with tensors on a backend} */
    static Check of(String op, String label, Backend backend, BiConsumer<Scratch, Outcome> body) {
        return new Check(op, label, outcome -> {
            try (Scratch scratch = new Scratch(backend)) {
                body.accept(scratch, outcome);
            }
        });
    }

    /** Runs the check; an exception is a failure. */
    Row row() {
        Outcome outcome = new Outcome();
        try {
            run.accept(outcome);
        } catch (RuntimeException e) {
            TensorResult none = TensorResult.of("", Double.NaN, 0);
            return new Row(op, label, false, none, Failure.EXCEPTION + ": " + e);
        }
        return new Row(op, label, outcome.failures().isEmpty(), outcome.worst(), outcome.summary());
    }
}
