package dev.elbo.onnx;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import java.util.List;
import java.util.Optional;

/**
 * How data and the model's inputs are related, feature by feature: {@code data = offset + scale · input}. An exported
 * model takes and gives data.
 *
 * @param offset D values in the unit of the data
 * @param scale D positive values in the unit of the data
 */
public record Affine(double[] offset, double[] scale) {
    /** Where a model that was trained on standardised data keeps their mean and deviation. */
    private static final String STANDARDIZATION = "elbo.standardization";

    /** @throws IllegalArgumentException if the lengths differ, or a value is not a float32, or a scale not positive */
    public Affine {
        if (offset.length != scale.length) {
            throw new IllegalArgumentException(offset.length + " offsets, " + scale.length + " scales");
        }
        for (int d = 0; d < scale.length; d++) {
            float width = (float) scale[d];
            if (!Float.isFinite((float) offset[d]) || !Float.isFinite(width) || width <= 0) {
                throw new IllegalArgumentException(
                        "feature " + d + " has offset " + offset[d] + " and scale " + scale[d]);
            }
        }
        offset = offset.clone();
        scale = scale.clone();
    }

    /**
     * What the model's metadata say of the data that it was trained on.
     *
     * @throws ElboException data, if that makes no sense
     */
    static Optional<Affine> of(StoredModel model) {
        String json = model.metadata().get(STANDARDIZATION);
        if (json == null) {
            return Optional.empty();
        }
        try {
            JsonFields fields = new JsonFields(json);
            Affine affine = new Affine(array(fields.numbers("mean")), array(fields.numbers("deviation")));
            fields.end();
            affine.requireFits(model.spec());
            return Optional.of(affine);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(
                    "'" + STANDARDIZATION + "' in the model's metadata: " + Messages.line(e.getMessage()), e);
        }
    }

    /** @throws IllegalArgumentException if a model of this kind cannot have been trained on such data */
    void requireFits(VaeSpec spec) {
        if (scale.length != spec.inputs()) {
            throw new IllegalArgumentException(scale.length + " features for " + spec.inputs() + " inputs");
        }
        if (spec.likelihood() == Likelihood.BERNOULLI) {
            throw new IllegalArgumentException("a Bernoulli likelihood has no standardised data");
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
