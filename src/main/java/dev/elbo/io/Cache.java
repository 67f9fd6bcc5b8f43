package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** The cache folder: {@code $ELBO_CACHE}, else {@code $XDG_CACHE_HOME/elbo}, else {@code ~/.cache/elbo}. */
public final class Cache {
    private Cache() {}

    /** {@return the folder of this machine's user, which may not exist yet} */
    public static Path folder() {
        return folder(System::getenv, System::getProperty);
    }

    /**
     * {@return the cache folder of another environment}
     *
     * @param environment the variables by their names, null if there is none
     * @param properties the system's properties by their names
     */
    public static Path folder(UnaryOperator<String> environment, UnaryOperator<String> properties) {
        String own = environment.apply("ELBO_CACHE");
        String shared = environment.apply("XDG_CACHE_HOME");
        if (isSet(own)) {
            return Path.of(own);
        }
        return isSet(shared) && Path.of(shared).isAbsolute()
                ? Path.of(shared, "elbo")
                : Path.of(properties.apply("user.home"), ".cache", "elbo");
    }

    /**
     * Creates the folder if it does not exist.
     *
     * @param folder it, or one in it
     * @throws ElboException of kind IO if it can be neither found nor made
     */
    public static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw ElboException.io(
                    folder + ": the cache folder cannot be made: " + Messages.reason(e) + "; set ELBO_CACHE to another",
                    e);
        }
    }

    /**
     * {@return whether a setting has a value}
     *
     * @param value of an environment variable or property; null if it is not set
     */
    public static boolean isSet(String value) {
        return value != null && !value.isBlank();
    }
}
