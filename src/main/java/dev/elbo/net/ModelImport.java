package dev.elbo.net;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.SafeTensors;
import dev.elbo.io.Shapes;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final Pattern LAYER = Pattern.compile("(encoder|decoder)\\.(0|[1-9][0-9]{0,3})\\.(weight|bias)");

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

    private ModelImport(String file, Map<String, SafeTensors.Entry> tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    /**
     * {@return the model in a file, without metadata}
     *
     * @param file safetensors
     * @param renames applied to every name one after the other
     * @param activation of the hidden layers
     * @param likelihood p(x|z)
     * @param notes is told in one line each what is not kept exactly
     * @throws ElboException data, if the tensors make no model, naming every one that is missing, not expected or of
     *     another shape; usage, if a rename fits no tensor
     */
    public static StoredModel read(
            Path file, List<Rename> renames, Activation activation, Likelihood likelihood, Consumer<String> notes) {
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

    private VaeSpec spec(Activation activation, Likelihood likelihood) {
        int depth = depth();
        List<OptionalInt> widths = new ArrayList<>();
        widths.add(first(columns(depth > 0 ? "encoder.0" : "mu"), rows("output")));
        // to the first layer of which nothing is there: a number alone is no reason to look for all those before it
        for (int i = 0; i < depth && widths.get(i).isPresent(); i++) {
            widths.add(first(rows("encoder." + i), rows("decoder." + (depth - 1 - i))));
        }
        widths.add(first(rows("mu"), rows("log_var"), columns(depth > 0 ? "decoder.0" : "output")));
        if (widths.stream().anyMatch(OptionalInt::isEmpty)) {
            throw ElboException.data(file + ": the names of its tensors do not determine the layers; it has "
                    + list(tensors) + ", and encoder.0, …, mu, log_var, decoder.0, …, output are needed, each with"
                    + " .weight and .bias; name them with ModelImport.Rename");
        }
        List<Integer> all = widths.stream().map(OptionalInt::getAsInt).toList();
        SafeTensors.Entry variance = tensors.get(Parameters.OUTPUT_LOG_VAR);
        boolean perDimension =
                likelihood == Likelihood.GAUSSIAN_LEARNED && variance != null && variance.values().length > 1;
        boolean stochastic = tensors.keySet().stream().anyMatch(name -> name.startsWith("log_var."));
        try {
            List<Integer> hidden = all.subList(1, depth + 1);
            int latent = all.get(depth + 1);
            return new VaeSpec(all.get(0), hidden, latent, activation, likelihood, perDimension, stochastic);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(file + ": the tensors make no model: " + Messages.line(e.getMessage()), e);
        }
    }

    /** Hidden layers: one more than the highest number, so that a layer in between can be missed. */
    private int depth() {
        int depth = 0;
        for (String name : tensors.keySet()) {
            Matcher layer = LAYER.matcher(name);
            if (layer.matches()) {
                depth = Math.max(depth, Integer.parseInt(layer.group(2)) + 1);
            }
        }
        return depth;
    }

    /** The outputs of a layer, by its weight or else its bias. */
    private OptionalInt rows(String layer) {
        return first(dimension(layer + ".weight", 2, 0), dimension(layer + ".bias", 1, 0));
    }

    /** The inputs of a layer. */
    private OptionalInt columns(String layer) {
        return dimension(layer + ".weight", 2, 1);
    }

    private OptionalInt dimension(String name, int rank, int index) {
        SafeTensors.Entry entry = tensors.get(name);
        return entry == null || entry.shape().length != rank
                ? OptionalInt.empty()
                : OptionalInt.of(entry.shape()[index]);
    }

    private static OptionalInt first(OptionalInt... choices) {
        return Arrays.stream(choices).filter(OptionalInt::isPresent).findFirst().orElse(OptionalInt.empty());
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
