package dev.elbo.backend;

import dev.elbo.error.ElboException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The precision of the operands of matrix products, which are always added in float32. All other operations are float32, and
 * so are the products of layers with up to 64 inputs, except for the gradients of their weights. The CPU has only
 * {@link #FP32}.
 */
public enum Precision {
    /** float32, 24 significant bits. */
    FP32(0x1p-24),
    /** Operands of 11 significant bits, for tensor cores, which truncate operands that no kernel has rounded. */
    TF32(0x1p-10),
    /** Operands rounded to bfloat16's 8 significant bits, for tensor cores; weights stay float32. */
    BF16(0x1p-8);

    private final double unitRoundoff;

    Precision(double unitRoundoff) {
        this.unitRoundoff = unitRoundoff;
    }

    /** {@return the largest relative error of an operand's rounding} */
    public double unitRoundoff() {
        return unitRoundoff;
    }

    /** {@return its name on the command line and in files} */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the precision of a {@link #label()}.
     *
     * @param name as {@link #label()} gives it
     * @return the precision
     * @throws ElboException usage, for an unknown name, listing all
     */
    public static Precision of(String name) {
        Objects.requireNonNull(name, "name");
        return Arrays.stream(values())
                .filter(precision -> precision.label().equals(name))
                .findFirst()
                .orElseThrow(() -> ElboException.usage("precision '" + name + "' is not one of "
                        + Arrays.stream(values()).map(Precision::label).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return label();
    }
}
