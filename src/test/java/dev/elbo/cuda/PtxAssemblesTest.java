package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.elbo.Skip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PTX assembles for the generations that it is meant for, without spilling registers and with room for a block. */
class PtxAssemblesTest {
    /** What the largest kernels need: three blocks of 256 threads on a multiprocessor of 65,536 registers. */
    private static final int MAX_REGISTERS = 80;

    private static final Pattern SPILLS =
            Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern REGISTERS =
            Pattern.compile("Compiling entry function '(\\w+)'(?:(?!Compiling)[\\s\\S])*?Used (\\d+) registers");
    /** What counted the registers in the kernels' table. */
    private static final String COUNTED_BY = "release 13.0";

    @TempDir
    Path folder;

    /** What ptxas says of the shipped PTX, target by target: it takes long, and two tests look at it. */
    private static final Map<String, Map<Ptx, CudaTools.Output>> SHIPPED = new HashMap<>();

    private Map<Ptx, CudaTools.Output> shipped(String target) throws IOException, InterruptedException {
        Map<Ptx, CudaTools.Output> all = SHIPPED.computeIfAbsent(target, key -> new LinkedHashMap<>());
        for (Ptx ptx : all.isEmpty() ? Ptx.all() : List.<Ptx>of()) {
            all.put(ptx, assemble(target, ptx.text()));
        }
        return all;
    }

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
        for (Map.Entry<Ptx, CudaTools.Output> assembled : shipped(target).entrySet()) {
            Ptx ptx = assembled.getKey();
            CudaTools.Output output = assembled.getValue();
            assertEquals(0, output.exit(), output.text());
            List<String> spills = SPILLS.matcher(output.text())
                    .results()
                    .map(r -> r.group(1) + r.group(2) + r.group(3))
                    .toList();
            assertEquals(Collections.nCopies(ptx.entries().size(), "000"), spills, output.text());
            registers(output)
                    .forEach((entry, used) ->
                            assertEquals(Math.min(used, MAX_REGISTERS), used, entry + " on " + target));
        }
    }

    private static Map<String, Integer> registers(CudaTools.Output output) {
        Map<String, Integer> registers = new TreeMap<>();
        REGISTERS
                .matcher(output.text())
                .results()
                .forEach(found -> registers.put(found.group(1), Integer.valueOf(found.group(2))));
        return registers;
    }

    @Test
    void registersAreThoseOfTheTable() throws IOException, InterruptedException {
        Path ptxas = CudaTools.find("ptxas").orElse(null);
        Skip.unless(ptxas != null, "no ptxas here: beside $NVCC, the path and /usr/local/cuda/bin have none");
        CudaTools.Output version = CudaTools.run(folder.resolve("version"), Map.of(), ptxas.toString(), "--version");
        Skip.unless(version.text().contains(COUNTED_BY), "ptxas is not of " + COUNTED_BY + ": " + version.text());
        List<Map<String, Integer>> used = new ArrayList<>();
        for (String target : List.of("sm_75", "sm_80", "sm_90")) {
            Map<String, Integer> onTarget = new TreeMap<>();
            shipped(target).values().forEach(output -> onTarget.putAll(registers(output)));
            used.add(onTarget);
        }
        Map<String, List<Integer>> counted = new TreeMap<>();
        used.get(0)
                .keySet()
                .forEach(entry -> counted.put(
                        entry,
                        used.stream().map(onTarget -> onTarget.get(entry)).toList()));
        assertEquals(KernelReadme.registers(), counted);
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
