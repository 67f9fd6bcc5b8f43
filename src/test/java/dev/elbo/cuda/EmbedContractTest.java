package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.KlMode;
import dev.elbo.cuda.embed.DeviceNoise;
import dev.elbo.cuda.embed.DeviceSchedule;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ElboKernels.Validation;
import dev.elbo.cuda.embed.ReconstructionLoss;
import dev.elbo.cuda.embed.ReconstructionLoss.Likelihood;
import dev.elbo.cuda.embed.Reparameterize;
import dev.elbo.error.ElboException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import jcuda.CudaException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a call of a single kernel does besides its launch, which is nothing, and its life in a program of others. */
@OnDevice(hostOnly = true)
class EmbedContractTest {
    private static final int BATCH = 5;
    private static final int LATENT = 3;
    private static final int SAMPLES = 2;
    private static final int ROWS = BATCH * SAMPLES;

    private EmbedMemory memory;
    private CUstream stream;

    @BeforeEach
    void makeContext() {
        memory = new EmbedMemory();
        stream = memory.stream();
    }

    @AfterEach
    void noExceptions() {
        JCudaDriver.setExceptionsEnabled(false);
    }

    private static long calls(Runnable work) {
        long before = HostDevice.calls(null);
        work.run();
        return HostDevice.calls(null) - before;
    }

    @Test
    void aCallIsItsLaunchesAndNothingElse() {
        try (ElboKernels kernels = ElboKernels.load()) {
            Reparameterize reparameterize = kernels.reparameterize(BATCH, LATENT, SAMPLES);
            ReconstructionLoss loss =
                    kernels.reconstructionLoss(Likelihood.GAUSSIAN_SHARED_VARIANCE, BATCH, LATENT, SAMPLES);
            CUdeviceptr mu = memory.floats(BATCH * LATENT);
            CUdeviceptr logVar = memory.floats(BATCH * LATENT);
            CUdeviceptr z = memory.floats(ROWS * LATENT);
            CUdeviceptr dMu = memory.floats(BATCH * LATENT);
            CUdeviceptr dLogVar = memory.floats(BATCH * LATENT);
            CUdeviceptr clock = memory.ints(0, 0, 0, 0);
            CUdeviceptr variance = memory.floats(1);
            CUdeviceptr dVariance = memory.floats(1);
            CUdeviceptr dZ = memory.floats(ROWS * LATENT);
            DeviceNoise noise = DeviceNoise.generated(1, clock);
            DeviceSchedule schedule = new DeviceSchedule(
                    memory.of(DeviceSchedule.constantTable(2, AdamSettings.DEFAULT, 0.1, 1)), 2, clock);
            assertEquals(1, calls(() -> reparameterize.forward(stream, mu, logVar, noise, z, null, null)));
            assertEquals(
                    3,
                    calls(() -> loss.lossAndGradient(stream, z, mu, variance, null, 1, null, dZ, dVariance)),
                    "rows and two sums");
            assertEquals(
                    1,
                    calls(() -> reparameterize.backward(
                            stream, mu, logVar, noise, dZ, KlMode.ANALYTIC, schedule, null, 1, dMu, dLogVar)));
            assertEquals(
                    1,
                    calls(() -> kernels.adam(BATCH * LATENT, AdamSettings.DEFAULT)
                            .step(stream, mu, dMu, dLogVar, logVar, schedule)));
            assertEquals(1, calls(() -> kernels.nextStep(stream, clock)));
            assertEquals(0, HostDevice.launches(null), "nothing has waited");
            memory.synchronize();
            assertEquals(7, HostDevice.launches(null));
            assertArrayEquals(new int[] {1, 0, 1, 0}, memory.readInts(clock, 4));
        }
        memory.close();
    }

    @Test
    void aCallMakesNextToNoGarbage() {
        try (ElboKernels kernels = ElboKernels.load()) {
            Reparameterize reparameterize = kernels.reparameterize(BATCH, LATENT, 1);
            CUdeviceptr mu = memory.floats(BATCH * LATENT);
            CUdeviceptr z = memory.floats(BATCH * LATENT);
            DeviceNoise noise = DeviceNoise.given(memory.floats(BATCH * LATENT));
            Runnable calls = () -> {
                for (int i = 0; i < 100; i++) {
                    reparameterize.forward(stream, mu, mu, noise, z, null, null);
                }
            };
            calls.run();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            calls.run();
            long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / 100;
            assertTrue(bytes < 1024, bytes + " bytes a call");
            memory.synchronize();
        }
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void twoStreamsMayShareAnObject(long seed) {
        HostDevice.schedule(seed);
        CUstream other = memory.stream();
        try (ElboKernels kernels = ElboKernels.load()) {
            Reparameterize reparameterize = kernels.reparameterize(1, 4, 1);
            CUdeviceptr logVar = memory.of(new float[4]);
            DeviceNoise noise = DeviceNoise.given(memory.of(new float[] {1, 2, 3, 4}));
            CUdeviceptr[] z = {memory.floats(4), memory.floats(4)};
            reparameterize.forward(stream, memory.of(new float[] {1, 1, 1, 1}), logVar, noise, z[0], null, null);
            reparameterize.forward(other, memory.of(new float[] {9, 9, 9, 9}), logVar, noise, z[1], null, null);
            memory.synchronize();
            assertArrayEquals(new float[] {2, 3, 4, 5}, memory.read(z[0], 4));
            assertArrayEquals(new float[] {10, 11, 12, 13}, memory.read(z[1], 4));
        }
        memory.close();
    }

    @Test
    void theNullStreamIsOne() {
        try (ElboKernels kernels = ElboKernels.load(Validation.DRIVER)) {
            CUdeviceptr clock = memory.ints(1, 2, 3, 4);
            kernels.advance(null, clock, 1, 1, 1, -1);
            memory.synchronize();
            assertArrayEquals(new int[] {2, 3, 4, 3}, memory.readInts(clock, 4));
        }
        memory.close();
    }

    @Test
    void withoutChecksTheDriverTellsOfAForeignStreamAndThread() throws InterruptedException {
        JCudaDriver.setExceptionsEnabled(true);
        try (ElboKernels kernels = ElboKernels.load()) {
            CUdeviceptr clock = memory.ints(0, 0, 0, 0);
            try (EmbedMemory second = new EmbedMemory()) {
                CUstream foreign = second.stream();
                memory.makeCurrent();
                assertTold(() -> kernels.advance(foreign, clock, 1, 0, 0, 0), "INVALID_HANDLE");
                second.makeCurrent();
                assertTold(() -> kernels.advance(stream, clock, 1, 0, 0, 0), "INVALID_HANDLE");
            }
            memory.makeCurrent();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                try {
                    assertTold(() -> kernels.advance(stream, clock, 1, 0, 0, 0), "INVALID_CONTEXT");
                    memory.makeCurrent();
                    kernels.advance(stream, clock, 1, 0, 0, 0);
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            thread.start();
            thread.join();
            assertEquals(null, thrown.get());
            memory.synchronize();
            assertEquals(1, memory.readInts(clock, 4)[0]);
        }
        memory.close();
    }

    private static void assertTold(Runnable call, String code) {
        IllegalStateException told = assertThrows(IllegalStateException.class, call::run);
        assertTrue(
                told.getMessage().startsWith("advance: the stream and the thread's current context")
                        && told.getMessage().contains(code),
                told.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheProgramToldJCudaOfExceptionsStands(boolean enabled) {
        JCudaDriver.setExceptionsEnabled(enabled);
        try (ElboKernels kernels = ElboKernels.load()) {
            HostDevice.failCall("cuLaunchKernel", 1, 701, false);
            ElboException told = assertThrows(
                    ElboException.class, () -> kernels.advance(stream, memory.ints(0, 0, 0, 0), 1, 0, 0, 0));
            assertEquals(ElboException.Kind.DEVICE, told.kind());
            assertTrue(
                    told.getMessage().contains("advance")
                            && told.getMessage().contains("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701)"),
                    told.getMessage());
        }
        if (enabled) {
            assertThrows(CudaException.class, () -> JCudaDriver.cuDeviceGet(new CUdevice(), -1));
        } else {
            assertNotEquals(0, JCudaDriver.cuDeviceGet(new CUdevice(), -1));
        }
        memory.close();
    }

    private void notLoaded(ElboException.Kind kind, String... parts) {
        String before = HostDevice.liveReport();
        ElboException refusal = assertThrows(ElboException.class, ElboKernels::load);
        assertEquals(kind, refusal.kind(), refusal.getMessage());
        for (String part : parts) {
            assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        }
        assertEquals(before, HostDevice.liveReport());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelsThatCannotBeLoadedAreExplained(boolean exceptions) {
        JCudaDriver.setExceptionsEnabled(exceptions);
        JCudaDriver.cuCtxSetCurrent(new CUcontext());
        notLoaded(ElboException.Kind.USAGE, "no CUDA context is current in thread", "cuCtxSetCurrent");
        memory.makeCurrent();
        HostDevice.failCall("cuModuleLoadDataEx", 4, 222, false);
        notLoaded(ElboException.Kind.UNAVAILABLE, ".ptx", "PTX 6.3", "install a newer driver");
        memory.close();
        HostDevice.device(2, 7, 0, 1 << 30, 13000);
        memory = new EmbedMemory(1);
        notLoaded(ElboException.Kind.UNAVAILABLE, "cuda:1", "compute capability 7.0", "7.5 or newer");
        memory.close();
    }

    @Test
    void whateverFailsWhileLoadingLeavesNothing() {
        String before = HostDevice.liveReport();
        for (String call : new String[] {
            "cuCtxGetCurrent",
            "cuCtxGetDevice",
            "cuDeviceGet",
            "cuDeviceGetAttribute",
            "cuCtxSetCurrent",
            "cuModuleLoadDataEx",
            "cuModuleGetFunction"
        }) {
            long start = HostDevice.calls(call);
            ElboKernels.load().close();
            long uses = HostDevice.calls(call) - start;
            assertTrue(uses > 0, call);
            for (long n = 1; n <= uses; n++) {
                HostDevice.failCall(call, n, 999, false);
                assertThrows(ElboException.class, ElboKernels::load, call + " " + n);
                HostDevice.clearFailures();
                assertEquals(before, HostDevice.liveReport(), call + " " + n);
            }
        }
        memory.close();
    }

    @Test
    void closingLeavesTheThreadsContextAndFreesWhatIsLeft() {
        long allocations = HostDevice.live("allocation");
        ElboKernels kernels = ElboKernels.load();
        ReconstructionLoss loss = kernels.reconstructionLoss(Likelihood.GAUSSIAN_VARIANCE_PER_DIMENSION, 3, 4, 1);
        assertEquals(allocations + 1, HostDevice.live("allocation"));
        try (EmbedMemory second = new EmbedMemory()) {
            kernels.close();
            CUcontext current = new CUcontext();
            assertEquals(0, JCudaDriver.cuCtxGetCurrent(current));
            assertEquals(second.context(), current);
        }
        loss.close();
        assertEquals(allocations, HostDevice.live("allocation"));
        assertEquals(0, HostDevice.live("module"));
        memory.makeCurrent();
        memory.close();
    }

    @Test
    void aDeadDeviceIsToldAndLetsGo() {
        ElboKernels kernels = ElboKernels.load();
        CUdeviceptr clock = memory.ints(0, 0, 0, 0);
        HostDevice.failCall("cuLaunchKernel", 1, 719, true);
        for (int i = 0; i < 2; i++) {
            ElboException told = assertThrows(ElboException.class, () -> kernels.advance(stream, clock, 1, 0, 0, 0));
            assertTrue(told.getMessage().contains("cannot be used again"), told.getMessage());
        }
        assertTimeoutPreemptively(Duration.ofSeconds(10), kernels::close);
        // the program's own part: whatever it returns, a dead context takes everything along
        JCudaDriver.cuCtxDestroy(memory.context());
    }
}
