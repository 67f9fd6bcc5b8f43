package dev.elbo.onnx;

import static dev.elbo.onnx.OnnxFiles.attribute;
import static dev.elbo.onnx.OnnxFiles.change;
import static dev.elbo.onnx.OnnxFiles.node;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** ONNX Runtime gives what the float64 reference gives, of convolutions and of classes. */
class OnnxConvolutionTest {
    @TempDir
    private Path folder;

    private static VaeSpec.Builder builder(String picture, String convolutions, String hidden, int classes) {
        int[] sizes = numbers(picture, "x");
        FeatureMap shape = new FeatureMap(sizes[0], sizes[1], sizes[2]);
        VaeSpec.Builder builder = VaeSpec.builder(shape.size())
                .latent(3)
                .activation(Activation.TANH)
                .hidden(numbers(hidden, " "))
                .classes(Stream.of("cat", "dog", "newt", "owl").limit(classes).toList());
        if (!convolutions.isEmpty()) {
            builder.convolutions(
                    shape,
                    Stream.of(convolutions.split(" ")).map(Convolution::parse).toArray(Convolution[]::new));
        }
        return builder;
    }

    private static int[] numbers(String text, String between) {
        return Stream.of(text.split(between))
                .filter(number -> !number.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private void requireTheSame(VaeSpec spec) throws Exception {
        requireTheSame(new Exported(spec));
    }

    private void requireTheSame(Exported exported) throws Exception {
        for (OnnxExport.Part part : OnnxExport.Part.values()) {
            byte[] onnx = exported.bytes(folder, part);
            OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(onnx);
            assertArrayEquals(model.toByteArray(), onnx, "canonical, and nothing unknown");
            OnnxFileTest.requireSound(model);
            double difference = exported.difference(onnx, 1, 7, Exported.ROWS);
            assertTrue(
                    difference <= Exported.TOLERANCE,
                    exported.model.spec().summary() + ", " + part + ": " + difference);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            emptyValue = "",
            value = {
                "1x6x6 | 4x4s2p1       | 5   | 0",
                "1x5x4 | 4x3           | 5 4 | 0",
                "1x5x4 | 4x1           | ''  | 0",
                "3x7x9 | 4x4s2p1 5x3s2 | 6   | 0",
                "3x7x9 | 4x4s2p1 5x3s2 | ''  | 0",
                "2x8x7 | 3x3s3p0       | 5   | 0",
                "2x8x7 | 3x2s3p0 2x2   | 5   | 3",
                "3x6x5 | 4x3s2p1       | 5   | 4",
                "3x6x5 | 4x3s2p1       | ''  | 2",
                "1x4x5 | 2x2s2p2       | ''  | 2",
                "1x2x3 | ''            | 5 4 | 3",
                "1x2x3 | ''            | ''  | 2",
            })
    void everyModelIsTheSameThere(String picture, String convolutions, String hidden, int classes) throws Exception {
        for (Component likelihood : TinyModel.likelihoods()) {
            VaeSpec.Builder builder =
                    builder(picture, convolutions, hidden, classes).likelihood(likelihood);
            requireTheSame(builder.build());
            requireTheSame(builder.deterministic().build());
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void everyActivationIsBehindAConvolution(Activation activation) throws Exception {
        requireTheSame(
                builder("2x5x4", "3x3s2 4x2", "6", 3).activation(activation).build());
    }

    @Test
    void dataAreTakenAndGivenInTheirOwnUnit() throws Exception {
        double[] offset = new double[18];
        double[] scale = new double[18];
        Arrays.setAll(offset, d -> (d - 9) * 100.3);
        Arrays.setAll(scale, d -> 0.25 + d);
        requireTheSame(new Exported(builder("2x3x3", "3x2", "5", 2).build(), new Affine(offset, scale)));
    }

    /** What the comparison is worth: small mistakes that an exporter could make. */
    @Test
    void wrongFilesAreNoticed() throws Exception {
        Exported all = new Exported(builder("2x7x7", "3x3s2p1 3x3s3p0", "5", 3).build());
        all.requireNoticed(folder, graph -> change(graph, "encoder.0.weight", OnnxConvolutionTest::transpose));
        all.requireNoticed(folder, graph -> change(graph, "decoder.2.weight", OnnxConvolutionTest::transpose));
        all.requireNoticed(folder, graph -> node(graph, "encoder.1.activated").setOpType("Identity"));
        // a row is cut off above in place of below
        all.requireNoticed(
                folder,
                graph -> attribute(graph, "x_mean.convolved", "pads")
                        .setInts(0, 2)
                        .setInts(2, 0));
        all.requireNoticed(folder, graph -> change(graph, "class.values", values -> values[1] = 0.999f));
        all.requireNoticed(
                folder,
                graph -> node(graph, "encoder.2.given")
                        .setInput(0, "class.one_hot")
                        .setInput(1, "encoder.1"));
        all.requireNoticed(
                folder,
                graph -> node(graph, "decoder.0.given")
                        .setInput(0, "class.one_hot")
                        .setInput(1, "z"));
    }

    /** Of the last two dimensions, 3 × 3. */
    private static void transpose(float[] values) {
        float[] from = values.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = from[i / 9 * 9 + i % 3 * 3 + i / 3 % 3];
        }
    }

    @Test
    void numbersOfNoClassAreNone() throws Exception {
        Exported exported = new Exported(builder("1x2x3", "", "4", 3).build());
        byte[] onnx = exported.bytes(folder, OnnxExport.Part.DECODER);
        OnnxMl.GraphProto graph = OnnxMl.ModelProto.parseFrom(onnx).getGraph();
        try (OnnxRuntime runtime = new OnnxRuntime(onnx)) {
            Map<String, Object> given = exported.given(graph, 4);
            float[] z = (float[]) given.get("z");
            // one code four times
            for (int i = 3; i < z.length; i++) {
                z[i] = z[i - 3];
            }
            given.put("class", new long[] {3, -4, 2, -1});
            float[] mean = runtime.run(4, given).get("x_mean");
            assertArrayEquals(row(mean, 0), row(mean, 1), "no class, zeros");
            assertArrayEquals(row(mean, 2), row(mean, 3), "counted from the last class back");
            assertFalse(Arrays.equals(row(mean, 0), row(mean, 2)));
        }
    }

    private static float[] row(float[] values, int row) {
        return Arrays.copyOfRange(values, 6 * row, 6 * row + 6);
    }
}
