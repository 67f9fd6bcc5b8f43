package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import dev.elbo.fuzz.SafeTensorsBytes;
import dev.elbo.io.Disk;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights of other programs, for a model of each likelihood. */
@Tag("fuzz")
class ModelImportFuzzTest {
    /** An entry of the header becomes a tensor, under two names, and part of a message. */
    private static final long PER_BYTE = 128;

    private static final List<String> LAYERS = List.of("encoder.0", "mu", "log_var", "decoder.0", "output");

    private static final FeatureMap PICTURE = new FeatureMap(1, 2, 1);
    private static final List<Convolution> CONVOLUTIONS = List.of(new Convolution(1, 1, 1, 0));
    private static final List<String> CLASSES = List.of("a", "b");

    static Stream<byte[]> seeds() {
        return Stream.of(
                convolutional(),
                SafeTensorsBytes.file(
                        "{" + SafeTensorsBytes.tensor("encoder.0.weight", "F32", "[0,2000000000,1,1]", 0, 0) + "}", 0),
                weights(LAYERS, "F32", 4, 2, 3, 1),
                weights(LAYERS, "F16", 2, 2, 1, 1),
                weights(LAYERS, "BF16", 2, 1, 1, 1),
                weights(LAYERS, "F64", 8, 1, 1, 1),
                weights(List.of("mu", "output"), "F32", 4, 2, 2, 2),
                weights(List.of("encoder.9999", "mu", "output"), "F32", 4, 2, 2, 2),
                weights(List.of("encoder.0", "encoder.2", "mu", "output"), "F32", 4, 1, 1, 1),
                // a thousand layers of one number each
                weights(layers(1000), "F32", 4, 1, 1, 1),
                SafeTensorsBytes.file("{}", 0),
                SafeTensorsBytes.file(
                        "{" + SafeTensorsBytes.tensor("mu.weight", "F32", "[0,2000000000]", 0, 0) + "}", 0),
                SafeTensorsBytes.file("{\"__metadata__\":{\"elbo.spec\":\"{}\"}}", 0));
    }

    /** The tensors of a model with a convolution and two classes. */
    private static byte[] convolutional() {
        VaeSpec spec = VaeSpec.builder(2)
                .convolutions(PICTURE, CONVOLUTIONS.toArray(Convolution[]::new))
                .hidden(1)
                .latent(1)
                .classes(CLASSES)
                .likelihood(Likelihood.BERNOULLI)
                .build();
        StringBuilder header = new StringBuilder("{");
        int[] end = {0};
        Network.of(spec).shapes().forEach((name, shape) -> {
            int bytes = Float.BYTES * Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            header.append(header.length() > 1 ? "," : "")
                    .append(SafeTensorsBytes.tensor(
                            name, "F32", Arrays.toString(shape).replace(" ", ""), end[0], end[0] += bytes));
        });
        return SafeTensorsBytes.file(header + "}", end[0]);
    }

    private static List<String> layers(int count) {
        List<String> layers = new ArrayList<>(List.of("mu", "log_var", "output"));
        for (int i = 0; i < count; i++) {
            layers.add("encoder." + i);
        }
        return layers;
    }

    /** Layers that fit together: {@code inputs}, {@code hidden} and {@code latent} wide. */
    private static byte[] weights(List<String> layers, String type, int width, int inputs, int hidden, int latent) {
        StringBuilder header = new StringBuilder("{");
        int end = 0;
        for (String layer : layers) {
            boolean coding = layer.startsWith("encoder");
            int out = coding || layer.startsWith("decoder") ? hidden : layer.equals("output") ? inputs : latent;
            int in = layer.startsWith("decoder") ? latent : coding ? inputs : hidden;
            header.append(SafeTensorsBytes.tensor(
                            layer + ".weight", type, "[" + out + "," + in + "]", end, end += width * out * in))
                    .append(',')
                    .append(SafeTensorsBytes.tensor(layer + ".bias", type, "[" + out + "]", end, end += width * out))
                    .append(',');
        }
        header.append(SafeTensorsBytes.tensor("output.log_var", type, "[1]", end, end += width));
        // the numbers of a float32 mean something in any type
        return SafeTensorsBytes.file(header + "}", end);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        for (Component likelihood : List.of(Likelihood.BERNOULLI, Likelihood.GAUSSIAN_LEARNED)) {
            ImportOptions plain = ImportOptions.of(Activation.TANH, likelihood);
            for (ImportOptions options :
                    List.of(plain, plain.withConvolutions(PICTURE, CONVOLUTIONS).withClasses(CLASSES))) {
                Hostile.file(content, PER_BYTE, file -> ModelImport.read(file, options, note -> {}))
                        .ifPresent(read -> again(read, options));
            }
        }
    }

    private static void again(StoredModel read, ImportOptions options) {
        Path file = Hostile.file("again", new byte[0]);
        read.write(Disk.REAL, file);
        StoredModel same = StoredModel.read(file);
        assertEquals(read.spec(), same.spec());
        assertEquals(options.picture().isPresent() ? Map.of(ModelFile.IMAGE, "1,2,1") : Map.of(), same.metadata());
        read.tensors().forEach((name, entry) -> {
            assertArrayEquals(entry.shape(), same.tensors().get(name).shape());
            assertArrayEquals(entry.values(), same.tensors().get(name).values());
        });
    }
}
