package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import org.junit.jupiter.api.function.Executable;

/** What every failure a user can act on must look like: its kind, one line, and the words that help. */
public final class Failures {
    private Failures() {}

    public static ElboException fails(ElboException.Kind kind, Executable call, String... words) {
        ElboException failure = assertThrows(ElboException.class, call);
        assertEquals(kind, failure.kind(), failure.getMessage());
        assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
        for (String word : words) {
            assertTrue(failure.getMessage().contains(word), () -> failure.getMessage() + " lacks: " + word);
        }
        return failure;
    }

    public static ElboException refused(Executable call, String... words) {
        return fails(ElboException.Kind.DATA, call, words);
    }
}
