package dev.elbo.verify;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.KlMode;
import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Kinds;
import dev.elbo.net.ModuleShapes;
import dev.elbo.net.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A golden case, read strictly from its folder: a file that is missing, of an unknown name or of the wrong shape is an
 * {@link ElboException} of kind DATA that names the file; so is a field of the description that is unknown or not built.
 *
 * @param folder folder that it was read from
 * @param kind kind of computation
 * @param batch B
 * @param samples of each example, K
 * @param kl form of the KL divergence in the loss of a VAE
 * @param beta weight of the KL divergence
 * @param steps of the optimiser; 1 without one
 * @param learningRate of the optimiser; 0 without one
 * @param given weights, x and noise by name, row-major
 * @param expected arrays by name, row-major
 */
record GoldenCase(
        Path folder,
        Kind kind,
        VaeSpec spec,
        int batch,
        int samples,
        KlMode kl,
        double beta,
        int steps,
        double learningRate,
        AdamSettings adam,
        Map<String, double[]> given,
        Map<String, double[]> expected) {
    enum Kind {
        VAE,
        IWAE,
        ADAM,
        AE;

        static Kind of(String label) {
            return Arrays.stream(values())
                    .filter(kind -> kind.label().equals(label))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("kind '" + label + "' is not one of "
                            + Arrays.stream(values()).map(Kind::label).collect(Collectors.joining(", "))));
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Fields of networks that other makers of cases know. */
    private static final List<String> NOT_BUILT = List.of("prior", "level2");

    private static final String COLUMNS = "columns";
    static final String DESCRIPTION = "case.json";
    private static final String NPY = ".npy";
    private static final long MAX_DESCRIPTION_LENGTH = 1 << 16;

    static GoldenCase read(Path folder) {
        Path file = folder.resolve(DESCRIPTION);
        try {
            return parse(folder, new JsonFields(description(file)), arrays(folder));
        } catch (IOException e) {
            throw ElboException.data(file + ": cannot be read: " + Messages.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(file + ": " + Messages.line(e.getMessage()), e);
        }
    }

    private static String description(Path file) {
        try (InputFile in = InputFile.open(file)) {
            if (in.size() > MAX_DESCRIPTION_LENGTH) {
                throw ElboException.data(file + ": more than " + MAX_DESCRIPTION_LENGTH + " bytes, not a description");
            }
            ByteBuffer text = ByteBuffer.allocate((int) in.size());
            in.read(0, text);
            return new String(text.array(), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, NpyArray> arrays(Path folder) throws IOException {
        Map<String, NpyArray> arrays = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                String name = file.getFileName().toString();
                if (name.endsWith(NPY)) {
                    arrays.put(name.substring(0, name.length() - NPY.length()), Npy.read(file));
                } else if (!name.equals(DESCRIPTION)) {
                    throw ElboException.data(file + ": unknown file in a golden case");
                }
            }
        }
        return arrays;
    }

    private static GoldenCase parse(Path folder, JsonFields json, Map<String, NpyArray> arrays) {
        json.string("name");
        Kind kind = Kind.of(json.string("kind"));
        List<String> notBuilt = NOT_BUILT.stream().filter(json::has).toList();
        require(notBuilt.isEmpty(), "fields " + notBuilt + " describe what this version cannot compute");
        VaeSpec spec = spec(json, kind, arrays);
        int samples = json.integer("samples");
        require(samples >= 1, "samples must be at least 1, not " + samples);
        double beta = json.number("beta");
        require(beta >= 0, "beta must not be negative, it is " + beta);
        boolean elbo = kind == Kind.VAE || kind == Kind.ADAM;
        KlMode kl = elbo && json.has("kl") ? klMode(json.string("kl")) : KlMode.ANALYTIC;
        int steps = 1;
        double learningRate = 0;
        AdamSettings adam = AdamSettings.DEFAULT;
        if (kind == Kind.ADAM) {
            steps = json.integer("steps");
            learningRate = json.number("learning_rate");
            List<Double> betas = json.numbers("betas");
            require(steps >= 1, "steps must be at least 1, not " + steps);
            require(learningRate > 0, "learning_rate must be above 0, it is " + learningRate);
            require(betas.size() == 2, "betas must be two numbers, not " + betas);
            adam = new AdamSettings(betas.get(0), betas.get(1), json.number("epsilon"));
        }
        json.end();
        require(kind == Kind.VAE || kind == Kind.IWAE || samples == 1, "samples must be 1 for kind " + kind.label());
        if (kind == Kind.IWAE) {
            require(beta == 1, "beta must be 1 for kind iwae, whose bound has no beta");
            require(
                    !Network.of(spec).likelihood().fitsVariance(),
                    "likelihood " + spec.likelihood().kind()
                            + " is not defined for kind iwae: its variance is the optimum of the ELBO");
        }
        NpyArray x = required(folder, "x", arrays);
        if (x.shape().length != 2 || x.shape()[0] < 1 || x.shape()[1] != spec.inputs()) {
            throw ElboException.data(folder.resolve("x" + NPY) + ": has shape " + Arrays.toString(x.shape())
                    + ", not (B, " + spec.inputs() + ")");
        }
        GoldenShapes shapes = new GoldenShapes(kind, spec, x.shape()[0], samples, steps);
        Map<String, double[]> given = new TreeMap<>();
        shapes.given.forEach(
                (name, shape) -> given.put(name, values(folder, name, shape, required(folder, name, arrays))));
        Network.of(spec)
                .likelihood()
                .columns()
                .ifPresent(columns -> requireCategories(folder, columns, given.get("x")));
        arrays.keySet().removeAll(given.keySet());
        Map<String, double[]> expected = new TreeMap<>();
        arrays.forEach((name, array) -> {
            int[] shape = shapes.expected.get(name);
            if (shape == null) {
                throw ElboException.data(folder.resolve(name + NPY) + ": unknown in a case of kind " + kind.label()
                        + " and likelihood " + spec.likelihood().kind() + ", which has "
                        + shapes.expected.keySet());
            }
            expected.put(name, values(folder, name, shape, array));
        });
        require(!expected.isEmpty(), "nothing is expected: every array of the case is an input");
        return new GoldenCase(
                folder, kind, spec, x.shape()[0], samples, kl, beta, steps, learningRate, adam, given, expected);
    }

    /** Requires of each categorical column that one place is 1 and the others are 0, or that all are NaN. */
    private static void requireCategories(Path folder, Columns columns, double[] x) {
        int width = columns.features();
        for (int row = 0; row < x.length / width; row++) {
            for (Columns.Placed column : columns.placed()) {
                double[] places = Arrays.copyOfRange(x, row * width + column.first(), row * width + column.end());
                long ones = Arrays.stream(places).filter(value -> value == 1).count();
                long zeros = Arrays.stream(places).filter(value -> value == 0).count();
                boolean missing = Arrays.stream(places).allMatch(Double::isNaN);
                if (column.kind() == ColumnKind.CATEGORICAL && !missing && (ones != 1 || zeros != places.length - 1)) {
                    throw ElboException.data(folder.resolve("x" + NPY) + ": row " + row + ", columns " + column.first()
                            + " to " + (column.end() - 1) + " (from 0), are " + Arrays.toString(places)
                            + "; one place of a category is 1 and the others are 0, or all are NaN");
                }
            }
        }
    }

    private static VaeSpec spec(JsonFields json, Kind kind, Map<String, NpyArray> arrays) {
        Component likelihood = Kinds.LIKELIHOODS.component(json.string("likelihood"));
        boolean table = likelihood.kind().equals(COLUMNS);
        require(table == json.has(COLUMNS), "field 'columns' and likelihood columns belong together; give both");
        if (table) {
            likelihood = Likelihood.columns(Columns.of(json.components(COLUMNS)));
        }
        int inputs = json.integer("inputs");
        VaeSpec.Builder spec = VaeSpec.builder(inputs)
                .hidden(json.integers("hidden").stream()
                        .mapToInt(width -> width)
                        .toArray())
                .latent(json.integer("latent"))
                .activation(Activation.of(json.string("activation")))
                .likelihood(Kinds.LIKELIHOODS.completed(
                        likelihood, ModuleShapes.of(arrays, NpyArray::shape).in("output")));
        if (kind == Kind.AE) {
            spec.deterministic();
        }
        require(json.has("picture") || !json.has("conv"), "conv needs a picture");
        if (json.has("picture")) {
            FeatureMap picture = FeatureMap.of(json.integers("picture"));
            require(picture.size() == inputs, "picture " + picture + " does not have " + inputs + " inputs");
            spec.convolutions(
                    picture,
                    (json.has("conv") ? json.lists("conv") : List.<List<Integer>>of())
                            .stream().map(GoldenCase::convolution).toArray(Convolution[]::new));
        }
        if (json.has("classes")) {
            spec.classes(IntStream.range(0, json.integer("classes"))
                    .mapToObj(Integer::toString)
                    .toList());
        }
        return spec.build();
    }

    private static Convolution convolution(List<Integer> sizes) {
        require(sizes.size() == 4, "conv must list channels, kernel, stride and padding, not " + sizes);
        return new Convolution(sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3));
    }

    private static KlMode klMode(String label) {
        for (KlMode mode : KlMode.values()) {
            if (mode.label().equals(label)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("kl '" + label + "' is not one of analytic, sampled");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static NpyArray required(Path folder, String name, Map<String, NpyArray> arrays) {
        NpyArray array = arrays.get(name);
        if (array == null) {
            throw ElboException.data(folder.resolve(name + NPY) + ": is missing");
        }
        return array;
    }

    private static double[] values(Path folder, String name, int[] shape, NpyArray array) {
        if (!Arrays.equals(shape, array.shape())) {
            throw ElboException.data(folder.resolve(name + NPY) + ": has shape " + Arrays.toString(array.shape())
                    + ", not " + Arrays.toString(shape));
        }
        return array.values();
    }

    /** {@return the case with every given number rounded to float32, as a float32 backend gets it} */
    GoldenCase rounded() {
        Map<String, double[]> rounded = new TreeMap<>();
        given.forEach((name, values) ->
                rounded.put(name, Arrays.stream(values).map(v -> (float) v).toArray()));
        return new GoldenCase(
                folder, kind, spec, batch, samples, kl, beta, steps, learningRate, adam, rounded, expected);
    }
}
