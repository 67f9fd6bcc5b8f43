package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.cuda.HostDevice;
import dev.elbo.cuda.OnDevice;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine with a device, whose driver cannot compile kernels. */
@OnDevice(hostOnly = true, checked = false)
class CudaFallbackTest {
    @TempDir
    private Path folder;

    private String told;

    private int elbo(String line) {
        StringWriter err = new StringWriter();
        int code = Main.run(line.split(" "), new PrintWriter(new StringWriter()), new PrintWriter(err));
        told = err.toString();
        return code;
    }

    @Test
    void theNamedBackendIsRefusedAndAutoTrainsOnTheCpuAndSaysWhyOnce() {
        HostDevice.set("compiler=221");
        String train = "train --data digits --hidden 4 --latent 2 --epochs 1 --seed 1 --out " + folder.resolve("run");
        assertEquals(4, elbo(train + " --backend cuda"));
        assertEquals(1, told.lines().count(), told);
        assertTrue(told.contains("install libnvidia-ptxjitcompiler.so.1"), told);
        assertEquals(0, elbo(train), told);
        List<String> why = told.lines()
                .filter(line -> line.contains("backend cpu") && line.contains("libnvidia-ptxjitcompiler"))
                .toList();
        assertEquals(1, why.size(), told);
        assertTrue(Files.exists(folder.resolve("run").resolve("model.safetensors")));
    }
}
