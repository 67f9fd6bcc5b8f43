package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.cuda.OnDevice;
import dev.elbo.model.Columns;
import org.junit.jupiter.api.Test;

/** The bits of what a GPU makes of columns are those of the CPU. */
@OnDevice(checked = false)
class CudaColumnBitsTest {
    @Test
    void areThoseOfTheCpu() {
        try (Backend cuda = Backends.open("cuda");
                Backend cpu = new CpuBackend(2)) {
            for (Columns columns : ColumnBitsTest.TABLES) {
                ColumnBitsTest.Values values = new ColumnBitsTest.Values(columns);
                assertArrayEquals(ColumnBitsTest.run(cpu, columns, values), ColumnBitsTest.run(cuda, columns, values));
            }
        }
    }

    @Test
    void areThoseOfAnythingWhereAValueIsMissing() {
        try (Backend cuda = Backends.open("cuda")) {
            ColumnBitsTest.requireThatMissingDoesNotCount(cuda);
        }
    }
}
