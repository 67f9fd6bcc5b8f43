package dev.elbo.net;

import dev.elbo.model.Component;
import dev.elbo.model.JsonFields;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The kinds of one sort of component, in the order in which messages list them. This is the only place that names all
 * built-in kinds. A program adds its own with {@link #add} before it makes or reads a model that has it.
 *
 * @param <T> what the kinds make
 */
public final class Kinds<T> {
    /** Kinds of layers. */
    public static final Kinds<Layer> LAYERS =
            new Kinds<>("layer", List.of(DenseLayer.KIND, ConvolutionLayer.KIND, TransposedConvolutionLayer.KIND));

    /** Kinds of levels. */
    public static final Kinds<Level> LEVELS =
            new Kinds<>("level", List.of(GaussianLevel.KIND, DeterministicLevel.KIND));

    /** Kinds of priors. */
    public static final Kinds<Prior> PRIORS = new Kinds<>("prior", List.of(StandardNormalPrior.KIND));

    /** Kinds of likelihoods. */
    public static final Kinds<OutputLikelihood> LIKELIHOODS = new Kinds<>(
            "likelihood",
            List.of(
                    GaussianLikelihood.UNIT,
                    GaussianLikelihood.OPTIMAL,
                    GaussianLikelihood.LEARNED,
                    BernoulliLikelihood.KIND,
                    ColumnsLikelihood.KIND));

    private final String sort;
    private final List<Kind<T>> kinds;

    private Kinds(String sort, List<Kind<T>> builtIn) {
        this.sort = sort;
        this.kinds = new CopyOnWriteArrayList<>(builtIn);
    }

    /**
     * Adds a kind for the rest of the process.
     *
     * @param kind of another name than those that are there
     * @throws IllegalArgumentException if its name is taken
     */
    public synchronized void add(Kind<T> kind) {
        if (names().contains(kind.name())) {
            throw new IllegalArgumentException(
                    sort + " '" + kind.name() + "' exists already; give the kind another name");
        }
        kinds.add(kind);
    }

    /** {@return the names of all kinds} */
    public List<String> names() {
        return kinds.stream().map(Kind::name).toList();
    }

    private Kind<T> kind(String name) {
        return kinds.stream()
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        sort + " '" + name + "' is not one of " + String.join(", ", names())));
    }

    /**
     * {@return a component of the kind of this name, without settings}
     *
     * @param name of a kind
     * @throws IllegalArgumentException if there is none, listing all
     */
    public Component component(String name) {
        return Component.of(kind(name).name());
    }

    /**
     * {@return a component with the settings that tensors of another program tell, if they tell any}
     *
     * @param given without them
     * @param module the component's tensors
     * @throws IllegalArgumentException if its kind does not exist
     */
    public Component completed(Component given, ModuleShapes module) {
        return kind(given.kind()).recogniser().apply(module).orElse(given);
    }

    /** Returns the component that tensors fit. */
    Optional<Component> recognised(ModuleShapes module) {
        return kinds.stream()
                .map(kind -> kind.recogniser().apply(module))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Makes what a component describes; refuses settings that are missing, left over or make no sense. */
    T make(Component component, Place place) {
        Kind<T> kind = kind(component.kind());
        try {
            JsonFields settings = component.fields();
            T made = kind.maker().apply(settings, place);
            settings.end();
            return made;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(sort + " " + kind.name() + ": " + e.getMessage(), e);
        }
    }
}
