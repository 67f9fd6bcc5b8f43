package dev.elbo.net;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.SafeTensors;
import dev.elbo.io.Shapes;
import dev.elbo.model.Component;
import dev.elbo.model.VaeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Imports the weights in another program's safetensors file as a model. Weights are as PyTorch's modules have them: of {@code
 * Linear} (out, in), with n more columns in the first layer that is told n classes, of {@code Conv2d} (out, in, k, k), of {@code
 * ConvTranspose2d} (in, out, k, k); their names are {@code encoder.0}, …, {@code mu}, {@code log_var}, {@code decoder.0}, …,
 * {@code output}. Names and shapes say how wide and deep the model is and whether it is variational; what stands in no file,
 * {@link ImportOptions} say.
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
    private final ImportOptions options;
    private final ModuleShapes model;

    private ModelImport(String file, Map<String, SafeTensors.Entry> tensors, ImportOptions options) {
        this.file = file;
        this.tensors = tensors;
        this.options = options;
        this.model = ModuleShapes.of(tensors, SafeTensors.Entry::shape);
    }

    /**
     * {@return the model in a file, with the shape of its pictures as the only metadata}
     *
     * @param file safetensors
     * @param options what the file does not tell
     * @param notes is told in one line each what is not kept exactly
     * @throws ElboException data, if the tensors make no model, naming every one that is missing, not expected or of
     *     another shape; usage, if a rename fits no tensor
     */
    public static StoredModel read(Path file, ImportOptions options, Consumer<String> notes) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(notes, "notes");
        SafeTensors content = SafeTensors.read(file, notes);
        if (content.metadata().containsKey(ModelFile.SPEC)) {
            throw ElboException.data(file + ": is a model of elbo already; use it as it is");
        }
        SafeTensors renamed = new SafeTensors(Map.of(), rename(file, content.tensors(), options.renames()));
        VaeSpec spec = new ModelImport(file.toString(), renamed.tensors(), options).spec();
        Map<String, String> metadata = new LinkedHashMap<>();
        options.picture()
                .ifPresent(shape ->
                        metadata.put(ModelFile.IMAGE, shape.channels() + "," + shape.height() + "," + shape.width()));
        return StoredModel.of(file + ", read as " + spec.summary(), spec, renamed, metadata);
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

    private VaeSpec spec() {
        requireNoOtherConvolutions();
        int depth = depth();
        int convolutions = options.convolutions().size();
        ModuleShapes seeing = model.in(depth > convolutions ? "encoder." + convolutions : "mu");
        ModuleShapes coded = model.in(depth > 0 ? "decoder.0" : "output");
        OptionalInt inputs = inputs(seeing.columns());
        OptionalInt latent = ModuleShapes.first(
                model.in("mu").rows(),
                model.in("log_var").rows(),
                less(coded.columns(), options.classes().size()));
        Optional<Component> level = Kinds.LEVELS.recognised(model);
        List<Component> encoder = new ArrayList<>();
        List<Component> decoder = new ArrayList<>();
        boolean complete = recognise(convolutions, depth, inputs, encoder, decoder);
        if (inputs.isEmpty() || latent.isEmpty() || level.isEmpty() || !complete) {
            throw ElboException.data(file + ": the names of its tensors do not determine the layers; it has "
                    + list(tensors) + ", and encoder.0, …, mu, log_var, decoder.0, …, output are needed, each with"
                    + " .weight and .bias; name them with ModelImport.Rename");
        }
        try {
            VaeSpec around = options.builder(inputs.getAsInt())
                    .hidden()
                    .latent(latent.getAsInt())
                    .level(level.get())
                    .likelihood(Kinds.LIKELIHOODS.completed(options.likelihood(), model.in("output")))
                    .build();
            encoder.addAll(0, around.encoder());
            if (convolutions > 0) {
                decoder.addAll(around.decoder());
            }
            VaeSpec spec = around.withLayers(encoder, decoder);
            requirePicture(spec);
            int seen = convolutions > 0
                    ? Network.of(spec).encoder().get(convolutions - 1).layer().outputs()
                    : model.in("output").rows().orElse(spec.inputs());
            requireNoOtherClasses(
                    coded.columns().orElse(0) - spec.latent(), seeing.columns().orElse(0) - seen);
            Network.of(spec);
            return spec;
        } catch (IllegalArgumentException e) {
            throw ElboException.data(file + ": the tensors do not make a model: " + Messages.line(e.getMessage()), e);
        }
    }

    /**
     * Finds the dense layers, those of a decoder with convolutions up to the one to the feature map, of others with the output.
     * Returns whether all are told by a tensor.
     */
    private boolean recognise(
            int convolutions, int depth, OptionalInt inputs, List<Component> encoder, List<Component> decoder) {
        int dense = Math.max(0, depth - convolutions);
        // to the first layer of which nothing is there: a number alone is no reason to look for all those before it
        for (int i = 0; i < dense && encoder.size() == i && decoder.size() == i; i++) {
            ModuleShapes from = model.in("encoder." + (convolutions + i));
            ModuleShapes back = model.in("decoder." + (dense - 1 - i));
            Kinds.LAYERS.recognised(from.orElse(back.rows())).ifPresent(encoder::add);
            Kinds.LAYERS.recognised(back.orElse(from.rows())).ifPresent(layer -> decoder.add(0, layer));
        }
        if (convolutions > 0) {
            return encoder.size() + decoder.size() == 2 * dense;
        }
        Kinds.LAYERS.recognised(model.in("output").orElse(inputs)).ifPresent(decoder::add);
        return encoder.size() + decoder.size() == 2 * dense + 1;
    }

    private OptionalInt inputs(OptionalInt seen) {
        if (!options.convolutions().isEmpty()) {
            return OptionalInt.of(options.picture().orElseThrow().size());
        }
        OptionalInt given = model.in("output").rows();
        return options.classes().isEmpty()
                ? ModuleShapes.first(seen, given)
                : ModuleShapes.first(given, less(seen, options.classes().size()));
    }

    private static OptionalInt less(OptionalInt columns, int classes) {
        return columns.isEmpty() ? columns : OptionalInt.of(columns.getAsInt() - classes);
    }

    private void requireNoOtherConvolutions() {
        tensors.entrySet().stream()
                .filter(tensor ->
                        options.convolutions().isEmpty() && tensor.getValue().shape().length == 4)
                .findFirst()
                .ifPresent(tensor -> {
                    throw ElboException.data(file + ": " + Messages.quote(tensor.getKey()) + " "
                            + Shapes.text(tensor.getValue().shape())
                            + " is a convolution's, whose stride, padding and picture stand in no file; give them with"
                            + " ImportOptions.withConvolutions");
                });
    }

    private void requirePicture(VaeSpec spec) {
        options.picture().filter(shape -> shape.size() != spec.inputs()).ifPresent(shape -> {
            throw new IllegalArgumentException("the picture " + shape + " has " + shape.size()
                    + " values, but the model has " + spec.inputs() + " inputs");
        });
    }

    /**
     * Refuses weights with the columns of classes that nobody named.
     *
     * @param coded columns of the decoder's first weight beyond those of a code
     * @param seen columns of the encoder's first dense weight beyond those of what it sees
     */
    private void requireNoOtherClasses(int coded, int seen) {
        if (options.classes().isEmpty() && coded > 1 && coded == seen) {
            throw new IllegalArgumentException("the first dense weights of encoder and decoder both have " + coded
                    + " columns too many, as for so many classes; name those with ImportOptions.withClasses");
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
