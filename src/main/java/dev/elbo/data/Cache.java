package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** The cache folder: {@code $ELBO_CACHE}, else {@code $XDG_CACHE_HOME/elbo}, else {@code ~/.cache/elbo}. */
final class Cache {
    private Cache() {}

    /** That of this machine's user. */
    static Path folder() {
        return folder(System::getenv, System::getProperty);
    }

    static Path folder(UnaryOperator<String> environment, UnaryOperator<String> properties) {
        String own = environment.apply("ELBO_CACHE");
        String shared = environment.apply("XDG_CACHE_HOME");
        if (isSet(own)) {
            return Path.of(own);
        }
        return isSet(shared) && Path.of(shared).isAbsolute()
                ? Path.of(shared, "elbo")
                : Path.of(properties.apply("user.home"), ".cache", "elbo");
    }

    /** @throws ElboException of kind IO where it can be neither found nor made */
    static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw ElboException.io(
                    folder + ": the cache folder cannot be made: " + Messages.reason(e) + "; set ELBO_CACHE to another",
                    e);
        }
    }

    static boolean isSet(String value) {
        return value != null && !value.isBlank();
    }
}
