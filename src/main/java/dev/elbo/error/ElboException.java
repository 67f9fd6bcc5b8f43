package dev.elbo.error;

/**
 * A failure that a user can act on: one line with the problem, its place and the remedy. Its kind fixes the exit code
 * of the command line; programs that embed the library can branch on it.
 */
public final class ElboException extends RuntimeException {
    /** The kind of a failure, with the exit code of the command line. */
    public enum Kind {
        /** An invalid argument. */
        USAGE(2),
        /** Data or a file that cannot be read or trusted. */
        DATA(3),
        /** A backend or device that is not there. */
        UNAVAILABLE(4),
        /** A device that failed while working. */
        DEVICE(5),
        /** A loss, gradient or result that is not finite. */
        NUMERIC(6),
        /** Reading or writing failed. */
        IO(7);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        /** {@return the exit code of the command line} */
        public int exitCode() {
            return exitCode;
        }
    }

    /** The kind of failure. */
    private final Kind kind;

    private ElboException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** {@return the kind of failure} */
    public Kind kind() {
        return kind;
    }

    /**
     * {@return an exception of kind {@link Kind#USAGE}}
     *
     * @param message the problem, its place and the remedy, in one line
     */
    public static ElboException usage(String message) {
        return new ElboException(Kind.USAGE, message, null);
    }

    /**
     * {@return an exception of kind {@link Kind#DATA}}
     *
     * @param message the problem, its place and the remedy, in one line
     */
    public static ElboException data(String message) {
        return new ElboException(Kind.DATA, message, null);
    }

    /**
     * {@return an exception of kind {@link Kind#DATA}}
     *
     * @param message the problem, its place and the remedy, in one line
     * @param cause the original exception
     */
    public static ElboException data(String message, Throwable cause) {
        return new ElboException(Kind.DATA, message, cause);
    }

    /**
     * {@return an exception of kind {@link Kind#UNAVAILABLE}}
     *
     * @param message the problem, its place and the remedy, in one line
     */
    public static ElboException unavailable(String message) {
        return new ElboException(Kind.UNAVAILABLE, message, null);
    }

    /**
     * {@return an exception of kind {@link Kind#UNAVAILABLE}}
     *
     * @param message the problem, its place and the remedy, in one line
     * @param cause the original exception
     */
    public static ElboException unavailable(String message, Throwable cause) {
        return new ElboException(Kind.UNAVAILABLE, message, cause);
    }

    /**
     * {@return an exception of kind {@link Kind#DEVICE}}
     *
     * @param message the problem, its place and the remedy, in one line
     */
    public static ElboException device(String message) {
        return new ElboException(Kind.DEVICE, message, null);
    }

    /**
     * {@return an exception of kind {@link Kind#NUMERIC}}
     *
     * @param message the problem, its place and the remedy, in one line
     */
    public static ElboException numeric(String message) {
        return new ElboException(Kind.NUMERIC, message, null);
    }

    /**
     * {@return an exception of kind {@link Kind#IO}}
     *
     * @param message the problem, its place and the remedy, in one line
     */
    public static ElboException io(String message) {
        return new ElboException(Kind.IO, message, null);
    }

    /**
     * {@return an exception of kind {@link Kind#IO}}
     *
     * @param message the problem, its place and the remedy, in one line
     * @param cause the original exception
     */
    public static ElboException io(String message, Throwable cause) {
        return new ElboException(Kind.IO, message, cause);
    }
}
