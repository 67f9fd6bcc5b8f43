package dev.elbo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as the same weights. */
class OpenBenchTest {
    private static OpenBench.Life life(float... weights) {
        return new OpenBench.Life(1, 0.5, 16, 2, 0.1, weights);
    }

    @Test
    void weightsAreComparedByTheirBits() {
        OpenBench.Life life = life(1, 0, Float.NaN);
        OpenBench.Life other = life(1, -0f, 2);
        assertEquals(0, OpenBench.differing(life, life(1, 0, Float.NaN)));
        assertEquals(2, OpenBench.differing(life, other));
        assertTrue(OpenBench.toJson(List.of(life, life)).get("same_bits").getAsBoolean());
        assertFalse(OpenBench.toJson(List.of(life, other)).get("same_bits").getAsBoolean());
    }
}
