package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** A PTX module, compiled by the driver for its device. */
public final class Module extends Resource {
    private final CUmodule handle;

    private Module(Context context, CUmodule handle) {
        super(context);
        this.handle = handle;
        made();
    }

    /**
     * Loads modules in parallel, and waits for all of them; the context must be current.
     *
     * @param texts PTX by name
     * @return their kernels by the names of the entries
     * @throws ElboException unavailable, if the driver does not make kernels of one of them, with what to do; device, if the
     *     device has failed
     */
    public static Map<String, Kernel> load(Context context, Map<String, String> texts) {
        List<Loading> all = texts.entrySet().stream()
                .map(text -> Loading.start(context, text.getKey(), text.getValue()))
                .toList();
        // loaded modules are freed with the context, even if others failed
        all.stream()
                .filter(loading -> loading.module() != null)
                .forEach(loading -> new Module(context, loading.module()));
        Map<String, Kernel> kernels = new HashMap<>();
        all.forEach(loading -> kernels.putAll(loading.kernels()));
        return kernels;
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuModuleUnload(handle), "cuModuleUnload");
    }
}
