package dev.elbo.cuda;

import dev.elbo.cuda.driver.Precision;
import java.util.Locale;

/**
 * How a CUDA backend works.
 *
 * @param precision of the operands of products, but for those of thin inputs, which are float32
 * @param graphs whether programs are captured into CUDA graphs; without, they launch their operations one by one, with the
 *     same results
 * @param blocking whether every operation is waited for, so that a fault of the device is told where it happens; for the
 *     search for such faults, without graphs
 */
public record CudaSettings(Precision precision, boolean graphs, boolean blocking) {
    /** float32, with graphs. */
    public static final CudaSettings DEFAULT = new CudaSettings(Precision.FP32, true, false);

    public CudaSettings {
        if (graphs && blocking) {
            throw new IllegalArgumentException("a graph runs as a whole: blocking needs graphs off");
        }
    }

    /**
     * The default with products of another precision.
     *
     * @param precision "fp32", "tf32" or "bf16"
     */
    public static CudaSettings of(String precision) {
        return new CudaSettings(Precision.valueOf(precision.toUpperCase(Locale.ROOT)), true, false);
    }
}
