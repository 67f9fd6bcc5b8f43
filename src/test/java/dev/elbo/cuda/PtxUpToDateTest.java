package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed PTX is what the sources give, byte for byte, under exactly the compiler that it names. */
class PtxUpToDateTest {
    @TempDir
    Path folder;

    @Test
    void isWhatTheSourcesGive() throws IOException, InterruptedException {
        Optional<Path> nvcc = CudaTools.find("nvcc");
        Skip.unless(nvcc.isPresent(), "no nvcc here: $NVCC, the path and /usr/local/cuda/bin have none");
        String compiler = Ptx.load(Kernels.FAMILIES.get(0)).compiler();
        Path log = folder.resolve("log");
        String version =
                CudaTools.run(log, Map.of(), nvcc.get().toString(), "--version").text();
        Skip.unless(
                version.contains(compiler + "\n"), "the PTX is by nvcc " + compiler + ", which this machine's is not");

        CudaTools.Output built = CudaTools.run(
                log, Map.of("NVCC", nvcc.get().toString()), "bash", "kernels/build-ptx", folder.toString());
        assertEquals(0, built.exit(), built.text());
        for (Ptx ptx : Ptx.all()) {
            String fresh = Files.readString(folder.resolve(ptx.family() + ".ptx"));
            assertTrue(
                    fresh.equals(ptx.text()),
                    ptx.family() + ".ptx is not what kernels/ gives; mvn -Pptx generate-resources makes it anew");
        }
    }

    @Test
    void allFamiliesAreByOneCompiler() throws IOException {
        String compiler = Ptx.load(Kernels.FAMILIES.get(0)).compiler();
        for (Ptx ptx : Ptx.all()) {
            assertEquals(compiler, ptx.compiler(), ptx.family());
        }
    }
}
