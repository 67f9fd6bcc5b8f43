package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objectives;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.Tensor;
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
                "likelihood 'poisson' is not one of gaussian, gaussian-optimal, gaussian-learned, bernoulli, columns",
                refusal(likelihood(Component.of("poisson"))));
        assertEquals(
                "likelihood bernoulli: unknown field 'variance_per_dimension'",
                refusal(likelihood(Likelihood.BERNOULLI.with("variance_per_dimension", true))));
        assertEquals("likelihood columns: field 'columns' is missing", refusal(likelihood(Component.of("columns"))));
        // a program may have added kinds
        String recurrent = refusal(encoder(Component.of("recurrent")));
        assertTrue(recurrent.startsWith("layer 'recurrent' is not one of dense, conv, conv-transposed"), recurrent);
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

    /** N(center, I), whose center is trained. */
    private record CenteredPrior(int latent) implements Prior {
        @Override
        public void parameters(Parameters to) {
            to.vector("prior.center", latent, (mean, variance) -> new double[latent]);
        }

        @Override
        public void draw(Scope scope, NoiseSource noise, Tensor z) {
            scope.ops().normal(noise, z);
        }

        @Override
        public void sample(Scope scope, Activations a, NoiseSource noise) {
            scope.ops()
                    .dense(
                            a.mu(),
                            scope.parameters().span("mu.weight", 2, 2),
                            scope.parameter("prior.center"),
                            Activation.IDENTITY,
                            a.z());
        }

        @Override
        public void sampleGrad(Scope scope, Activations a, NoiseSource noise, KlTerm kl) {
            scope.ops().activate(scope.parameter("prior.center"), Activation.IDENTITY, scope.gradient("prior.center"));
        }
    }

    /** What a prior of a program's own asks for is there: its parameter, last in the layout, and the gradient. */
    @Test
    void aPriorHasParameters() {
        Kinds.PRIORS.add(new Kind<>(
                "centered", (settings, place) -> new CenteredPrior(place.spec().latent())));
        VaeSpec spec = VaeSpec.builder(3)
                .hidden()
                .latent(2)
                .prior(Component.of("centered"))
                .likelihood(Likelihood.GAUSSIAN_LEARNED)
                .build();
        assertEquals(
                List.of(
                        "mu.weight",
                        "log_var.weight",
                        "mu.bias",
                        "log_var.bias",
                        "output.weight",
                        "output.bias",
                        "output.log_var",
                        "prior.center"),
                List.copyOf(Network.of(spec).shapes().keySet()));
        try (Backend backend = new ReferenceBackend();
                TinyModel model = new TinyModel(backend, spec, 2, 1)) {
            Activations a = model.activations(Objectives.vae());
            model.vae.sample(a, NoiseSource.given(model.noise));
            model.vae.sampleGrad(
                    a,
                    NoiseSource.given(model.noise),
                    new KlTerm(KlMode.ANALYTIC, model.schedule, null, 1),
                    model.gradients);
            assertArrayEquals(
                    model.parameters.tensor("prior.center").toDoubles(),
                    model.gradients.tensor("prior.center").toDoubles());
            assertEquals(spec, VaeSpec.fromJson(spec.toJson()));
        }
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
