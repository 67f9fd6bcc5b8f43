package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.reference.ReferenceVariant;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalSweepTest {
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void allAreTheHosts(String name) {
        List<Long> heard = new ArrayList<>();
        try (Backend backend = Backends.open(name)) {
            NormalSweep.Result result = NormalSweep.run(backend, (4 << 20) + 1, heard::add);
            assertEquals(new NormalSweep.Result(8 << 20, 0, null), result);
        }
        assertEquals(List.of(4L << 20, 8L << 20), heard);
    }

    @Test
    void wholeRowsAreCompared() {
        try (Backend backend = Backends.open("cpu")) {
            assertEquals(2048, NormalSweep.run(backend, 1025, done -> {}).compared());
        }
    }

    /** Seeded: one bit of one normal. */
    @Test
    void oneThatDiffersIsFoundAndNamed() {
        try (Backend backend = ReferenceVariant.rounded("normal", (healthy, arguments, ops) -> () -> {
            healthy.run();
            Tensor out = (Tensor) arguments[1];
            double[] values = out.toDoubles();
            values[1024 + 7] = Math.nextUp((float) values[1024 + 7]);
            out.write(values);
        })) {
            NormalSweep.Result result = NormalSweep.run(backend, 4096, done -> {});
            assertEquals(1, result.different());
            assertTrue(result.first().startsWith("step 0, row 1, column 7, sample 0: "), result.first());
        }
    }
}
