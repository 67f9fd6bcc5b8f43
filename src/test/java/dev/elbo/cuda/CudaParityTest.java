package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Precision;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.verify.Row;
import dev.elbo.verify.Verification;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The CUDA backend over the whole table of operations. */
@OnDevice
class CudaParityTest {
    private static List<Row> rows(CudaSettings settings, Predicate<String> ops) {
        try (Backend candidate = CudaBackend.open(0, settings);
                Backend oracle = new ReferenceBackend()) {
            List<Row> rows = Verification.run(candidate, oracle, ops, Verification.Listener.NONE);
            assertEquals(List.of(), List.copyOf(candidate.openBuffers()));
            return rows;
        }
    }

    /** Where kernels read and write does not depend on the precision of products. */
    private static void plain() {
        if (HostDevice.isMeant()) {
            HostDevice.checked(false);
        }
    }

    private static List<Row> failed(List<Row> rows) {
        return rows.stream().filter(row -> !row.ok()).toList();
    }

    @Test
    void agreesWithTheReference() {
        List<Row> rows = rows(CudaSettings.DEFAULT, op -> true);
        assertEquals(List.of(), failed(rows));
        assertTrue(rows.size() > 300, rows.size() + " rows");
    }

    @Test
    void roundedProductsKeepToTheirWiderBounds() {
        plain();
        if (HostDevice.isMeant()) {
            // as hardware does with what nobody has rounded before
            HostDevice.set("tf32=truncated");
        }
        keepToTheirWiderBounds(Precision.TF32);
    }

    @Test
    @Tag("thorough")
    void productsOfBf16DoToo() {
        plain();
        keepToTheirWiderBounds(Precision.BF16);
    }

    @Test
    @Tag("thorough")
    void productsRoundedToTheNearestDoToo() {
        Skip.unless(HostDevice.isMeant(), "a GPU truncates");
        plain();
        keepToTheirWiderBounds(Precision.TF32);
    }

    private static void keepToTheirWiderBounds(Precision precision) {
        List<Row> rows = rows(new CudaSettings(precision, true, false), op -> op.startsWith("dense"));
        assertEquals(List.of(), failed(rows));
        // and are rounded: float32's own bounds would not hold them
        try (Backend rounded = CudaBackend.open(0, new CudaSettings(precision, true, false))) {
            assertFalse(Fp32ProductCheck.isExact(rounded));
        }
    }
}
