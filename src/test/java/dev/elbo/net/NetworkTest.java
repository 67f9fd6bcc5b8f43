package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static final VaeSpec SPEC = VaeSpec.builder(6).hidden(5).latent(2).build();

    private static String refusal(VaeSpec spec) {
        return assertThrows(IllegalArgumentException.class, () -> Network.of(spec))
                .getMessage();
    }

    private static VaeSpec likelihood(Component likelihood) {
        return VaeSpec.builder(6).likelihood(likelihood).build();
    }

    private static VaeSpec encoder(Component layer) {
        return SPEC.withLayers(List.of(layer), SPEC.decoder());
    }

    @Test
    void kindsAndSettingsThatDoNotExistAreNamed() {
        assertEquals(
                "likelihood 'poisson' is not one of gaussian, gaussian-optimal, gaussian-learned, bernoulli",
                refusal(likelihood(Component.of("poisson"))));
        assertEquals(
                "likelihood bernoulli: unknown field 'variance_per_dimension'",
                refusal(likelihood(Likelihood.BERNOULLI.with("variance_per_dimension", true))));
        // a program may have added kinds
        String conv = refusal(encoder(Component.of("conv")));
        assertTrue(conv.startsWith("layer 'conv' is not one of dense"), conv);
        assertEquals("layer dense: field 'width' is missing", refusal(encoder(Component.of("dense"))));
        assertEquals("layer dense: width must be at least 1, not 0", refusal(encoder(Component.dense(0))));
        assertEquals(
                "layer dense: unknown field 'stride'",
                refusal(encoder(Component.dense(3).with("stride", 2))));
        assertEquals(
                "level 'discrete' is not one of gaussian, deterministic",
                refusal(VaeSpec.builder(6).level(Component.of("discrete")).build()));
    }

    @Test
    void theDecoderGivesTheInputs() {
        assertEquals(
                "the decoder gives 5 values, not those of 6 inputs",
                refusal(SPEC.withLayers(SPEC.encoder(), List.of(Component.dense(5)))));
    }

    @Test
    void weightsFitInOneArray() {
        VaeSpec wide = VaeSpec.builder(1 << 30).hidden(1 << 30).latent(1 << 30).build();
        assertEquals(
                "the model 1073741824-1073741824-1073741824, relu, gaussian-optimal has more than 2000000000 weights",
                refusal(wide));
    }

    @Test
    void parametersAndValuesAreCounted() {
        // 784-400-20: 784·400 + 400, two heads of 400·20 + 20, 20·400 + 400, 400·784 + 784
        Network network = Network.of(VaeSpec.builder(784).build());
        assertEquals(314_000 + 2 * 8_020 + 8_400 + 314_384, network.parameterCount());
        assertEquals(20 + 400 + 784, network.valuesPerSample());
        // 5-2 without hidden layers: two heads of 5·2 + 2, 2·5 + 5
        assertEquals(
                2 * 12 + 15,
                Network.of(VaeSpec.builder(5).hidden().latent(2).build()).parameterCount());
    }

    @Test
    void aNameIsTakenOnce() {
        String message = assertThrows(IllegalArgumentException.class, () -> Kinds.LAYERS.add(DenseLayer.KIND))
                .getMessage();
        assertEquals("layer 'dense' exists already; give the kind another name", message);
        for (Component likelihood : TinyModel.likelihoods()) {
            assertEquals(likelihood, Kinds.LIKELIHOODS.component(likelihood.kind()));
            assertTrue(Kinds.LIKELIHOODS.names().contains(likelihood.toString()));
        }
    }
}
