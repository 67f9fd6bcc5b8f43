package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Precision;
import dev.elbo.backend.Program;
import dev.elbo.backend.SerialBackend;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver can answer besides success, and what the backend makes of it. */
@OnDevice(hostOnly = true, checked = false)
class CudaFaultsTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int LAUNCH_FAILED = 719;

    private static final List<String> CALLS = List.of(
            "cuInit",
            "cuDeviceGetCount",
            "cuDeviceGet",
            "cuDeviceGetName",
            "cuDeviceTotalMem",
            "cuDeviceGetAttribute",
            "cuDriverGetVersion",
            "cuDevicePrimaryCtxRetain",
            "cuDevicePrimaryCtxGetState",
            "cuCtxSetCurrent",
            "cuCtxPushCurrent",
            "cuCtxPopCurrent",
            "cuModuleLoadDataEx",
            "cuModuleGetFunction",
            "cuModuleUnload",
            "cuLaunchKernel",
            "cuMemAlloc",
            "cuMemFree",
            "cuMemAllocHost",
            "cuMemFreeHost",
            "cuMemcpyHtoDAsync",
            "cuMemcpyDtoHAsync",
            "cuMemcpyDtoDAsync",
            "cuMemsetD8Async",
            "cuStreamCreate",
            "cuStreamDestroy",
            "cuStreamSynchronize",
            "cuStreamWaitEvent",
            "cuStreamBeginCapture",
            "cuStreamEndCapture",
            "cuEventCreate",
            "cuEventRecord",
            "cuEventSynchronize",
            "cuEventElapsedTime",
            "cuEventDestroy",
            "cuGraphGetNodes",
            "cuGraphInstantiateWithFlags",
            "cuGraphLaunch",
            "cuGraphExecDestroy",
            "cuGraphDestroy",
            "cublasCreate",
            "cublasDestroy",
            "cublasSetStream",
            "cublasSetWorkspace",
            "cublasGetVersion",
            "cublasGemmEx");

    /** A little of everything that the backend asks of the driver. */
    private static float[] work() {
        List<Tensor> tensors = new ArrayList<>();
        // a third branch is as the second
        CudaSettings branched = new CudaSettings(Precision.FP32, true, false, 2, true);
        try (Backend backend = CudaBackend.open(0, branched)) {
            try {
                return work(backend, tensors);
            } finally {
                tensors.forEach(tensor -> tensor.buffer().close());
            }
        }
    }

    private static float[] work(Backend backend, List<Tensor> tensors) {
        backend.description();
        for (int rows : new int[] {4, 8, 1, 4}) {
            tensors.add(backend.allocate(ElementType.REAL, rows, 8));
        }
        Tensor x = tensors.get(0);
        Tensor weight = tensors.get(1);
        Tensor bias = tensors.get(2);
        Tensor y = tensors.get(3);
        Clock clock = Clock.allocate(backend);
        tensors.add(clock.counters());
        weight.write(new float[64]);
        bias.write(new float[] {1, 2, 3, 4, 5, 6, 7, 8});
        try (BackendTimer timer = backend.timer()) {
            timer.start();
            timer.copy(x, y);
            timer.product(x, weight, y);
            timer.stop();
            timer.seconds();
        }
        try (Program program = backend.record(() -> backend.ops().dense(x, weight, bias, Activation.RELU, y));
                UploadBuffers uploads = backend.uploadBuffers(ElementType.UINT8, 4, 8)) {
            for (int turn = 0; turn < 3; turn++) {
                uploads.hostBuffer(0).put(0, (byte) turn);
                uploads.upload(0, 4);
                backend.ops().gather(uploads.slot(0), null, clock, 1, null, x);
                uploads.release(0);
                program.run();
            }
            return y.toFloats();
        }
    }

    @Test
    void everyUseOfEveryCallMayFail() {
        // a buffer whose freeing was made to fail is left to the backend, which says so, hundreds of times
        Logger log = Logger.getLogger(SerialBackend.class.getName());
        log.setLevel(Level.OFF);
        try {
            tryEveryUseOfEveryCall();
        } finally {
            log.setLevel(null);
        }
    }

    private static void tryEveryUseOfEveryCall() {
        float[] expected = work();
        Map<String, Long> uses = new TreeMap<>();
        for (String call : CALLS) {
            uses.put(call, HostDevice.calls(call));
        }
        assertEquals(
                List.of(),
                uses.entrySet().stream()
                        .filter(e -> e.getValue() == 0)
                        .map(Map.Entry::getKey)
                        .toList());
        assertEquals(
                HostDevice.calls(null),
                uses.values().stream().mapToLong(Long::longValue).sum() + HostDevice.calls("cuGetErrorString"),
                "calls that are not on the list");
        List<String> wrong = new ArrayList<>();
        uses.forEach((call, count) -> {
            for (long n = 1; n <= count; n++) {
                for (int error : new int[] {OUT_OF_MEMORY, LAUNCH_FAILED}) {
                    String what = call + " " + n + " of " + count + ", error " + error;
                    HostDevice.fresh(false);
                    HostDevice.failCall(call, n, error, error == LAUNCH_FAILED);
                    try {
                        float[] result = work();
                        // what is not looked at: destroying what an instantiated graph was made of
                        if (!call.equals("cuGraphDestroy")) {
                            wrong.add(what + ": went unnoticed, " + Arrays.equals(expected, result));
                        }
                    } catch (ElboException e) {
                        if (!e.getMessage().contains(call.replaceAll("(WithFlags|_v2|Ex)$", ""))
                                && !e.getMessage().contains("product")
                                && !e.getMessage().contains("memory")) {
                            wrong.add(what + ": does not name the call: " + e.getMessage());
                        }
                    } catch (RuntimeException e) {
                        wrong.add(what + ": " + e);
                    }
                    HostDevice.clearFailures();
                    if (error == OUT_OF_MEMORY
                            && !HostDevice.liveReport().isEmpty()
                            && !call.matches(".*(Free|Destroy|Release|Unload|Pop|Push).*")) {
                        wrong.add(what + ": left " + HostDevice.liveReport());
                    }
                }
            }
        });
        HostDevice.reset();
        assertEquals("", String.join("\n", wrong));
    }

    private static CudaBackend open() {
        return CudaBackend.open(0, CudaSettings.DEFAULT);
    }

    private static ElboException refused(ElboException.Kind kind, Runnable call) {
        ElboException refusal = assertThrows(ElboException.class, call::run);
        assertEquals(kind, refusal.kind(), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
        return refusal;
    }

    private static void says(ElboException refusal, String... parts) {
        for (String part : parts) {
            assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aFaultOfTheDeviceIsToldLateAndForGood(int launch) {
        CudaBackend backend = open();
        Clock clock = Clock.allocate(backend);
        HostDevice.failCall("cuStreamSynchronize", launch, ILLEGAL_ADDRESS, false);
        ElboException first = refused(ElboException.Kind.DEVICE, () -> {
            for (int i = 0; i < 10; i++) {
                backend.ops().advance(clock, 1, 0, 0, 0);
                backend.synchronize();
            }
        });
        says(first, "cuda", "advance", "CUDA_ERROR_ILLEGAL_ADDRESS (700)", "cannot be used again");
        ElboException later =
                refused(ElboException.Kind.DEVICE, () -> backend.ops().advance(clock, 1, 0, 0, 0));
        assertEquals(first.getMessage(), later.getMessage());
        refused(ElboException.Kind.DEVICE, () -> clock.counters().read(new int[Clock.SIZE]));
        clock.counters().buffer().close();
        letGo(backend, "3 blas");
        // the process lives on; here even with the device
        assertEquals(32, work().length);
    }

    private static void letGo(CudaBackend backend) {
        letGo(backend, "1 blas");
    }

    /** Closes a backend of a dead device, whose cuBLAS handles, two with graphs, nobody can destroy. */
    private static void letGo(CudaBackend backend, String left) {
        assertTimeoutPreemptively(Duration.ofSeconds(10), backend::close);
        assertEquals(left, HostDevice.liveReport());
        HostDevice.fresh(false);
    }

    /** Six floats that a kernel is told to find at this address. */
    private static Tensor at(long address) {
        return Tensor.of(new CudaBuffer(ElementType.REAL, 6, new HashSet<>(), address, null), 2, 3);
    }

    @ParameterizedTest
    @CsvSource({"4, out of bounds", "-4, out of bounds", "2, misaligned"})
    void aKernelThatLeavesItsMemoryIsNamed(int off, String fault) {
        HostDevice.checked(true);
        CudaBackend backend = CudaBackend.open(0, new CudaSettings(Precision.FP32, false, true));
        Tensor y = backend.allocate(ElementType.REAL, 2, 3);
        Tensor beside = at(CudaBuffer.address(backend.allocate(ElementType.REAL, 2, 3)) + off);
        ElboException told = refused(
                ElboException.Kind.DEVICE,
                () -> backend.use(backend.raw().dense().activate(beside, Activation.IDENTITY, y)));
        says(told, "activate", fault);
        letGo(backend);
    }

    @Test
    void aHostAddressInPlaceOfADeviceAddressIsFound() {
        HostDevice.checked(true);
        CudaBackend backend = CudaBackend.open(0, new CudaSettings(Precision.FP32, false, true));
        Tensor y = backend.allocate(ElementType.REAL, 2, 3);
        Tensor host = at(1L << 20);
        ElboException told = refused(
                ElboException.Kind.DEVICE,
                () -> backend.use(backend.raw().dense().activate(host, Activation.IDENTITY, y)));
        says(told, "activate", "host access");
        letGo(backend);
    }

    @Test
    void memoryThatIsNotThereIsToldWithWhatThereIs() {
        HostDevice.device(1, 8, 0, 64 << 20, 13000);
        try (CudaBackend backend = open()) {
            ElboException refusal =
                    refused(ElboException.Kind.UNAVAILABLE, () -> backend.allocate(ElementType.FLOAT64, 16 << 20));
            says(refusal, "no memory for 128 MiB", "of 64 MiB are free", "smaller batch");
            assertTrue(backend.openBuffers().isEmpty());
            Tensor fits = backend.allocate(ElementType.REAL, 1, 1000);
            assertEquals(0, fits.toFloats()[999]);
            fits.buffer().close();
        }
    }

    @Test
    void aDriverThatIsReallyTooOldIsOne() {
        HostDevice.device(1, 8, 0, 1 << 30, 9020);
        says(refused(ElboException.Kind.UNAVAILABLE, CudaFaultsTest::open), "driver for CUDA 9.2", "PTX 6.3");
    }

    @Test
    void devicesThatAreNotThereOrTooSmall() {
        HostDevice.device(0, 8, 0, 1 << 30, 13000);
        says(refused(ElboException.Kind.UNAVAILABLE, CudaFaultsTest::open), "no device", "Backends.diagnose(0)");
        HostDevice.device(1, 7, 0, 1 << 30, 13000);
        says(refused(ElboException.Kind.UNAVAILABLE, CudaFaultsTest::open), "compute capability 7.0", "7.5");
        HostDevice.device(2, 8, 0, 1 << 30, 13000);
        says(
                refused(ElboException.Kind.UNAVAILABLE, () -> CudaBackend.open(2, CudaSettings.DEFAULT)),
                "cuda:2",
                "cuda:0 to cuda:1");
        try (CudaBackend second = CudaBackend.open(1, CudaSettings.DEFAULT)) {
            assertTrue(second.description().contains("cuda:1"), second.description());
        }
    }

    @Test
    void aThreadThatNeverSawTheDeviceMayUseItAndCloseIt() throws InterruptedException {
        CudaBackend backend = open();
        Clock clock = Clock.allocate(backend);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = new Thread(() -> {
            backend.ops().advance(clock, 3, 0, 0, 0);
            int[] counters = new int[Clock.SIZE];
            clock.counters().read(counters);
            assertEquals(3, counters[Clock.STEP]);
            clock.counters().buffer().close();
            backend.close();
        });
        other.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
        other.start();
        other.join();
        assertNull(thrown.get(), () -> thrown.get().toString());
        assertThrows(IllegalStateException.class, () -> backend.ops().advance(clock, 1, 0, 0, 0));
    }

    @Test
    void whatIsNotClosedIsFreedByTheBackend() {
        CudaBackend backend = open();
        Tensor x = backend.allocate(ElementType.REAL, 2, 3);
        Tensor y = backend.allocate(ElementType.REAL, 2, 3);
        Program program = backend.record(() -> backend.ops().activate(x, Activation.TANH, y));
        UploadBuffers uploads = backend.uploadBuffers(ElementType.UINT8, 2, 3);
        assertNotNull(program);
        assertNotNull(uploads);
        assertTrue(HostDevice.live("graphExec") == 1 && HostDevice.live("pinned") == 3, HostDevice.liveReport());
        backend.close();
        assertEquals("", HostDevice.liveReport());
        program.close();
        uploads.close();
    }
}
