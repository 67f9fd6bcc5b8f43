package dev.elbo.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OrtException;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.elbo.backend.Backend;
import dev.elbo.backend.ColumnOps;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Likelihood;
import dev.elbo.model.MixedTable;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A model with what the float64 reference makes of 1000 examples, and how far an ONNX file is from that. */
final class Exported {
    static final int ROWS = 1000;
    /**
     * A rounding error is a random walk: a product of k terms of order one is off by some √k u, u = 6e-8, and rows of
     * weights of norm one carry the errors of the layer before on without growth. Eight layers of at most 8 terms: √8 √8 u
     * = 5e-7 as one standard deviation, 3e-6 as the most of some 1e6 values; the functions between add a few u. Relative
     * above one. Convolutions have as many layers of up to 60 terms, and one that is transposed with stride 2 sums up
     * to twice the norm: √(60 / 8) · 2 times as much for the largest values, 3e-6; the most that was found is 1.6e-6.
     */
    static final double TOLERANCE = 1e-5;

    final StoredModel model;
    private final Affine data;
    private final Map<String, float[]> inputs = new LinkedHashMap<>();
    private final long[] labels = new long[ROWS];
    private final Map<String, double[]> expected = new LinkedHashMap<>();

    Exported(VaeSpec spec) {
        this(spec, null);
    }

    /** @param data how x and x_mean are related to the values that the model sees; null: they are the same */
    Exported(VaeSpec spec, Affine data) {
        this.data = data;
        try (Backend backend = new ReferenceBackend();
                TinyModel tiny = new TinyModel(backend, spec, ROWS, 1)) {
            if (Network.of(spec).stochastic()) {
                // a unit below its bound; one above would have a σ of 22,026 and drown all else
                double[] bias = new double[spec.latent()];
                bias[0] = LogVariance.MIN - 5;
                bias[1] = 0.5;
                tiny.parameters.tensor("log_var.bias").write(bias);
            }
            if (spec.likelihood().equals(Likelihood.GAUSSIAN_OPTIMAL)) {
                tiny.vae.storeLogVar(-1.5);
            }
            Map<String, String> metadata = new LinkedHashMap<>(Map.of("elbo.data", "none"));
            if (data != null) {
                metadata.put(
                        "elbo.standardization",
                        "{\"mean\":" + Arrays.toString(data.offset()) + ",\"deviation\":"
                                + Arrays.toString(data.scale()) + "}");
            }
            columns(tiny).ifPresent(columns -> prepare(tiny, columns));
            model = StoredModel.of(tiny.vae, metadata);
            tiny.noise.write(tiny.noise.toFloats());
            compute(backend, tiny.x, tiny.noise);
        }
    }

    private static Optional<Columns> columns(TinyModel tiny) {
        return tiny.vae.network().likelihood().columns();
    }

    /** Gives the model rows of its table, and a count whose mean is at its bound. */
    private static void prepare(TinyModel tiny, Columns columns) {
        tiny.x.write(MixedTable.rows(columns, ROWS, 1));
        double[] bias = tiny.parameters.tensor("output.bias").toDoubles();
        int count = columns.kinds().indexOf(ColumnKind.POISSON);
        if (count >= 0) {
            bias[count] = ColumnOps.MAX_LOG_MEAN;
        }
        tiny.parameters.tensor("output.bias").write(bias);
    }

    private void compute(Backend backend, Tensor x, Tensor noise) {
        VaeSpec spec = model.spec();
        if (data != null) {
            x.write(inDataSpace(x.toDoubles()));
            // float32, as the file takes them
            x.write(x.toFloats());
        }
        inputs.put("x", x.toFloats());
        if (data != null) {
            double[] standardized = x.toDoubles();
            for (int i = 0; i < standardized.length; i++) {
                int d = i % spec.inputs();
                standardized[i] = (standardized[i] - data.offset()[d]) / data.scale()[d];
            }
            x.write(standardized);
        }
        Tensor mean = backend.allocate(ElementType.REAL, ROWS, spec.inputs());
        try (ModelFile.Loaded loaded = model.load(backend);
                Activations a = loaded.vae().allocate(ROWS, 1, false)) {
            tellClasses(a);
            loaded.vae().encode(x, a);
            loaded.vae().sample(a, NoiseSource.given(noise));
            expected.put("mu", a.mu().toDoubles());
            if (Network.of(spec).stochastic()) {
                inputs.put("noise", noise.toFloats());
                expected.put(
                        "log_var",
                        Arrays.stream(a.logVar().toDoubles())
                                .map(LogVariance::clamp)
                                .toArray());
            }
            float[] z = a.z().toFloats();
            inputs.put("z", z);
            expected.put("z", a.z().toDoubles());
            loaded.vae().decode(a);
            loaded.vae().mean(a, mean);
            expected.put("x_mean", inDataSpace(loaded.vae().meanAt(a, mean).toDoubles()));
            Optional<Columns> columns = loaded.vae().network().likelihood().columns();
            if (spec.likelihood().equals(Likelihood.BERNOULLI)) {
                expected.put("x_logits", a.output().toDoubles());
            } else if (columns.isPresent()) {
                int[] places = IntStream.range(0, spec.inputs())
                        .filter(d -> columns.get().kinds().get(d) == ColumnKind.GAUSSIAN)
                        .toArray();
                expected.put("x_log_var", rows(loaded.vae().outputParameter("output.log_var"), places));
                expected.put(
                        "x_log_dispersion", rows(loaded.vae().outputParameter("output.log_dispersion"), new int[0]));
            } else {
                expected.put("x_log_var", logVarRows(a.outputLogVar()));
            }
        } finally {
            mean.buffer().close();
        }
    }

    private void tellClasses(Activations a) {
        int classes = model.spec().classes().size();
        if (classes > 0) {
            Arrays.setAll(labels, row -> row % classes);
            a.labels().write(Arrays.stream(labels).asDoubleStream().toArray());
        }
    }

    private double[] inDataSpace(double[] values) {
        for (int i = 0; data != null && i < values.length; i++) {
            int d = i % model.spec().inputs();
            values[i] = data.offset()[d] + data.scale()[d] * values[i];
        }
        return values;
    }

    private double[] logVarRows(Tensor logVar) {
        double[] stored = logVar == null ? new double[1] : logVar.toDoubles();
        double[] rows = new double[ROWS * model.spec().inputs()];
        for (int i = 0; i < rows.length; i++) {
            int d = i % model.spec().inputs();
            double scale = data == null ? 1 : data.scale()[d];
            rows[i] = stored[stored.length == 1 ? 0 : d] + Math.log(scale * scale);
        }
        return rows;
    }

    /** Values of some places in every row, in the unit of the data. */
    private double[] rows(double[] stored, int... places) {
        double[] rows = new double[ROWS * stored.length];
        Arrays.setAll(rows, i -> {
            int c = i % stored.length;
            boolean scaled = data != null && places.length > 0;
            return LogVariance.clamp(stored[c]) + (scaled ? 2 * Math.log(data.scale()[places[c]]) : 0);
        });
        return rows;
    }

    /** The file of a part, as a library would write it. */
    byte[] bytes(Path folder, OnnxExport.Part part) throws java.io.IOException {
        Path file = folder.resolve("model.onnx");
        OnnxExport.of(model, part).write(file);
        return Files.readAllBytes(file);
    }

    /** The largest difference of any output on the first {@code rows} examples, in units of max(1, |expected|). */
    double difference(byte[] onnx, int... rows) throws OrtException, InvalidProtocolBufferException {
        double worst = 0;
        OnnxMl.GraphProto graph = OnnxMl.ModelProto.parseFrom(onnx).getGraph();
        try (OnnxRuntime runtime = new OnnxRuntime(onnx)) {
            for (int count : rows) {
                Map<String, float[]> outputs = runtime.run(count, given(graph, count));
                for (OnnxMl.ValueInfoProto output : graph.getOutputList()) {
                    float[] actual = outputs.get(output.getName());
                    if (actual.length != count * columns(output)) {
                        throw new AssertionError(output.getName() + " has " + actual.length + " values");
                    }
                    worst = Math.max(worst, difference(expected.get(output.getName()), actual));
                }
            }
        }
        return worst;
    }

    /** What the comparison is worth: a fault in the whole model makes a difference. */
    void requireNoticed(Path folder, Consumer<OnnxMl.GraphProto.Builder> fault) throws Exception {
        OnnxMl.ModelProto.Builder faulty =
                OnnxMl.ModelProto.parseFrom(bytes(folder, OnnxExport.Part.WHOLE)).toBuilder();
        fault.accept(faulty.getGraphBuilder());
        assertTrue(difference(faulty.build().toByteArray(), ROWS) > 2 * TOLERANCE);
    }

    /** The inputs of the first examples. */
    Map<String, Object> given(OnnxMl.GraphProto graph, int count) {
        Map<String, Object> given = new LinkedHashMap<>();
        graph.getInputList()
                .forEach(input -> given.put(
                        input.getName(),
                        input.getName().equals("class")
                                ? Arrays.copyOf(labels, count)
                                : Arrays.copyOf(inputs.get(input.getName()), count * columns(input))));
        return given;
    }

    private static int columns(OnnxMl.ValueInfoProto value) {
        return (int) value.getType().getTensorType().getShape().getDim(1).getDimValue();
    }

    private static double difference(double[] expected, float[] actual) {
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
            // not Math.max: NaN is the largest difference of all
            worst = error <= worst ? worst : error;
        }
        return worst;
    }
}
