package dev.elbo.backend;

import dev.elbo.tensor.Buffer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The checks of a backend's operations and the commands behind them, with the arguments of {@link Ops#Ops}. */
record Checks(RawOps raw, Consumer<Runnable> submit, Predicate<Buffer> owned) {
    Require require(String op) {
        return new Require(op, owned);
    }

    void submit(Runnable command) {
        submit.accept(command);
    }
}
