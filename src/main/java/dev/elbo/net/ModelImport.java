package dev.elbo.net;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.SafeTensors;
import dev.elbo.io.Shapes;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.VaeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Imports the weights in another program's safetensors file as a model. Weights are {@code (out, in)}, as in PyTorch's
 * {@code Linear}, under the names of {@link Parameters}. Names and shapes say how wide and deep the model is and
 * whether it is variational; what stands in no file, activation and likelihood, the caller says.
 */
public final class ModelImport {
    private static final int SHOWN = 20;
    /** A layer's number of at most four digits: more layers than a model may have, but no overflow. */
    private static final Pattern LAYER = Pattern.compile("(encoder|decoder)\\.(0|[1-9][0-9]{0,3})\\..+");

    /**
     * Another name for a module: a tensor whose name is {@code from}, or begins with {@code from} and a dot, gets {@code
     * to} in its place. Without {@code to}, {@code from} and its dot are taken away.
     *
     * @param from not empty
     * @param to may be empty
     */
    public record Rename(String from, String to) {
        /**
         * Validates the components.
         *
         * @throws IllegalArgumentException without {@code from}
         */
        public Rename {
            if (from.isEmpty()) {
                throw new IllegalArgumentException("a name to replace is needed before the '='");
            }
        }

        private boolean applies(String name) {
            return name.equals(from) || name.startsWith(from + ".");
        }

        private String apply(String name) {
            String rest = name.substring(from.length());
            return to.isEmpty() && rest.startsWith(".") ? rest.substring(1) : to + rest;
        }
    }

    private final String file;
    private final Map<String, SafeTensors.Entry> tensors;
    private final ModuleShapes model;

    private ModelImport(String file, Map<String, SafeTensors.Entry> tensors) {
        this.file = file;
        this.tensors = tensors;
        this.model = ModuleShapes.of(tensors, SafeTensors.Entry::shape);
    }

    /**
     * {@return the model in a file, without metadata}
     *
     * @param file safetensors
     * @param renames applied to every name one after the other
     * @param activation of the hidden layers
     * @param likelihood p(x|z); if its settings follow from the tensors, those are taken
     * @param notes is told in one line each what is not kept exactly
     * @throws ElboException data, if the tensors make no model, naming every one that is missing, not expected or of
     *     another shape; usage, if a rename fits no tensor
     */
    public static StoredModel read(
            Path file, List<Rename> renames, Activation activation, Component likelihood, Consumer<String> notes) {
        SafeTensors content = SafeTensors.read(file, notes);
        if (content.metadata().containsKey(ModelFile.SPEC)) {
            throw ElboException.data(file + ": is a model of elbo already; use it as it is");
        }
        SafeTensors renamed = new SafeTensors(Map.of(), rename(file, content.tensors(), renames));
        ModelImport read = new ModelImport(file.toString(), renamed.tensors());
        VaeSpec spec = read.spec(activation, likelihood);
        return StoredModel.of(file + ", read as " + spec.summary(), spec, renamed, Map.of());
    }

    private static Map<String, SafeTensors.Entry> rename(
            Path file, Map<String, SafeTensors.Entry> tensors, List<Rename> renames) {
        Map<String, SafeTensors.Entry> renamed = new LinkedHashMap<>();
        boolean[] used = new boolean[renames.size()];
        tensors.forEach((name, entry) -> {
            String current = name;
            for (int i = 0; i < used.length; i++) {
                if (renames.get(i).applies(current)) {
                    current = renames.get(i).apply(current);
                    used[i] = true;
                }
            }
            if (current.equals("__metadata__") || renamed.put(current, entry) != null) {
                throw ElboException.usage(file + ": tensor " + Messages.quote(name) + " cannot be renamed to "
                        + Messages.quote(current) + ": that name is taken");
            }
        });
        for (int i = 0; i < used.length; i++) {
            if (!used[i]) {
                throw ElboException.usage(file + ": no tensor to rename is "
                        + Messages.quote(renames.get(i).from()) + " or begins with it and a dot; it has "
                        + list(tensors));
            }
        }
        return renamed;
    }

    private VaeSpec spec(Activation activation, Component likelihood) {
        int depth = depth();
        ModuleShapes first = model.in(depth > 0 ? "encoder.0" : "mu");
        ModuleShapes output = model.in("output");
        OptionalInt inputs = ModuleShapes.first(first.columns(), output.rows());
        OptionalInt latent = ModuleShapes.first(
                model.in("mu").rows(),
                model.in("log_var").rows(),
                model.in(depth > 0 ? "decoder.0" : "output").columns());
        List<Component> encoder = new ArrayList<>();
        List<Component> decoder = new ArrayList<>();
        // to the first layer of which nothing is there: a number alone is no reason to look for all those before it
        for (int i = 0; i < depth && encoder.size() == i && decoder.size() == i; i++) {
            ModuleShapes from = model.in("encoder." + i);
            ModuleShapes back = model.in("decoder." + (depth - 1 - i));
            Kinds.LAYERS.recognised(from.orElse(back.rows())).ifPresent(encoder::add);
            Kinds.LAYERS.recognised(back.orElse(from.rows())).ifPresent(layer -> decoder.add(0, layer));
        }
        Kinds.LAYERS.recognised(output.orElse(inputs)).ifPresent(decoder::add);
        Optional<Component> level = Kinds.LEVELS.recognised(model);
        if (inputs.isEmpty()
                || latent.isEmpty()
                || level.isEmpty()
                || encoder.size() + decoder.size() != 2 * depth + 1) {
            throw ElboException.data(file + ": the names of its tensors do not determine the layers; it has "
                    + list(tensors) + ", and encoder.0, …, mu, log_var, decoder.0, …, output are needed, each with"
                    + " .weight and .bias; name them with ModelImport.Rename");
        }
        try {
            return VaeSpec.builder(inputs.getAsInt())
                    .latent(latent.getAsInt())
                    .level(level.get())
                    .activation(activation)
                    .likelihood(Kinds.LIKELIHOODS.completed(likelihood, output))
                    .build()
                    .withLayers(encoder, decoder);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(file + ": the tensors do not make a model: " + Messages.line(e.getMessage()), e);
        }
    }

    /** Hidden layers: one more than the highest number, so that a layer in between can be missed. */
    private int depth() {
        return tensors.keySet().stream()
                .map(LAYER::matcher)
                .filter(Matcher::matches)
                .mapToInt(layer -> Integer.parseInt(layer.group(2)) + 1)
                .max()
                .orElse(0);
    }

    private static String list(Map<String, SafeTensors.Entry> tensors) {
        String shown = tensors.entrySet().stream()
                .limit(SHOWN)
                .map(tensor -> Messages.quote(tensor.getKey()) + " "
                        + Shapes.text(tensor.getValue().shape()))
                .collect(Collectors.joining(", "));
        return tensors.isEmpty()
                ? "no tensors"
                : shown + (tensors.size() > SHOWN ? " and " + (tensors.size() - SHOWN) + " more" : "");
    }
}
