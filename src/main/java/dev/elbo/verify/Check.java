package dev.elbo.verify;

import dev.elbo.backend.Backend;
import java.util.function.BiConsumer;

/**
 * One check of a verification.
 *
 * @param op the operation it is about
 * @param label its name, unique within the operation
 * @param body tries it with tensors on a backend, writing its findings into an outcome
 */
record Check(String op, String label, BiConsumer<Scratch, Outcome> body) {
    /** Runs the check; an exception is a failure. */
    Row row(Backend backend) {
        Outcome outcome = new Outcome();
        try (Scratch scratch = new Scratch(backend)) {
            body.accept(scratch, outcome);
        } catch (RuntimeException e) {
            TensorResult none = TensorResult.of("", Double.NaN, 0);
            return new Row(op, label, false, none, Failure.EXCEPTION + ": " + e);
        }
        return new Row(op, label, outcome.failures().isEmpty(), outcome.worst(), outcome.summary());
    }
}
