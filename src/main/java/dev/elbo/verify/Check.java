package dev.elbo.verify;

import java.util.function.Consumer;

/**
 * Something to be verified.
 *
 * @param op the operation it is about
 * @param label what is tried, unique within the operation
 * @param run does it
 */
record Check(String op, String label, Run run) {
    /** Tries it; exceptions count as failures. */
    @FunctionalInterface
    interface Run {
        Outcome outcome();
    }

    /** A check that writes what it finds into an outcome. */
    static Check of(String op, String label, Consumer<Outcome.Builder> body) {
        return new Check(op, label, () -> {
            Outcome.Builder outcome = new Outcome.Builder();
            body.accept(outcome);
            return outcome.build();
        });
    }

    Row row() {
        try {
            return Row.of(this, run.outcome());
        } catch (RuntimeException e) {
            TensorResult none = TensorResult.of("", Double.NaN, 0);
            return new Row(op, label, false, none, Failure.EXCEPTION + ": " + e);
        }
    }
}
