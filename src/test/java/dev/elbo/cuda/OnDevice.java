package dev.elbo.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests of the CUDA backend, which run on the host CUDA device, and once more on a GPU where there is one. After each, nothing
 * of the driver's may be left.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("cuda")
@ExtendWith(DeviceExtension.class)
public @interface OnDevice {
    /** Whether it uses what only the host device has: injected failures, counts of calls. */
    boolean hostOnly() default false;

    /**
     * Whether races and reads of what nobody wrote are looked for on the host device; without, kernels are many times faster.
     * The table of operations runs all of them with checks.
     */
    boolean checked() default true;

    /** Which kernels the host device runs, see {@link HostDevice#kernels}. */
    String kernels() default "ptx";
}
