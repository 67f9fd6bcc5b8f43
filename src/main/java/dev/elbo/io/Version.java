package dev.elbo.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The version of elbo. It is a resource beside this class, since the manifest of a jar that merges several libraries
 * may be another's, and is not read on the module path.
 */
public final class Version {
    private static final String RESOURCE = "version.txt";

    private Version() {}

    /** {@return the version of the build, as {@code 1.2.3}} */
    public static String current() {
        try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + RESOURCE + " is not beside " + Version.class.getName()
                        + "; pack all files of elbo's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
