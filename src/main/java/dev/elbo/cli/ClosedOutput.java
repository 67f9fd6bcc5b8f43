package dev.elbo.cli;

/** Signals that the reader of the output is gone. The command ends without a message. */
final class ClosedOutput extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClosedOutput(Throwable cause) {
        super("the reader of the output has gone", cause);
    }
}
