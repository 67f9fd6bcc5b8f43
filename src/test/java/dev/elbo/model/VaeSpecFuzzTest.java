package dev.elbo.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class VaeSpecFuzzTest {
    private static final long PER_BYTE = 128;

    static Stream<byte[]> seeds() {
        String good = VaeSpec.mlp(
                        6, List.of(5, 4), 3, Activation.LEAKY_RELU, Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION, true)
                .toJson();
        VaeSpec spec = VaeSpec.fromJson(good);
        String layers = spec.withLayers(List.of(Component.of("wide").with("width", 5)), List.of(Component.dense(6)))
                .toJson();
        return Stream.of(
                        good,
                        layers,
                        layers.replace("\"wide\"", "\"\""),
                        layers.replace("\"wide\"", "7"),
                        layers.replace("\"width\":5", "\"kind\":\"dense\""),
                        layers.replace("\"width\":5", "\"width\":" + "[".repeat(1000)),
                        layers.replace("\"width\":5", "\"width\":{\"a\":[1,{\"b\":null}]}"),
                        layers.replace("{\"kind\":\"gaussian\"}", "{}"),
                        layers.replace("[{", "[[{"),
                        VaeSpec.mlp(1, List.of(), 1, Activation.IDENTITY, Likelihood.BERNOULLI, false)
                                .toJson(),
                        good.replace("6", "6.0"),
                        good.replace("6", "6e0"),
                        good.replace("6", "1.00000000000000000000001"),
                        good.replace("6", "1e-400"),
                        good.replace("6", "1e999999999999"),
                        good.replace("6", "2000000000"),
                        good.replace("[5,4]", "[" + "1,".repeat(5000) + "1]"),
                        good.replace("[5,4]", "[".repeat(1000)),
                        good.replace("leaky_relu", "x".repeat(5000)),
                        good.replace("leaky_relu", "\\n\\u2028"),
                        good.replace("\"latent\":3", "\"latent\":3,\"latent\":3"),
                        good + "{}",
                        "{\"" + "y".repeat(5000) + "\":1}",
                        "")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void parses(byte[] text) {
        String json = new String(text, StandardCharsets.UTF_8);
        Hostile.argument(text.length, PER_BYTE, () -> VaeSpec.fromJson(json))
                .ifPresent(spec -> assertEquals(spec, VaeSpec.fromJson(spec.toJson())));
    }
}
