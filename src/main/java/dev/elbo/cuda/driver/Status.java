package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The codes of the driver and their meaning. Whether JCuda throws exceptions, which carry only a name, is a setting of
 * the whole process that belongs to the program, so every call is made as if it might throw.
 */
final class Status {
    /** CUDA_ERROR_CONTAINED: newer than JCuda. */
    private static final int CONTAINED = 226;
    /** CUDA_ERROR_TENSOR_MEMORY_LEAK: newer than JCuda. */
    private static final int TENSOR_MEMORY_LEAK = 721;

    /** Errors after which every later call fails too, until the process ends. */
    private static final Set<Integer> STICKY = Set.of(
            CONTAINED,
            TENSOR_MEMORY_LEAK,
            CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
            CUresult.CUDA_ERROR_EXTERNAL_DEVICE,
            CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
            CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
            CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
            CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
            CUresult.CUDA_ERROR_ASSERT,
            CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
            CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
            CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
            CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
            CUresult.CUDA_ERROR_INVALID_PC,
            CUresult.CUDA_ERROR_LAUNCH_FAILED);

    /** The codes by the names that JCuda's exceptions carry, such as "INVALID CUresult: 226" for newer codes. */
    private static final Map<String, Integer> CODES = IntStream.rangeClosed(0, CUresult.CUDA_ERROR_UNKNOWN)
            .boxed()
            .collect(Collectors.toMap(CUresult::stringFor, code -> code));

    private Status() {}

    /** Returns the code behind a JCuda exception. */
    static int codeOf(CudaException e) {
        return CODES.getOrDefault(e.getMessage(), CUresult.CUDA_ERROR_UNKNOWN);
    }

    /** Returns the code of a call, also if the program has told JCuda to throw exceptions. */
    static int codeOf(IntSupplier call) {
        try {
            return call.getAsInt();
        } catch (CudaException e) {
            return codeOf(e);
        }
    }

    /** Returns the number that a call fills in, for calls that belong to no context yet. */
    static int number(ToIntFunction<int[]> call, String name) {
        int[] number = new int[1];
        check(() -> call.applyAsInt(number), name);
        return number[0];
    }

    static boolean isSticky(int code) {
        return STICKY.contains(code);
    }

    /** Checks a call that belongs to no context yet. */
    static void check(IntSupplier call, String name) {
        check(codeOf(call), name);
    }

    /** Returns a description such as "cuMemAlloc failed with CUDA_ERROR_OUT_OF_MEMORY (2): out of memory". */
    static String describe(int code, String call) {
        String[] text = {null};
        codeOf(() -> JCudaDriver.cuGetErrorString(code, text));
        return call + " failed with " + name(code) + " (" + code + ")" + (text[0] == null ? "" : ": " + text[0]);
    }

    static String name(int code) {
        String[] name = {null};
        codeOf(() -> JCudaDriver.cuGetErrorName(code, name));
        return name[0] == null ? "an unknown error" : name[0];
    }

    /** Checks the code of a call that belongs to no context yet. */
    static void check(int code, String call) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw ElboException.unavailable(describe(code, call) + "; run Backends.diagnose(0)");
        }
    }
}
