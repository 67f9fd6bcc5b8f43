package dev.elbo.cuda.driver;

import java.util.Objects;
import jcuda.driver.CUfunction;

/** An entry of a module and what it takes. */
public final class Kernel {
    private final Signature signature;
    private final CUfunction function;

    Kernel(Signature signature, CUfunction function) {
        this.signature = signature;
        this.function = function;
    }

    /** A kernel of no device: its launches can be made, and are checked, but not run. */
    public static Kernel unloaded(Signature signature) {
        return new Kernel(signature, null);
    }

    public Signature signature() {
        return signature;
    }

    CUfunction function() {
        return Objects.requireNonNull(function, () -> signature.entry() + " is not loaded");
    }
}
