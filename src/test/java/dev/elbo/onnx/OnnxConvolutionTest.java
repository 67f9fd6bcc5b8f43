package dev.elbo.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import java.nio.file.Path;
import java.util.stream.Stream;
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
        Exported exported = new Exported(spec);
        for (OnnxExport.Part part : OnnxExport.Part.values()) {
            double difference = exported.difference(exported.bytes(folder, part), 1, 7, Exported.ROWS);
            assertTrue(difference <= Exported.TOLERANCE, spec.summary() + ", " + part + ": " + difference);
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
}
