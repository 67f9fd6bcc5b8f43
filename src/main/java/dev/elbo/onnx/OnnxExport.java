package dev.elbo.onnx;

import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Version;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A model as an ONNX file. Every input and output is float32 of {@code batch × columns}, the batch of any size, but
 * for {@code class}, the labels of a model with classes in int64. Weights
 * keep the names that they have in the model's own file; the specification is in the metadata. The same model gives the
 * same bytes.
 *
 * <p>The rows of a table have a place for each number and each yes or no, and one for each category, which is 1 while the
 * others are 0, in the order of the columns in the metadata {@value dev.elbo.model.Table#KEY}, without the constant ones. NaN is
 * a missing value, of a categorical column in all of its places. {@code x_mean} has means and probabilities at the same places.
 *
 * <p>The file states operator set 13 and IR version 7 (ONNX 1.8, November 2020): the oldest in which every operator that
 * is needed here has the form that it still has, so that old runtimes take it as well as new ones. Later sets add only
 * element types to these operators.
 */
public final class OnnxExport {
    /** The name of the first dimension of every input and output. */
    public static final String BATCH = "batch";

    private static final int OPERATOR_SET = 13;
    private static final int IR_VERSION = 7;
    /** The largest message of protocol buffers. */
    static final long LARGEST = Integer.MAX_VALUE;

    /** The part of a model that is exported. */
    public enum Part {
        /** x to {@code mu} and {@code log_var}; of a plain autoencoder to {@code mu} alone. */
        ENCODER,
        /**
         * z to {@code x_mean}, the mean of p(x|z), with {@code x_logits} of a Bernoulli likelihood or {@code x_log_var} of
         * a Gaussian one; of a table with {@code x_log_var} of its gaussian columns and {@code x_log_dispersion} of its
         * negative-binomial ones, if it has some.
         */
        DECODER,
        /**
         * x and noise to all that the decoder and the encoder give, and to {@code z = mu + exp(log_var / 2) · noise}. A
         * plain autoencoder takes no noise; its z is {@code mu}.
         */
        WHOLE;

        /** {@return its name on the command line and in files} */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * An input or output.
     *
     * @param name in the graph
     * @param columns its second dimension; the first is {@value #BATCH}. 0: it has none, and holds labels in int64
     * @param meaning in words
     */
    public record Value(String name, int columns, String meaning) {
        static Value labels(String name, String meaning) {
            return new Value(name, 0, meaning);
        }

        /** {@return whether it holds a label for each example} */
        public boolean isLabels() {
            return columns == 0;
        }

        /** {@return the value as {@code x (batch, 784)}} */
        @Override
        public String toString() {
            return name + " (" + BATCH + (isLabels() ? "" : ", " + columns) + ")";
        }
    }

    private final Graph graph;
    private final Message model;

    private OnnxExport(StoredModel stored, Part part, Affine data) {
        VaeSpec spec = stored.spec();
        graph = new VaeGraph(stored, data).graph(part);
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(ModelFile.SPEC, spec.toJson());
        metadata.put("elbo.part", part.toString());
        metadata.putAll(stored.metadata());
        model = new Message().integer(1, IR_VERSION).string(2, "elbo").string(3, Version.current());
        model.string(6, description(spec, part))
                .message(7, graph.message(part.toString(), inputs() + " to " + outputs()))
                .message(8, new Message().integer(2, OPERATOR_SET));
        metadata.forEach(
                (key, value) -> model.message(14, new Message().string(1, key).string(2, value)));
    }

    /**
     * Returns an export of a model that takes and gives the data that it was trained on. If the model's metadata say
     * that they were standardised, the file does that to x itself, and gives x_mean and x_log_var in the unit of the
     * data.
     *
     * @param model to be exported
     * @param part of it
     * @return what {@link #write} writes
     * @throws ElboException data, if the metadata make no sense
     */
    public static OnnxExport of(StoredModel model, Part part) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(part, "part");
        return new OnnxExport(model, part, Affine.of(model).orElse(null));
    }

    /**
     * As {@link #of(StoredModel, Part)}, with a map between data and inputs in place of that of the metadata.
     *
     * @param model to be exported
     * @param part of it
     * @param data from inputs to data
     * @return what {@link #write} writes
     * @throws IllegalArgumentException if it has another number of features, or the likelihood is Bernoulli, or it changes
     *     columns of a table that are not gaussian
     */
    public static OnnxExport of(StoredModel model, Part part, Affine data) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(data, "data");
        return new OnnxExport(model, part, data);
    }

    private static String description(VaeSpec spec, Part part) {
        return (part == Part.WHOLE ? "" : "The " + part + " of ")
                + (Network.of(spec).stochastic() ? "a variational" : "a plain") + " autoencoder " + spec.summary();
    }

    /** {@return the inputs of the graph, in order} */
    public List<Value> inputs() {
        return graph.inputs();
    }

    /** {@return the outputs of the graph, in order} */
    public List<Value> outputs() {
        return graph.outputs();
    }

    /**
     * Writes the file durably.
     *
     * @param file to be made or replaced
     * @throws ElboException data, if the model is larger than the 2 GiB of an ONNX file; io, if it cannot be written.
     *     Nothing is left under the name then
     */
    public void write(Path file) {
        Objects.requireNonNull(file, "file");
        requireSize(file, model.size());
        AtomicFile.write(file, model::write);
    }

    static void requireSize(Path file, long bytes) {
        if (bytes > LARGEST) {
            throw ElboException.data(file + ": the model needs " + bytes + " bytes as ONNX, at most " + LARGEST
                    + " fit into one file; export the encoder and the decoder apart");
        }
    }
}
