package dev.elbo.natives;

/** Java's permission to load native libraries, which JDK 24 and newer may deny. */
public final class NativeAccess {
    private NativeAccess() {}

    /**
     * {@return whether a failure is such a denial}
     *
     * @param thrown by what was to load a library, or by a class that was to
     */
    public static boolean isDenied(Throwable thrown) {
        Throwable cause = thrown;
        while (cause != null && !(cause instanceof IllegalCallerException)) {
            cause = cause.getCause();
        }
        return cause != null;
    }
}
