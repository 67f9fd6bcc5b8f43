package dev.elbo.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeSpecTest {
    private static final VaeSpec SPEC =
            new VaeSpec(6, List.of(5, 4), 3, Activation.LEAKY_RELU, Likelihood.GAUSSIAN_LEARNED, true, true);

    private static final String JSON = "{\"inputs\":6,\"hidden\":[5,4],\"latent\":3,\"activation\":\"leaky_relu\","
            + "\"likelihood\":\"gaussian-learned\",\"variance_per_dimension\":true,\"stochastic\":true}";

    private static VaeSpec spec(int inputs, List<Integer> hidden, int latent) {
        return new VaeSpec(inputs, hidden, latent, Activation.RELU, Likelihood.BERNOULLI, false, true);
    }

    private static String refusal(Runnable body) {
        return assertThrows(IllegalArgumentException.class, body::run).getMessage();
    }

    @Test
    void jsonIsTheWholeSpecification() {
        assertEquals(JSON, SPEC.toJson());
        assertEquals(SPEC, VaeSpec.fromJson(JSON));
        VaeSpec linear = new VaeSpec(1, List.of(), 1, Activation.IDENTITY, Likelihood.GAUSSIAN, false, false);
        assertEquals(linear, VaeSpec.fromJson(linear.toJson()));
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
                "gaussian-learned         | poisson                   | likelihood 'poisson' is not one of gaussian, gaussian-optimal, gaussian-learned, bernoulli",
                "gaussian-learned         | bernoulli                 | variance per dimension needs the likelihood gaussian-learned, not bernoulli",
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
        assertTrue(refusal(() -> spec(1 << 30, List.of(1 << 30), 1 << 30)).startsWith("hidden [1073741824], with"));
        assertEquals(
                "likelihood is missing",
                refusal(() -> new VaeSpec(4, List.of(), 2, Activation.RELU, null, false, true)));
    }

    @Test
    void parametersAreCounted() {
        // 784-400-20: 784·400 + 400, two heads of 400·20 + 20, 20·400 + 400, 400·784 + 784
        assertEquals(
                314_000 + 2 * 8_020 + 8_400 + 314_384,
                spec(784, List.of(400), 20).parameterCount());
        // 5-2 without hidden layers: two heads of 5·2 + 2, 2·5 + 5
        assertEquals(2 * 12 + 15, spec(5, List.of(), 2).parameterCount());
    }

    @Test
    void labelsAreTheirInverse() {
        for (Activation activation : Activation.values()) {
            assertEquals(activation, Activation.of(activation.label()));
        }
        for (Likelihood likelihood : Likelihood.values()) {
            assertEquals(likelihood, Likelihood.of(likelihood.label()));
        }
        assertEquals("gaussian-optimal", Likelihood.GAUSSIAN_OPTIMAL.label());
    }
}
