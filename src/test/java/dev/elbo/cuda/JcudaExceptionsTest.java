package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.JavaCommand;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.CudaException;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether JCuda throws exceptions is the program's setting: elbo leaves it, and is the same with it and without. */
@OnDevice(hostOnly = true)
class JcudaExceptionsTest {
    /** A call of the driver, its use that fails, and the error. */
    private record Fault(String call, int use, int code) {}

    /** The calls of a training, from opening to closing. */
    private static final List<Fault> FAULTS = List.of(
            new Fault("cuInit", 1, 999),
            new Fault("cuDeviceGetName", 1, 999),
            new Fault("cuDevicePrimaryCtxGetState", 1, 2),
            new Fault("cuCtxPushCurrent", 1, 201),
            new Fault("cuMemAlloc", 1, 2),
            new Fault("cuMemAlloc", 4, 2),
            new Fault("cuMemAlloc", 12, 2),
            new Fault("cuMemAllocHost", 1, 2),
            new Fault("cuModuleLoadDataEx", 2, 222),
            new Fault("cuStreamCreate", 1, 2),
            new Fault("cuEventCreate", 1, 2),
            new Fault("cuMemsetD8Async", 1, 999),
            new Fault("cuMemcpyHtoDAsync", 5, 999),
            new Fault("cuMemcpyDtoHAsync", 2, 999),
            new Fault("cuStreamBeginCapture", 1, 999),
            new Fault("cuStreamEndCapture", 1, 901),
            new Fault("cuGraphInstantiateWithFlags", 1, 2),
            new Fault("cuGraphLaunch", 2, 701),
            new Fault("cuLaunchKernel", 3, 701),
            new Fault("cuEventRecord", 2, 400),
            new Fault("cuStreamWaitEvent", 2, 400),
            new Fault("cuEventSynchronize", 2, 999),
            // newer than JCuda, whose exceptions have no name for it
            new Fault("cuStreamSynchronize", 6, 226));

    @TempDir
    private Path folder;

    /** Trains a little, with and without faults, in a program that has JCuda throw exceptions or not. */
    static final class Program {
        private Program() {}

        /** @param arguments the driver's library, and whether there are exceptions */
        public static void main(String[] arguments) {
            System.load(arguments[0]);
            HostDevice.checked(false);
            JCudaDriver.setExceptionsEnabled(Boolean.parseBoolean(arguments[1]));
            JCudaDriver.cuInit(0);
            System.out.println(setting());
            System.out.println(trained(DataPlacement.RESIDENT));
            for (Fault fault : FAULTS) {
                HostDevice.failCall(fault.call, fault.use, fault.code, false);
                try {
                    System.out.println(fault + ": none " + trained(DataPlacement.STREAMED));
                } catch (RuntimeException e) {
                    // the families load side by side: which is the second is chance
                    System.out.println((fault + ": " + e).replaceAll("[a-z]+\\.ptx", "*.ptx"));
                }
                HostDevice.clearFailures();
            }
            System.out.println(trained(DataPlacement.STREAMED));
            System.out.println(setting());
        }

        /** By what a call of the program's own does that fails. */
        private static String setting() {
            try {
                return "code " + JCudaDriver.cuDeviceGet(new CUdevice(), -1);
            } catch (CudaException e) {
                return "exception " + e.getMessage();
            }
        }

        private static String trained(DataPlacement placement) {
            VaeSpec spec = VaeSpec.builder(6).hidden(5).latent(2).build();
            float[] values = new float[6 * 40];
            for (int i = 0; i < values.length; i++) {
                values[i] = i * 7 % 11 / 11f;
            }
            TrainingOptions options = TrainingOptions.builder()
                    .epochs(2)
                    .batchSize(8)
                    .dataPlacement(placement)
                    .build();
            try (Backend backend = Backends.open("cuda");
                    Trainer trainer = Trainer.builder(backend, spec, Split.of(Dataset.of("rows", values, 6)))
                            .options(options)
                            .build()) {
                trainer.run();
                return "trained " + Arrays.hashCode(trainer.parameters().flat().toFloats());
            }
        }
    }

    private List<String> run(boolean exceptions) throws Exception {
        String libraries = System.getProperty("elbo.cuda.libraries");
        List<String> options = List.of("-Djava.io.tmpdir=" + folder, "-Delbo.cuda.libraries=" + libraries);
        String driver = Path.of(libraries, "libcuda.so.1").toAbsolutePath().toString();
        return JavaCommand.said(JavaCommand.of(options, Program.class, driver, "" + exceptions), folder, 0)
                .lines()
                .toList();
    }

    @Test
    void theSettingStaysAndChangesNothing() throws Exception {
        List<String> with = new ArrayList<>(run(true));
        List<String> without = new ArrayList<>(run(false));
        for (List<String> told : List.of(with, without)) {
            assertTrue(told.get(0).startsWith(told == with ? "exception " : "code "), told.get(0));
            assertEquals(told.remove(0), told.remove(told.size() - 1), "as it was set");
        }
        assertEquals(String.join("\n", without), String.join("\n", with));
        assertEquals(FAULTS.size() + 2, with.size(), with.toString());
        assertTrue(with.get(0).startsWith("trained "), with.get(0));
        assertEquals(with.get(0), with.get(with.size() - 1), "after all faults");
        for (String told : with.subList(1, with.size() - 1)) {
            assertTrue(told.contains(": dev.elbo.error.ElboException: "), String.join("\n", with));
        }
    }
}
