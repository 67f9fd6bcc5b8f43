package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.verify.Row;
import dev.elbo.verify.Verification;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The CUDA backend over the whole table of operations. */
@OnDevice
class CudaParityTest {
    @Test
    void agreesWithTheReference() {
        try (Backend candidate = CudaBackend.open(0, CudaSettings.DEFAULT);
                Backend oracle = new ReferenceBackend()) {
            List<Row> rows = Verification.run(candidate, oracle, op -> true, Verification.SILENT);
            String failed =
                    rows.stream().filter(row -> !row.ok()).map(Row::toString).collect(Collectors.joining("\n"));
            assertEquals("", failed);
            assertTrue(rows.size() > 300, rows.size() + " rows");
            assertEquals(List.of(), List.copyOf(candidate.openBuffers()));
        }
    }
}
