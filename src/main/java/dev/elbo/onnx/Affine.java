package dev.elbo.onnx;

/**
 * How data and the model's inputs are related, feature by feature: {@code data = offset + scale · input}. An exported
 * model takes and gives data.
 *
 * @param offset D values in the unit of the data
 * @param scale D positive values in the unit of the data
 */
public record Affine(float[] offset, float[] scale) {
    /** @throws IllegalArgumentException if the lengths differ, a value is not finite or a scale not positive */
    public Affine {
        if (offset.length != scale.length) {
            throw new IllegalArgumentException(offset.length + " offsets, " + scale.length + " scales");
        }
        for (int d = 0; d < scale.length; d++) {
            if (!Float.isFinite(offset[d]) || !Float.isFinite(scale[d]) || scale[d] <= 0) {
                throw new IllegalArgumentException(
                        "feature " + d + " has offset " + offset[d] + " and scale " + scale[d]);
            }
        }
        offset = offset.clone();
        scale = scale.clone();
    }
}
