package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.HostDevice;
import dev.elbo.cuda.OnDevice;
import dev.elbo.reference.ReferenceBackend;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A GPU's cuBLAS adds in float32, in an order of its own: every tolerance must hold whichever it is. */
@OnDevice(hostOnly = true, checked = false)
class CudaSumsTest {
    private static void add(int seed) {
        HostDevice.set("sums=float32,sums-seed=" + seed + ",product-nodes=2,loading=lazy");
    }

    private static void goldenCasesHold() {
        for (Path folder : GoldenTest.cases()) {
            GoldenTest.holds(folder, () -> Backends.open("cuda"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    @Tag("thorough")
    void goldenCasesAndParityHoldInTenOrders(int seed) {
        add(seed);
        goldenCasesHold();
        try (Backend candidate = Backends.open("cuda");
                Backend oracle = new ReferenceBackend()) {
            List<Row> rows =
                    Verification.run(candidate, oracle, op -> op.startsWith("dense"), Verification.Listener.NONE);
            assertTrue(rows.size() > 50, rows.size() + " rows");
            assertEquals(List.of(), rows.stream().filter(row -> !row.ok()).toList());
        }
    }
}
