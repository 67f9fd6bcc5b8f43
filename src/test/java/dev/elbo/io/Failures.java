package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.elbo.error.ElboException;
import java.lang.management.ManagementFactory;
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

    /**
     * As {@link #refused}, within a second and 16 MiB: what this thread computed and allocated, which does not depend on
     * how busy the machine is.
     */
    public static ElboException refusedCheaply(Executable call, String... words) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long nanos = threads.getCurrentThreadCpuTime();
        ElboException failure = refused(call, words);
        nanos = threads.getCurrentThreadCpuTime() - nanos;
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        assertTrue(bytes < 16 << 20, bytes + " bytes to say " + failure.getMessage());
        assertTrue(nanos < 1_000_000_000L, nanos + " ns to say " + failure.getMessage());
        return failure;
    }
}
