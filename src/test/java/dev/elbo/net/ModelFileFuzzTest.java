package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.fuzz.Hostile;
import dev.elbo.fuzz.SafeTensorsBytes;
import dev.elbo.model.Activation;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class ModelFileFuzzTest {
    /** Two float32 copies and a float64 one of each value, or what a header's entry becomes. */
    private static final long PER_BYTE = 96;

    static Stream<byte[]> seeds() {
        VaeSpec tiny = VaeSpec.mlp(2, List.of(1), 1, Activation.RELU, Likelihood.BERNOULLI, true);
        String json = SafeTensorsBytes.quoted(tiny.toJson());
        return Stream.of(
                model(tiny),
                model(VaeSpec.mlp(1, List.of(), 1, Activation.IDENTITY, Likelihood.GAUSSIAN, false)),
                model(VaeSpec.mlp(2, List.of(), 1, Activation.TANH, Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION, true)),
                model(VaeSpec.mlp(2, List.of(1, 2), 1, Activation.ELU, Likelihood.GAUSSIAN_OPTIMAL, true)),
                model(convolutional(1)),
                model(convolutional(2)),
                // a kernel, a padding and channels whose products are beyond an int, and beyond a long
                spec(SafeTensorsBytes.quoted(
                        convolutional(1).toJson().replace(":1,\"stride\"", ":2147483647,\"stride\""))),
                spec(SafeTensorsBytes.quoted(convolutional(1)
                        .toJson()
                        .replace(":1,\"stride\":1,\"padding\":0", ":2147483647,\"stride\":1,\"padding\":1073741823"))),
                spec(SafeTensorsBytes.quoted(
                        convolutional(1).toJson().replace("\"channels\":1", "\"channels\":1000000000"))),
                SafeTensorsBytes.file("{}", 0),
                spec("{}"),
                spec(json),
                spec(json.replace(":2", ":1e-400")),
                // a specification of 64 KiB that describes a hundred thousand tensors
                spec(json.replace("[1]", "[1" + ",1".repeat(32_000) + "]")),
                spec(json.replace(":2", ":1000000")));
    }

    private static VaeSpec convolutional(int stride) {
        return VaeSpec.builder(2)
                .convolutions(new FeatureMap(1, 2, 1), new Convolution(1, 1, stride, 0))
                .hidden()
                .latent(1)
                .classes(List.of("a", "b"))
                .build();
    }

    private static byte[] spec(String json) {
        return SafeTensorsBytes.file("{\"__metadata__\":{\"elbo.spec\":\"" + json + "\"}}", 0);
    }

    /** A model without a seal, so that a fuzzer may change it. */
    private static byte[] model(VaeSpec spec) {
        StringBuilder header = new StringBuilder(
                "{\"__metadata__\":{\"elbo.spec\":\"" + SafeTensorsBytes.quoted(spec.toJson()) + "\"}");
        int[] end = {0};
        Network.of(spec).shapes().forEach((name, shape) -> {
            int bytes = Float.BYTES * Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            header.append(",")
                    .append(SafeTensorsBytes.tensor(
                            name, "F32", Arrays.toString(shape).replace(" ", ""), end[0], end[0] += bytes));
        });
        return SafeTensorsBytes.file(header + "}", end[0]);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        try (Backend backend = Backends.open("reference")) {
            Hostile.file(content, PER_BYTE, file -> ModelFile.read(file, backend))
                    .ifPresent(loaded -> {
                        try (loaded) {
                            again(loaded, backend);
                        }
                    });
        }
    }

    private static void again(ModelFile.Loaded loaded, Backend backend) {
        Path file = Hostile.file("again", new byte[0]);
        ModelFile.write(file, loaded.vae(), loaded.metadata());
        try (ModelFile.Loaded same = ModelFile.read(file, backend)) {
            assertEquals(loaded.vae().spec(), same.vae().spec());
            assertEquals(loaded.metadata(), same.metadata());
            for (String name : loaded.parameters().names()) {
                assertArrayEquals(
                        loaded.parameters().tensor(name).toFloats(),
                        same.parameters().tensor(name).toFloats());
            }
        }
    }
}
