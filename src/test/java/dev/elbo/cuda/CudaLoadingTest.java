package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.DiagnosticResult;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.error.ElboException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the PTX in a driver that cannot compile it, or takes its time. */
@OnDevice(hostOnly = true, checked = false)
class CudaLoadingTest {
    private static final String LOAD = "cuModuleLoadDataEx";
    private static final String LOOK_UP = "cuModuleGetFunction";

    /** What a driver may answer where it compiles, and what is told of it. */
    private enum Answer {
        OUT_OF_MEMORY(2, "CUDA_ERROR_OUT_OF_MEMORY", "MiB are free"),
        INVALID_IMAGE(200, "CUDA_ERROR_INVALID_IMAGE", "install a newer driver"),
        NO_BINARY_FOR_GPU(209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "sm_75: install a newer driver"),
        INVALID_PTX(218, "CUDA_ERROR_INVALID_PTX", "install a newer driver"),
        NVLINK_UNCORRECTABLE(220, "CUDA_ERROR_NVLINK_UNCORRECTABLE", null),
        JIT_COMPILER_NOT_FOUND(221, "CUDA_ERROR_JIT_COMPILER_NOT_FOUND", "install libnvidia-ptxjitcompiler.so.1"),
        UNSUPPORTED_PTX_VERSION(222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "PTX 6.3 and sm_75: install a newer driver"),
        JIT_COMPILATION_DISABLED(223, "CUDA_ERROR_JIT_COMPILATION_DISABLED", "unset CUDA_DISABLE_JIT"),
        CONTAINED(226, "CUDA_ERROR_CONTAINED", null),
        TENSOR_MEMORY_LEAK(721, "CUDA_ERROR_TENSOR_MEMORY_LEAK", null),
        UNKNOWN(999, "CUDA_ERROR_UNKNOWN", "reload the driver or restart the machine");

        private final int code;
        private final String name;
        /** Null: the device has failed. */
        private final String advice;

        Answer(int code, String name, String advice) {
            this.code = code;
            this.name = name;
            this.advice = advice;
        }

        private ElboException.Kind kind() {
            return advice == null ? ElboException.Kind.DEVICE : ElboException.Kind.UNAVAILABLE;
        }

        private void isTold(ElboException refusal, String call) {
            String line = refusal.getMessage();
            assertEquals(kind(), refusal.kind(), line);
            assertEquals(1, line.lines().count(), line);
            String what = advice == null ? "restart the process, and if the error returns, look for Xid" : advice;
            for (String part : List.of(call, ".ptx", name + " (" + code + ")", what)) {
                assertTrue(line.contains(part), part + " is not in: " + line);
            }
        }
    }

    static Stream<Arguments> answers() {
        return Stream.of(Answer.values())
                .flatMap(answer -> Stream.of(LOAD, LOOK_UP).map(call -> Arguments.of(answer, call)));
    }

    private static ElboException refused(Runnable call) {
        return assertThrows(ElboException.class, call::run);
    }

    private static void open() {
        CudaBackend.open(0, CudaSettings.DEFAULT).close();
    }

    @ParameterizedTest
    @MethodSource("answers")
    void whatTheDriverAnswersIsTypedAndHasAdvice(Answer answer, String call) {
        HostDevice.failCall(call, 3, answer.code, false);
        answer.isTold(refused(CudaLoadingTest::open), call);
        if (answer.advice != null) {
            assertEquals("", HostDevice.liveReport());
            open();
        } else {
            // cuBLAS's handles of a dead device, which nobody can destroy
            HostDevice.fresh(false);
        }
    }

    /** In a program that has JCuda throw exceptions, which know fewer codes than the driver has. */
    @ParameterizedTest
    @MethodSource("answers")
    void embeddedKernelsTellTheSame(Answer answer, String call) {
        CUdevice device = new CUdevice();
        CUcontext context = new CUcontext();
        JCudaDriver.cuInit(0);
        JCudaDriver.cuDeviceGet(device, 0);
        JCudaDriver.cuCtxCreate(context, 0, device);
        HostDevice.failCall(call, 3, answer.code, false);
        JCudaDriver.setExceptionsEnabled(true);
        try {
            answer.isTold(refused(ElboKernels::load), call);
        } finally {
            JCudaDriver.setExceptionsEnabled(false);
            JCudaDriver.cuCtxDestroy(context);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"eager", "lazy"})
    void autoFallsBackToTheCpuAndSaysWhy(String loading) {
        HostDevice.set("compiler=221,loading=" + loading);
        ElboException refusal = refused(() -> Backends.open("cuda"));
        Answer.JIT_COMPILER_NOT_FOUND.isTold(refusal, loading.equals("lazy") ? LOOK_UP : LOAD);
        Backends.Choice choice = Backends.builder("auto").threads(1).choose();
        try (var backend = choice.backend()) {
            assertEquals("cpu", backend.name());
            assertEquals(1, choice.reason().orElseThrow().lines().count());
            Answer.JIT_COMPILER_NOT_FOUND.isTold(
                    ElboException.unavailable(choice.reason().orElseThrow()), loading.equals("lazy") ? LOOK_UP : LOAD);
        }
        assertEquals("", HostDevice.liveReport());
    }

    @Test
    void doctorTellsWhatToDo() {
        HostDevice.set("compiler=223");
        DiagnosticResult kernels = Diagnosis.run().stream()
                .filter(finding -> finding.subject().startsWith("kernels"))
                .findFirst()
                .orElseThrow();
        assertEquals(DiagnosticResult.Status.FAILED, kernels.status());
        assertTrue(kernels.detail().contains("CUDA_ERROR_JIT_COMPILATION_DISABLED"), kernels.detail());
        assertTrue(kernels.advice().contains("unset CUDA_DISABLE_JIT"), kernels.advice());
        assertFalse(kernels.detail().contains("unset"), kernels.detail());
    }

    /**
     * While the driver compiles, other threads go on: collecting garbage, which a call that holds a Java array would keep
     * waiting until it returns. All families are on their way at once.
     */
    @ParameterizedTest
    @CsvSource({"eager, " + LOAD, "lazy, " + LOOK_UP})
    void theDriverCompilesBesideEverythingElse(String loading, String call) throws Exception {
        HostDevice.set("compile-ms=1500,loading=" + loading);
        CompletableFuture<Void> opening = CompletableFuture.runAsync(CudaLoadingTest::open);
        while (HostDevice.calls(call) < Kernels.FAMILIES.size()) {
            assertFalse(opening.isDone(), "one family after the other");
            TimeUnit.MILLISECONDS.sleep(5);
        }
        System.gc();
        assertFalse(opening.isDone(), "nobody could collect garbage until the driver had compiled");
        opening.get();
    }
}
