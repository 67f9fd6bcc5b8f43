package dev.elbo.backend;

/**
 * The result of one check for whether a backend can work on this machine.
 *
 * @param backend which one it is about; "java" for the machine itself
 * @param status what came out
 * @param subject what was looked at
 * @param detail what was found, or what is wrong
 * @param advice what to do; null where there is nothing to do
 */
public record DiagnosticResult(String backend, Status status, String subject, String detail, String advice) {
    /** The outcome of a check. */
    public enum Status {
        /** As it should be. */
        OK,
        /** Not there: nothing is broken, but the backend cannot be used. */
        MISSING,
        /** Usable, but not as it should be. */
        WARNING,
        /** Broken. */
        FAILED
    }

    /**
     * Creates a result of {@link Status#OK}.
     *
     * @param backend which one it is about
     * @param subject what was looked at
     * @param detail what was found, or what is wrong
     * @return the finding
     */
    public static DiagnosticResult ok(String backend, String subject, String detail) {
        return new DiagnosticResult(backend, Status.OK, subject, detail, null);
    }
}
