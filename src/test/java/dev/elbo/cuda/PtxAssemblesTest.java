package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.elbo.Skip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PTX assembles for the generations that it is meant for, without spilling registers and with room for a block. */
class PtxAssemblesTest {
    /** What the largest kernel needs: three blocks of 256 threads on a multiprocessor of 65,536 registers. */
    private static final int MOST_REGISTERS = 80;

    private static final Pattern SPILLS =
            Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");

    @TempDir
    Path folder;

    private CudaTools.Output assemble(String target, String text) throws IOException, InterruptedException {
        Optional<Path> ptxas = CudaTools.find("ptxas");
        Skip.unless(ptxas.isPresent(), "no ptxas here: beside $NVCC, the path and /usr/local/cuda/bin have none");
        Path source = Files.writeString(folder.resolve("source.ptx"), text);
        return CudaTools.run(
                folder.resolve("log"),
                Map.of(),
                ptxas.get().toString(),
                "-v",
                "-arch=" + target,
                source.toString(),
                "-o",
                folder.resolve("cubin").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sm_75", "sm_80", "sm_90"})
    void withoutSpills(String target) throws IOException, InterruptedException {
        for (Ptx ptx : Ptx.all()) {
            CudaTools.Output output = assemble(target, ptx.text());
            assertEquals(0, output.exit(), output.text());
            List<String> spills = SPILLS.matcher(output.text())
                    .results()
                    .map(r -> r.group(1) + r.group(2) + r.group(3))
                    .toList();
            assertEquals(Collections.nCopies(ptx.entries().size(), "000"), spills, output.text());
            Matcher registers = REGISTERS.matcher(output.text());
            while (registers.find()) {
                int used = Integer.parseInt(registers.group(1));
                assertEquals(Math.min(used, MOST_REGISTERS), used, ptx.family() + " on " + target + output.text());
            }
        }
    }

    @Test
    void refusesAnInstructionThatIsTooNew() throws IOException, InterruptedException {
        String text = """
                .version 6.3
                .target sm_75
                .address_size 64
                .visible .entry seeded()
                {
                    .reg .b32 %r<3>;
                    mov.u32 %r1, 1;
                    redux.sync.add.s32 %r2, %r1, 0xffffffff;
                    ret;
                }
                """;
        CudaTools.Output output = assemble("sm_90", text);
        assertNotEquals(0, output.exit(), "ptxas does not look at the version of the PTX");
    }
}
