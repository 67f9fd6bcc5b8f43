package dev.elbo.backend;

/**
 * The result of one check for whether a backend can work on this machine.
 *
 * @param backend its name; "java" for the machine itself
 * @param status the outcome
 * @param subject the part that was checked
 * @param detail the finding, or the problem
 * @param advice the remedy; null if none is needed
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
     * @param backend its name
     * @param subject the part that was checked
     * @param detail the finding, or the problem
     * @return the finding
     */
    public static DiagnosticResult ok(String backend, String subject, String detail) {
        return new DiagnosticResult(backend, Status.OK, subject, detail, null);
    }
}
