package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.VaeSpec;

/**
 * The place of a component in a model.
 *
 * @param spec the model
 * @param columns of what it takes: a layer's input, or what a level sees of the encoder; J for a prior, D for a
 *     likelihood
 * @param activation behind a layer
 */
public record Place(VaeSpec spec, int columns, Activation activation) {}
