package dev.elbo.cli;

/** Whoever read our output has gone. The command ends, and nothing is said: there is nobody to tell it to. */
final class ClosedOutput extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClosedOutput(Throwable cause) {
        super("the reader of the output has gone", cause);
    }
}
