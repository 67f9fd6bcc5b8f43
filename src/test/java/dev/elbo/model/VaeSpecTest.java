package dev.elbo.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeSpecTest {
    private static final VaeSpec SPEC =
            VaeSpec.mlp(6, List.of(5, 4), 3, Activation.LEAKY_RELU, Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION, true);

    private static final String JSON = "{\"inputs\":6,\"hidden\":[5,4],\"latent\":3,\"activation\":\"leaky_relu\","
            + "\"likelihood\":\"gaussian-learned\",\"variance_per_dimension\":true,\"stochastic\":true}";

    private static VaeSpec spec(int inputs, List<Integer> hidden, int latent) {
        return VaeSpec.mlp(inputs, hidden, latent, Activation.RELU, Likelihood.BERNOULLI, true);
    }

    private static String refusal(Runnable body) {
        return assertThrows(IllegalArgumentException.class, body::run).getMessage();
    }

    @Test
    void jsonIsTheWholeSpecification() {
        assertEquals(JSON, SPEC.toJson());
        assertEquals(SPEC, VaeSpec.fromJson(JSON));
        VaeSpec linear = VaeSpec.mlp(1, List.of(), 1, Activation.IDENTITY, Likelihood.GAUSSIAN, false);
        assertEquals(linear, VaeSpec.fromJson(linear.toJson()));
    }

    @Test
    void layersOfOtherKindsAreWrittenOneByOne() {
        Component wide = Component.of("wide").with("width", 5).with("rank", 2);
        VaeSpec spec = SPEC.withLayers(List.of(wide, Component.dense(4)), List.of(Component.dense(6)));
        assertEquals(
                "{\"inputs\":6,\"encoder\":[{\"kind\":\"wide\",\"width\":5,\"rank\":2},{\"kind\":\"dense\",\"width\":4}],"
                        + "\"latent\":3,\"level\":{\"kind\":\"gaussian\"},\"prior\":{\"kind\":\"standard-normal\"},"
                        + "\"decoder\":[{\"kind\":\"dense\",\"width\":6}],"
                        + "\"likelihood\":{\"kind\":\"gaussian-learned\",\"variance_per_dimension\":true},"
                        + "\"activation\":\"leaky_relu\"}",
                spec.toJson());
        assertEquals(spec, VaeSpec.fromJson(spec.toJson()));
        assertEquals(Optional.empty(), spec.hidden());
        assertEquals("6-wide 5 2-dense 4-3-dense 6, leaky_relu, gaussian-learned", spec.summary());
        assertEquals(Optional.of(List.of(5, 4)), SPEC.hidden());
        assertEquals("6-5-4-3, leaky_relu, gaussian-learned", SPEC.summary());
        // mirrored stacks have one form only
        VaeSpec same = SPEC.withLayers(SPEC.encoder(), SPEC.decoder());
        assertEquals(JSON, same.toJson());
        assertEquals(
                "field 'kind' is missing",
                refusal(() -> VaeSpec.fromJson(spec.toJson().replace("\"kind\":\"wide\",", ""))));
        assertEquals(
                "field 'level' must be an object, not 3",
                refusal(() -> VaeSpec.fromJson(spec.toJson().replace("{\"kind\":\"gaussian\"}", "3"))));
        assertEquals(
                "decoder has no layers; its last one gives the output",
                refusal(() -> SPEC.withLayers(SPEC.encoder(), List.of())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"inputs\":6,            | ``                        | field 'inputs' is missing",
                "\"stochastic\":true      | \"stochastic\":true,\"x\":1 | unknown field 'x'",
                "\"latent\":3             | \"latent\":3,\"latent\":4 | field 'latent' is there twice",
                "\"latent\":3             | \"latent\":\"3\"          | field 'latent' must be a finite number, not \"3\"",
                "\"latent\":3             | \"latent\":3.5            | field 'latent' must be a whole number below 2^31, not 3.5",
                "\"latent\":3             | \"latent\":4294967299     | field 'latent' must be a whole number below 2^31, not 4294967299",
                "\"latent\":3             | \"latent\":null           | field 'latent' must be a finite number, not null",
                "\"latent\":3             | \"latent\":0              | latent must be at least 1, not 0",
                "[5,4]                    | [5,-4]                    | hidden must be at least 1, not -4",
                "[5,4]                    | 5                         | field 'hidden' must be a list, not 5",
                "\"stochastic\":true      | \"stochastic\":1          | field 'stochastic' must be true or false, not 1",
                "leaky_relu               | gelu                      | activation 'gelu' is not one of identity, relu, leaky_relu, elu, tanh, sigmoid, softplus",
            })
    void whatIsWrongInJsonIsNamed(String good, String bad, String message) {
        String json = JSON.replace(good, bad);
        assertTrue(!json.equals(JSON), "the case changes nothing");
        assertEquals(message, refusal(() -> VaeSpec.fromJson(json)));
    }

    @Test
    void whatIsNotOneObjectIsRefused() {
        List<String> texts = new ArrayList<>(List.of("", "[]", "7", "null", JSON + JSON, JSON + " x", "{'inputs':6}"));
        for (int length = 0; length < JSON.length(); length++) {
            texts.add(JSON.substring(0, length));
        }
        for (String text : texts) {
            assertThrows(IllegalArgumentException.class, () -> VaeSpec.fromJson(text), text);
        }
    }

    @Test
    void optionsThatMakeNoSenseAreNamedFirst() {
        assertEquals("inputs must be at least 1, not 0", refusal(() -> spec(0, List.of(4), 2)));
        assertEquals("hidden must be at least 1, not 0", refusal(() -> spec(4, List.of(4, 0), 2)));
        assertEquals("latent must be at least 1, not -1", refusal(() -> spec(4, List.of(4), -1)));
        NullPointerException nothing = assertThrows(
                NullPointerException.class, () -> VaeSpec.mlp(4, List.of(), 2, Activation.RELU, null, true));
        assertEquals("likelihood", nothing.getMessage());
    }

    @Test
    void labelsAreTheirInverse() {
        for (Activation activation : Activation.values()) {
            assertEquals(activation, Activation.of(activation.label()));
        }
    }
}
