package dev.elbo.net;

import dev.elbo.model.Component;
import dev.elbo.model.JsonFields;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A kind of component: makes what computes, from its description. One of each stands in {@link Kinds}.
 *
 * @param <T> what it makes: {@link Layer}, {@link Level}, {@link Prior} or {@link OutputLikelihood}
 * @param name its name in files
 * @param maker takes all settings of the description and makes what computes; throws IllegalArgumentException if a setting
 *     is missing or makes no sense, naming it
 * @param recogniser finds the description that tensors of another program fit, or none; of a level from all tensors, of
 *     others from those of their module
 */
public record Kind<T>(
        String name, BiFunction<JsonFields, Place, T> maker, Function<ModuleShapes, Optional<Component>> recogniser) {
    /**
     * Creates a kind that no tensors tell.
     *
     * @param name its name in files
     * @param maker as above
     */
    public Kind(String name, BiFunction<JsonFields, Place, T> maker) {
        this(name, maker, module -> Optional.empty());
    }
}
