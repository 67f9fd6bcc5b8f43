package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Feed;
import dev.elbo.backend.Program;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

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
            "cuDevicePrimaryCtxRelease",
            "cuCtxPushCurrent",
            "cuCtxPopCurrent",
            "cuModuleLoadData",
            "cuModuleGetFunction",
            "cuModuleUnload",
            "cuLaunchKernel",
            "cuMemAlloc",
            "cuMemFree",
            "cuMemAllocHost",
            "cuMemFreeHost",
            "cuMemcpyHtoDAsync",
            "cuMemcpyDtoHAsync",
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
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            backend.description();
            Tensor x = backend.allocate(ElementType.REAL, 4, 8);
            Tensor weight = backend.allocate(ElementType.REAL, 8, 8);
            Tensor bias = backend.allocate(ElementType.REAL, 1, 8);
            Tensor y = backend.allocate(ElementType.REAL, 4, 8);
            Clock clock = Clock.allocate(backend);
            weight.write(new float[64]);
            bias.write(new float[] {1, 2, 3, 4, 5, 6, 7, 8});
            try (Program program = backend.record(() -> backend.ops().dense(x, weight, bias, Activation.RELU, y));
                    Feed feed = backend.feed(ElementType.UINT8, 4, 8)) {
                for (int turn = 0; turn < 3; turn++) {
                    feed.host(0).put(0, (byte) turn);
                    feed.send(0, 4);
                    backend.ops().gather(feed.slot(0), null, clock, 1, null, x);
                    feed.release(0);
                    program.run();
                }
                return y.toFloats();
            } finally {
                for (Tensor tensor : List.of(x, weight, bias, y, clock.counters())) {
                    tensor.buffer().close();
                }
            }
        }
    }

    @Test
    void everyUseOfEveryCallMayFail() {
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
                        // what is not looked at: releasing the context, and destroying what an instantiated graph was
                        // made of
                        if (!call.equals("cuGraphDestroy")) {
                            wrong.add(what + ": went unnoticed, " + java.util.Arrays.equals(expected, result));
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
}
