package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The settings of a model that the tensors of another program do not tell.
 *
 * @param activation of the hidden layers
 * @param likelihood p(x|z); if its settings follow from the tensors, those are taken
 * @param renames applied to every name one after the other
 * @param picture shape of the picture that an example makes, channels first; empty for a plain vector
 * @param convolutions that the encoder begins with and transposed ones in the decoder mirror; none needs no picture
 * @param classes names of the classes whose one-hot columns encoder and decoder are given, label 0 first; none for a model
 *     without classes
 */
public record ImportOptions(
        Activation activation,
        Component likelihood,
        List<ModelImport.Rename> renames,
        Optional<FeatureMap> picture,
        List<Convolution> convolutions,
        List<String> classes) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if there are convolutions without a picture or for which it is too small, or classes that
     *     no model has
     */
    public ImportOptions {
        Objects.requireNonNull(activation, "activation");
        Objects.requireNonNull(likelihood, "likelihood");
        Objects.requireNonNull(picture, "picture");
        renames = List.copyOf(Objects.requireNonNull(renames, "renames"));
        convolutions = List.copyOf(Objects.requireNonNull(convolutions, "convolutions"));
        classes = List.copyOf(Objects.requireNonNull(classes, "classes"));
        if (!convolutions.isEmpty() && picture.isEmpty()) {
            throw new IllegalArgumentException("convolutions need the shape of the picture");
        }
        // refuses what does not fit
        builder(picture, convolutions, classes, 1).build();
    }

    /**
     * {@return the options of a model of dense layers under the names of {@link ModelImport}}
     *
     * @param activation of the hidden layers
     * @param likelihood p(x|z)
     */
    public static ImportOptions of(Activation activation, Component likelihood) {
        return new ImportOptions(activation, likelihood, List.of(), Optional.empty(), List.of(), List.of());
    }

    /**
     * {@return a copy with other renames}
     *
     * @param all applied to every name one after the other
     */
    public ImportOptions withRenames(List<ModelImport.Rename> all) {
        Objects.requireNonNull(all, "all");
        return new ImportOptions(activation, likelihood, all, picture, convolutions, classes);
    }

    /**
     * {@return a copy for a model of pictures, without convolutions}
     *
     * @param shape of the picture that an example makes, channels first
     */
    public ImportOptions withPicture(FeatureMap shape) {
        return withConvolutions(shape, List.of());
    }

    /**
     * {@return a copy for a model with convolutions}
     *
     * @param shape of the picture that an example makes, channels first
     * @param layers from the input on
     * @throws IllegalArgumentException if the picture is too small for them
     */
    public ImportOptions withConvolutions(FeatureMap shape, List<Convolution> layers) {
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(layers, "layers");
        return new ImportOptions(activation, likelihood, renames, Optional.of(shape), layers, classes);
    }

    /**
     * {@return a copy for a model that is told the class of an example}
     *
     * @param names of the classes, label 0 first
     * @throws IllegalArgumentException for classes that no model has
     */
    public ImportOptions withClasses(List<String> names) {
        Objects.requireNonNull(names, "names");
        return new ImportOptions(activation, likelihood, renames, picture, convolutions, names);
    }

    /** Returns a builder of the model. */
    VaeSpec.Builder builder(int inputs) {
        return builder(picture, convolutions, classes, inputs).activation(activation);
    }

    private static VaeSpec.Builder builder(
            Optional<FeatureMap> picture, List<Convolution> convolutions, List<String> classes, int inputs) {
        return convolutions.isEmpty()
                ? VaeSpec.builder(inputs).classes(classes)
                : VaeSpec.builder(picture.orElseThrow().size())
                        .classes(classes)
                        .convolutions(picture.get(), convolutions.toArray(Convolution[]::new));
    }
}
