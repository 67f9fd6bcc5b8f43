package dev.elbo.onnx;

import static dev.elbo.io.Failures.refused;
import static dev.elbo.onnx.OnnxFiles.change;
import static dev.elbo.onnx.OnnxFiles.node;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX Runtime gives what the float64 reference gives. */
class OnnxExportTest {
    private static final int INPUTS = 6;
    private static final List<List<Integer>> DEPTHS = List.of(List.of(), List.of(5), List.of(8, 5), List.of(7, 7, 4));

    @TempDir
    private Path folder;

    private static VaeSpec spec(
            List<Integer> hidden, Activation activation, Component likelihood, boolean perDimension, boolean plain) {
        return VaeSpec.mlp(
                INPUTS,
                hidden,
                3,
                activation,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                !plain);
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void everyModelIsTheSameThere(Activation activation) throws Exception {
        int compared = 0;
        double worst = 0;
        for (List<Integer> hidden : DEPTHS) {
            for (Component likelihood : TinyModel.likelihoods()) {
                for (boolean perDimension : new boolean[] {false, true}) {
                    for (boolean plain : new boolean[] {false, true}) {
                        if (perDimension && !likelihood.equals(Likelihood.GAUSSIAN_LEARNED)) {
                            continue;
                        }
                        VaeSpec spec = spec(hidden, activation, likelihood, perDimension, plain);
                        Exported exported = new Exported(spec);
                        for (OnnxExport.Part part : OnnxExport.Part.values()) {
                            byte[] onnx = exported.bytes(folder, part);
                            double difference = exported.difference(onnx, 1, 7, Exported.ROWS);
                            assertTrue(difference <= Exported.TOLERANCE, spec + ", " + part + ": " + difference);
                            worst = Math.max(worst, difference);
                            compared++;
                        }
                    }
                }
            }
        }
        assertEquals(4 * 5 * 2 * 3, compared);
        assertTrue(worst > 0, "float32 and float64 cannot agree to the last bit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gaussian", "gaussian-optimal", "gaussian-learned"})
    void dataAreTakenAndGivenInTheirOwnUnit(Component likelihood) throws Exception {
        Affine data =
                new Affine(new double[] {0, 1.1, -2, 20_000.3, 0.25, -3000.7}, new double[] {1, 2, 0.5, 2, 0.01, 0.7});
        for (boolean perDimension : new boolean[] {false, likelihood.equals(Likelihood.GAUSSIAN_LEARNED)}) {
            VaeSpec spec = spec(List.of(8), Activation.TANH, likelihood, perDimension, false);
            Exported exported = new Exported(spec, data);
            for (OnnxExport.Part part : OnnxExport.Part.values()) {
                double difference = exported.difference(exported.bytes(folder, part), 1, Exported.ROWS);
                assertTrue(difference <= Exported.TOLERANCE, spec + ", " + part + ": " + difference);
                assertArrayEquals(
                        exported.bytes(folder, part),
                        OnnxFiles.bytes(folder, OnnxExport.of(exported.model, part, data)),
                        "from the metadata or from the caller");
            }
            noticed(exported, graph -> change(graph, "x.offset_rest", values -> Arrays.fill(values, 0)));
            noticed(exported, graph -> change(graph, "x.scale", values -> values[4] *= 1.001f));
            noticed(exported, graph -> change(graph, "x.offset", values -> values[1] = 1));
            noticed(exported, graph -> node(graph, "x.standardized").setOpType("Mul"));
            noticed(exported, graph -> node(graph, "output.scaled").setOpType("Div"));
        }
    }

    @Test
    void aStandardizationThatMakesNoSenseIsRefused() {
        Exported exported = new Exported(spec(List.of(), Activation.RELU, Likelihood.GAUSSIAN, false, false));
        Map<String, String> cases = Map.of(
                "{\"mean\":[1,2],\"deviation\":[1]}", "'mean' has 2 numbers for 6 features",
                "{\"mean\":[0],\"deviation\":[1,1,1,0,1,1]}", "'deviation' must be above 0, not 0.0",
                "{\"mean\":[0],\"deviation\":[1,1,1,1e-60,1,1]}",
                        "feature 3 (from 0) needs a finite offset and a positive finite scale, not 0.0 and 1.0E-60",
                "{\"mean\":[0,0,0,0,0,0]}", "'deviation' is missing",
                "{\"mean\":[1],\"deviation\":[1],\"x\":1}", "unknown field 'x'",
                "no", "not a JSON object");
        cases.forEach((json, words) -> {
            StoredModel model = new StoredModel(
                    exported.model.spec(), exported.model.tensors(), Map.of("elbo.standardization", json));
            refused(() -> OnnxExport.of(model, OnnxExport.Part.WHOLE), "'elbo.standardization'", words);
        });
    }

    /** As training with {@code --standardize shared} leaves it: one number stands for those of all features. */
    @Test
    void aStandardizationOfAllFeaturesIsOneNumber() throws Exception {
        Exported plain = new Exported(spec(List.of(), Activation.RELU, Likelihood.GAUSSIAN, false, false));
        Map<String, String> metadata = Map.of("elbo.standardization", "{\"mean\":[3],\"deviation\":[2]}");
        StoredModel model = new StoredModel(plain.model.spec(), plain.model.tensors(), metadata);
        Affine data = new Affine(new double[] {3, 3, 3, 3, 3, 3}, new double[] {2, 2, 2, 2, 2, 2});
        for (OnnxExport.Part part : OnnxExport.Part.values()) {
            assertArrayEquals(
                    OnnxFiles.bytes(folder, OnnxExport.of(model, part, data)),
                    OnnxFiles.bytes(folder, OnnxExport.of(model, part)));
        }
    }

    @Test
    void anAffineThatCannotBeIsRefused() {
        Exported gaussian = new Exported(spec(List.of(), Activation.RELU, Likelihood.GAUSSIAN, false, false));
        Exported bernoulli = new Exported(spec(List.of(), Activation.RELU, Likelihood.BERNOULLI, false, false));
        double[] ones = {1, 1, 1, 1, 1, 1};
        for (double bad : new double[] {0, -1, Double.NaN, 1e39, 1e-60}) {
            assertThrows(IllegalArgumentException.class, () -> new Affine(new double[1], new double[] {bad}));
        }
        assertThrows(IllegalArgumentException.class, () -> new Affine(new double[2], new double[1]));
        assertThrows(IllegalArgumentException.class, () -> new Affine(new double[] {Double.NaN}, new double[] {1}));
        Affine short_ = new Affine(new double[1], new double[] {1});
        Affine fits = new Affine(ones, ones);
        OnnxExport.Part whole = OnnxExport.Part.WHOLE;
        assertThrows(IllegalArgumentException.class, () -> OnnxExport.of(gaussian.model, whole, short_));
        assertThrows(IllegalArgumentException.class, () -> OnnxExport.of(bernoulli.model, whole, fits));
    }

    /** What the comparison is worth: small mistakes that an exporter could make. */
    @Test
    void wrongFilesAreNoticed() throws Exception {
        Exported relu = new Exported(spec(List.of(7, 7), Activation.RELU, Likelihood.GAUSSIAN_LEARNED, true, false));
        Exported leaky = new Exported(spec(List.of(7), Activation.LEAKY_RELU, Likelihood.BERNOULLI, false, false));
        Exported elu = new Exported(spec(List.of(7), Activation.ELU, Likelihood.GAUSSIAN_OPTIMAL, false, false));
        noticed(relu, graph -> change(graph, "encoder.1.weight", OnnxExportTest::transpose));
        noticed(relu, graph -> change(graph, "decoder.1.weight", OnnxExportTest::transpose));
        noticed(relu, graph -> node(graph, "encoder.1.linear").clearAttribute());
        noticed(relu, graph -> node(graph, "decoder.0").setOpType("Tanh"));
        noticed(relu, graph -> change(graph, "mu.bias", values -> values[2] += 1e-3f));
        noticed(relu, graph -> change(graph, "x_log_var.row", values -> values[5] += 1e-3f));
        noticed(relu, graph -> change(graph, "z.half", values -> values[0] = 1));
        noticed(relu, graph -> change(graph, "log_var.min", values -> values[0] = -40));
        noticed(relu, graph -> change(graph, "log_var.max", values -> values[0] = 0.4f));
        noticed(relu, graph -> node(graph, "z").setInput(0, "log_var"));
        noticed(leaky, graph -> node(graph, "encoder.0").getAttributeBuilder(0).setF(0.011f));
        noticed(leaky, graph -> node(graph, "x_mean").setOpType("Tanh"));
        noticed(elu, graph -> node(graph, "decoder.0").getAttributeBuilder(0).setF(1.001f));
        noticed(elu, graph -> change(graph, "x_log_var.row", values -> values[0] = 0));
        assertEquals(0, new Exported(relu.model.spec()).difference(relu.bytes(folder, OnnxExport.Part.WHOLE), 7), 1e-5);
    }

    private void noticed(Exported exported, Consumer<OnnxMl.GraphProto.Builder> fault) throws Exception {
        exported.requireNoticed(folder, fault);
    }

    /** Of a square matrix. */
    private static void transpose(float[] values) {
        int n = (int) Math.sqrt(values.length);
        float[] from = values.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = from[i % n * n + i / n];
        }
    }
}
