package dev.elbo.cli;

import dev.elbo.error.ElboException;
import java.util.Collection;
import java.util.function.Supplier;

/** Checks of option values; each throws a usage error that names the option. */
final class Check {
    private Check() {}

    /** Requires a number of at least {@code least}, if one was given. */
    static void atLeast(String option, Number given, int least) {
        if (given != null && given.longValue() < least) {
            throw ElboException.usage(option + " must be at least " + least + ", not " + given);
        }
    }

    static void oneOf(String option, String given, Collection<String> words) {
        if (!words.contains(given)) {
            throw none(option, given, String.join(", ", words));
        }
    }

    /** {@return the error for a word that is not among the option's words} */
    static ElboException none(String option, String given, String words) {
        return ElboException.usage(option + " '" + given + "' is not one of " + words);
    }

    /** {@return the made object; refusals of the library become usage errors} */
    static <T> T usage(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw OptionNames.refusal(e);
        }
    }
}
