package dev.elbo;

import org.junit.jupiter.api.Assumptions;

/** Leaves a test out where the machine lacks what it needs; the reason is printed, not only kept in a report. */
public final class Skip {
    private Skip() {}

    /**
     * @param holds whether the test can run
     * @param otherwise why it cannot
     */
    public static void unless(boolean holds, String otherwise) {
        if (!holds) {
            System.out.println("SKIPPED: " + otherwise);
        }
        Assumptions.assumeTrue(holds, otherwise);
    }
}
