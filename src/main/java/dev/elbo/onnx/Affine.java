package dev.elbo.onnx;

import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import java.util.Optional;

/**
 * The relation of data and the model's inputs, feature by feature: {@code data = offset + scale · input}. An exported
 * model takes and gives data.
 *
 * @param offset D values in the unit of the data
 * @param scale D positive values in the unit of the data
 */
public record Affine(double[] offset, double[] scale) {
    /**
     * Validates the components, and keeps copies of the arrays.
     *
     * @throws IllegalArgumentException if the lengths differ, or a value is not a float32, or a scale not positive
     */
    public Affine {
        if (offset.length != scale.length) {
            throw new IllegalArgumentException(
                    "offset and scale must have the same length, not " + offset.length + " and " + scale.length);
        }
        for (int d = 0; d < scale.length; d++) {
            float width = (float) scale[d];
            if (!Float.isFinite((float) offset[d]) || !Float.isFinite(width) || width <= 0) {
                throw new IllegalArgumentException(
                        "feature " + d + " (from 0) needs a finite offset and a positive finite scale, not " + offset[d]
                                + " and " + scale[d]);
            }
        }
        offset = offset.clone();
        scale = scale.clone();
    }

    /**
     * {@return the map that the model's metadata give for its training data}
     *
     * @throws ElboException data, if that makes no sense
     */
    static Optional<Affine> of(StoredModel model) {
        String json = model.metadata().get(Standardization.KEY);
        if (json == null) {
            return Optional.empty();
        }
        try {
            Standardization unit = Standardization.fromJson(json, model.spec().inputs());
            Affine affine = new Affine(unit.mean(), unit.deviation());
            affine.requireFits(Network.of(model.spec()));
            return Optional.of(affine);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(
                    "'" + Standardization.KEY + "' in the model's metadata: " + Messages.line(e.getMessage()), e);
        }
    }

    /** @throws IllegalArgumentException if a model of this kind cannot have been trained on such data */
    void requireFits(Network network) {
        VaeSpec spec = network.spec();
        if (scale.length != spec.inputs()) {
            throw new IllegalArgumentException(scale.length + " features for " + spec.inputs() + " inputs");
        }
        if (network.likelihood().binary()) {
            throw new IllegalArgumentException(
                    "the likelihood " + spec.likelihood().kind() + " has no standardised data");
        }
        network.likelihood().columns().ifPresent(columns -> columns.requireUnits(offset, scale));
    }
}
