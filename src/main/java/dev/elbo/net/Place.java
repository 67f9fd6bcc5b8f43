package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;

/**
 * The place of a component in a model.
 *
 * @param spec the model
 * @param shape of what it takes: a layer's input, or what a level sees of the encoder; a vector of J values for a prior, of D
 *     for a likelihood
 * @param activation behind a layer
 * @param first whether it takes the data, whose pictures count channels first; between layers they are counted last
 * @param output whether it gives the output, which is as the data are
 * @param classes the number of classes that it may be told, for the first layer that can be; 0 for none
 */
public record Place(VaeSpec spec, FeatureMap shape, Activation activation, boolean first, boolean output, int classes) {
    /** Returns the place of what is no layer. */
    static Place of(VaeSpec spec, FeatureMap shape, int classes) {
        return new Place(spec, shape, Activation.IDENTITY, false, false, classes);
    }

    /** {@return the values of what it takes} */
    public int columns() {
        return shape.size();
    }
}
