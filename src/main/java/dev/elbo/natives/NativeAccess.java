package dev.elbo.natives;

/** Whether Java lets code load native libraries, which from JDK 24 on it may deny. */
public final class NativeAccess {
    private NativeAccess() {}

    /**
     * {@return whether that is what went wrong}
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
