package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/**
 * The loading of a PTX text as a module, in a thread of its own: the driver compiles each with one core. A driver that
 * loads lazily compiles at the first look-up of a function, so look-ups are part of it.
 */
final class Loading {
    private static final Pattern VERSION = Pattern.compile("^\\.version (\\S+)", Pattern.MULTILINE);
    private static final Pattern TARGET = Pattern.compile("^\\.target (\\S+)", Pattern.MULTILINE);
    private static final int LOG_BYTES = 4096;

    private final Context context;
    private final String name;
    private final String ptx;
    private final byte[] log = new byte[LOG_BYTES];
    private final Map<String, Kernel> kernels = new LinkedHashMap<>();
    private CUmodule handle;
    private int code;
    private String call;
    private CompletableFuture<Throwable> thrown;

    private Loading(Context context, String name, String ptx) {
        this.context = context;
        this.name = name;
        this.ptx = ptx;
    }

    static Loading start(Context context, String name, String ptx) {
        Loading loading = new Loading(context, name, ptx);
        loading.thrown = CompletableFuture.supplyAsync(loading::run, task -> {
            Thread thread = new Thread(task, "elbo loads " + name + ".ptx");
            thread.setDaemon(true);
            thread.start();
        });
        return loading;
    }

    private Throwable run() {
        try {
            load();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    /** Copies a text into direct memory: while the driver reads an array, the garbage collector cannot run. */
    private static Pointer direct(String ptx) {
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        // the driver reads up to the zero
        return Pointer.to(ByteBuffer.allocateDirect(text.length + 1).put(text).rewind());
    }

    private void load() {
        JITOptions options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, log);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        CUmodule module = new CUmodule();
        if (!succeeds("cuCtxSetCurrent", context::enter)
                || !succeeds(
                        "cuModuleLoadDataEx", () -> JCudaDriver.cuModuleLoadDataJIT(module, direct(ptx), options))) {
            return;
        }
        handle = module;
        for (Signature signature : Signature.parse(ptx).values()) {
            CUfunction function = new CUfunction();
            if (!succeeds(
                    "cuModuleGetFunction of " + signature.entry(),
                    () -> JCudaDriver.cuModuleGetFunction(function, module, signature.entry()))) {
                return;
            }
            kernels.put(signature.entry(), new Kernel(signature, function));
        }
    }

    private boolean succeeds(String name, IntSupplier made) {
        call = name;
        code = Status.codeOf(made);
        return code == CUresult.CUDA_SUCCESS;
    }

    /**
     * Waits until it is done, an interrupt being kept for later, and returns the module, to be unloaded whether or not
     * its kernels were found; null if there is none.
     */
    CUmodule module() {
        thrown.join();
        return handle;
    }

    /** Waits until it is done, and returns the kernels by the names of their entries; throws as {@link Module#load}. */
    Map<String, Kernel> kernels() {
        Throwable failed = thrown.join();
        if (failed != null) {
            throw failed instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failed);
        }
        if (code != CUresult.CUDA_SUCCESS) {
            throw failure();
        }
        return kernels;
    }

    private ElboException failure() {
        String problem = name + ".ptx: " + Status.describe(code, call);
        if (Status.isSticky(code)) {
            return context.failure(code, call + " in " + name + ".ptx");
        }
        Device device = context.device();
        return ElboException.unavailable(device.label() + ", compute capability " + device.capability()
                + ", driver for CUDA " + Device.driverVersion() + ", cannot load kernels from " + problem
                + complaint()
                + "; "
                + advice());
    }

    /** Returns the first line of the log of the driver's compiler. */
    private String complaint() {
        String said = new String(log, StandardCharsets.UTF_8);
        return said.lines()
                .map(line -> line.replace("\0", "").strip())
                .filter(line -> !line.isEmpty())
                .findFirst()
                .map(line -> " (" + line + ")")
                .orElse("");
    }

    private String advice() {
        return switch (code) {
            case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
                "end other work that uses the device's memory, of which " + DeviceMemory.mebibytes(context.freeMemory())
                        + " are free";
            case CUresult.CUDA_ERROR_INVALID_IMAGE,
                    CUresult.CUDA_ERROR_INVALID_PTX,
                    CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
                    CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION ->
                "it needs PTX " + first(VERSION) + " and " + first(TARGET) + ": install a newer driver";
            case CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND ->
                "the driver's compiler is missing: install libnvidia-ptxjitcompiler.so.1, a part of the driver"
                        + " (in a container: NVIDIA_DRIVER_CAPABILITIES=compute,utility)";
            case CUresult.CUDA_ERROR_JIT_COMPILATION_DISABLED ->
                "compiling is switched off: unset CUDA_DISABLE_JIT and CUDA_DISABLE_PTX_JIT";
            case CUresult.CUDA_ERROR_UNKNOWN ->
                "the driver's state is broken: look for NVRM in the kernel's log, and reload the driver or restart the"
                        + " machine";
            default -> "run Backends.diagnose(0)";
        };
    }

    private String first(Pattern pattern) {
        Matcher found = pattern.matcher(ptx);
        return found.find() ? found.group(1) : "?";
    }
}
