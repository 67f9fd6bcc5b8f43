package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A PTX module, compiled by the driver for its device. */
public final class Module extends Resource {
    private static final Pattern VERSION = Pattern.compile("^\\.version (\\S+)", Pattern.MULTILINE);
    private static final Pattern TARGET = Pattern.compile("^\\.target (\\S+)", Pattern.MULTILINE);

    private final CUmodule handle = new CUmodule();
    private final String name;

    /**
     * Loads it.
     *
     * @param name for messages
     * @throws ElboException unavailable, if the driver is too old for the PTX or the device too small, with both versions
     */
    public Module(Context context, String name, String ptx) {
        super(context);
        this.name = name;
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        // the driver reads up to the zero
        byte[] terminated = Arrays.copyOf(text, text.length + 1);
        int code = Status.codeOf(() -> JCudaDriver.cuModuleLoadData(handle, terminated));
        if (code == CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION
                || code == CUresult.CUDA_ERROR_INVALID_PTX
                || code == CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU) {
            throw ElboException.unavailable(context.device().label() + ", compute capability "
                    + context.device().capability() + ", driver for CUDA " + Device.driverVersion()
                    + ", does not take " + name + ".ptx, which needs PTX " + first(VERSION, ptx) + " and "
                    + first(TARGET, ptx) + ": " + Status.describe(code, "cuModuleLoadData")
                    + "; install a newer driver");
        }
        context.check(code, "cuModuleLoadData of " + name + ".ptx");
        made();
    }

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? found.group(1) : "?";
    }

    /** One of its entries. */
    public Kernel kernel(Signature signature) {
        CUfunction function = new CUfunction();
        context.check(
                () -> JCudaDriver.cuModuleGetFunction(function, handle, signature.entry()),
                "cuModuleGetFunction of " + signature.entry() + " in " + name + ".ptx");
        return new Kernel(signature, function);
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuModuleUnload(handle), "cuModuleUnload");
    }
}
