package dev.elbo.cuda.driver;

import java.util.Objects;
import jcuda.driver.CUfunction;

/**
 * An entry of a module and its parameters.
 *
 * @param signature its name and parameters
 * @param function its handle; null if it is not loaded
 */
public record Kernel(Signature signature, CUfunction function) {
    /** {@return a kernel of no device: its launches can be made, and are checked, but not run} */
    public static Kernel unloaded(Signature signature) {
        return new Kernel(signature, null);
    }

    @Override
    public CUfunction function() {
        return Objects.requireNonNull(function, () -> signature.entry() + " is not loaded");
    }
}
