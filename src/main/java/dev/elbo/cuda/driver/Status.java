package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * What the codes of the driver mean, and how they are had: whether JCuda throws exceptions, which carry only a name, is a
 * setting of the whole process and the program's own. So every call is made as if it might throw.
 */
final class Status {
    /** CUDA_ERROR_CONTAINED: newer than JCuda. */
    private static final int CONTAINED = 226;
    /** CUDA_ERROR_TENSOR_MEMORY_LEAK: newer than JCuda. */
    private static final int TENSOR_MEMORY_LEAK = 721;

    /** After one of these every later call fails too, until the process ends. */
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

    private static final Pattern UNNAMED = Pattern.compile("INVALID CUresult: (\\d{1,9})");

    /** By the names that JCuda's exceptions carry. */
    private static final Map<String, Integer> CODES = codes();

    private Status() {}

    private static Map<String, Integer> codes() {
        Map<String, Integer> codes = new HashMap<>();
        for (Field field : CUresult.class.getFields()) {
            if (field.getType() == int.class) {
                try {
                    codes.put(field.getName(), field.getInt(null));
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return codes;
    }

    /** The code behind an exception of JCuda's, which has a name, or "INVALID CUresult: 226" for what is newer than it. */
    static int codeOf(CudaException e) {
        Matcher number = UNNAMED.matcher(String.valueOf(e.getMessage()));
        return number.matches()
                ? Integer.parseInt(number.group(1))
                : CODES.getOrDefault(e.getMessage(), CUresult.CUDA_ERROR_UNKNOWN);
    }

    /** What a call returned, or would have returned where the program has told JCuda to throw exceptions. */
    static int codeOf(IntSupplier call) {
        try {
            return call.getAsInt();
        } catch (CudaException e) {
            return codeOf(e);
        }
    }

    static boolean isSticky(int code) {
        return STICKY.contains(code);
    }

    /** For calls that belong to no context yet. */
    static void check(IntSupplier call, String name) {
        check(codeOf(call), name);
    }

    /** "cuMemAlloc failed with CUDA_ERROR_OUT_OF_MEMORY (2): out of memory". */
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

    /** For calls that belong to no context yet. */
    static void check(int code, String call) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw ElboException.unavailable(describe(code, call) + "; run Backends.diagnose(0)");
        }
    }
}
