package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions in networks; golden cases compare their numbers with PyTorch's. */
class ConvolutionTest {
    private static VaeSpec.Builder builder(FeatureMap picture, String... convolutions) {
        return VaeSpec.builder(picture.size())
                .convolutions(
                        picture,
                        Arrays.stream(convolutions).map(Convolution::parse).toArray(Convolution[]::new));
    }

    private static VaeSpec spec(FeatureMap picture, String... convolutions) {
        return builder(picture, convolutions).hidden(5).latent(2).build();
    }

    private static List<FeatureMap> shapes(List<Network.Module> stack) {
        return stack.stream().map(module -> module.layer().shape()).toList();
    }

    @Test
    void theDecoderMirrorsTheEncoder() {
        Network network = Network.of(spec(new FeatureMap(3, 9, 7), "4x4s3p1", "6x2s2"));
        FeatureMap first = new FeatureMap(4, 3, 2);
        FeatureMap second = new FeatureMap(6, 1, 1);
        FeatureMap dense = FeatureMap.vector(5);
        assertEquals(List.of(first, second, dense), shapes(network.encoder()));
        assertEquals(List.of(dense, second, first, new FeatureMap(3, 9, 7)), shapes(network.decoder()));
        Map<String, int[]> files = network.shapes();
        assertArrayEquals(new int[] {4, 3, 4, 4}, files.get("encoder.0.weight"));
        assertArrayEquals(new int[] {6, 4, 2, 2}, files.get("decoder.2.weight"));
        assertArrayEquals(new int[] {4, 3, 4, 4}, files.get("output.weight"));
        assertArrayEquals(new int[] {3}, files.get("output.bias"));
    }

    @Test
    void strideAndPaddingHaveDefaults() {
        assertEquals(new Convolution(32, 4, 2, 1), Convolution.parse("32x4s2p1"));
        assertEquals(new Convolution(8, 5, 1, 2), Convolution.parse("8x5"));
        assertEquals(new Convolution(8, 4, 1, 1), Convolution.parse("8x4"));
        assertEquals(new Convolution(8, 3, 2, 1), Convolution.parse("8x3s2"));
        assertEquals(new Convolution(8, 3, 1, 0), Convolution.parse("8x3p0"));
    }

    @ParameterizedTest
    @CsvSource({"32", "0x3", "32x0", "32x3s0", "32x3p1s2", "32X3", "32x3s", "x3", "32x3p-1", "99999999x3"})
    void anyOtherFormIsRefused(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> Convolution.parse(text))
                .getMessage();
        assertEquals(
                "conv '" + text + "' is not of the form 32x4s2p1: channels x kernel, s stride, p padding", message);
    }

    @Test
    void theLayerThatLeavesNothingIsNamed() {
        VaeSpec.Builder builder = builder(new FeatureMap(1, 8, 3), "4x3s2", "8x5s2p0");
        assertEquals(
                "conv 8x5s2p0 leaves nothing: a kernel of 5 × 5 does not fit into 4 × 2 pixels with a padding of 0",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        VaeSpec spec = spec(new FeatureMap(2, 6, 6), "4x4s2p1");
        Component output = spec.decoder().get(2);
        assertRefused(spec, output.with("output_padding", List.of(2, 0)), "output_padding must be two numbers");
        assertRefused(spec, output.with("output_padding", List.of(0)), "output_padding must be two numbers");
        assertRefused(spec, output.with("stride", 0), "output_padding must be two numbers");
        assertRefused(spec, output.with("channels", 0), "a picture has at least 1 channel");
        assertRefused(spec, output.with("kernel", 1 << 30), "more than 2147483647");
        assertRefused(spec, output.with("padding", 9), "makes -10 pixels of 3");
        assertRefused(
                spec, output.with("output_padding", List.of(1, 1)), "the decoder gives 98 values, not those of 72");
    }

    private static void assertRefused(VaeSpec spec, Component output, String why) {
        List<Component> decoder = List.of(spec.decoder().get(0), spec.decoder().get(1), output);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> Network.of(spec.withLayers(spec.encoder(), decoder)))
                .getMessage();
        assertTrue(message.contains(why), message);
    }

    /** Patches of more than 64 MiB go through in pieces: seven pictures in three of them, as each on its own. */
    @Test
    void piecesOfABatchGiveItsGradient() {
        VaeSpec spec = builder(new FeatureMap(2, 48, 48), "2x33p16")
                .hidden()
                .latent(2)
                .activation(Activation.TANH)
                .likelihood(Likelihood.GAUSSIAN)
                .build();
        Objective objective = Objectives.vae();
        try (Backend backend = Backends.open("cpu");
                TinyModel batch = new TinyModel(backend, spec, 7, 1);
                TinyModel one = new TinyModel(backend, spec, 1, 1)) {
            Layer layer = Network.of(spec).encoder().get(0).layer();
            assertEquals(3 * 48 * 48, layer.values(7).get("patches")[0]);
            assertEquals(3, layer.gradients(7).get("weight_parts")[0]);
            double loss = batch.step(objective, batch.activations(objective));
            double[] sum = new double[(int) one.gradients.flat().size()];
            double sumOfLosses = 0;
            Activations a = one.activations(objective);
            for (int i = 0; i < 7; i++) {
                one.x.write(batch.x.rows(i, 1).toFloats());
                one.noise.write(batch.noise.rows(i, 1).toFloats());
                sumOfLosses += one.step(objective, a);
                double[] gradient = one.gradients.flat().toDoubles();
                for (int j = 0; j < sum.length; j++) {
                    sum[j] += gradient[j] / 7;
                }
            }
            assertEquals(sumOfLosses / 7, loss, 1e-6 * loss);
            for (String name : batch.gradients.names()) {
                int from = (int) batch.gradients.tensor(name).offset();
                double[] whole = batch.gradients.tensor(name).toDoubles();
                double[] difference = new double[whole.length];
                Arrays.setAll(difference, i -> whole[i] - sum[from + i]);
                // the backward pass of a float32 backend: relative L2 of a tensor
                assertEquals(0, norm(difference), 1e-5 * norm(whole), name);
            }
        }
    }

    private static double norm(double[] values) {
        return Math.sqrt(DoubleStream.of(values).map(v -> v * v).sum());
    }

    @Test
    void weightsStartByTheFansOfAConvolution() {
        VaeSpec spec = spec(new FeatureMap(2, 12, 12), "40x4s2p1");
        try (Backend backend = new ReferenceBackend();
                Arena parameters = backend.allocate(Parameters.layout(spec))) {
            Initialization.initialize(parameters, spec, 3, new double[288], new double[288]);
            // 2 · 4 · 4 inputs an output; each input goes to 40 · 4 · 4 / 2² outputs
            assertFills(parameters, "encoder.0.weight", Math.sqrt(6.0 / (32 + 160)));
            // 40 · 4 · 4 / 2² inputs an output; each input goes to 2 · 4 · 4 outputs
            assertFills(parameters, "output.weight", Math.sqrt(6.0 / (160 + 32)));
        }
    }

    private static void assertFills(Arena parameters, String name, double bound) {
        double largest = Arrays.stream(parameters.tensor(name).toDoubles())
                .map(Math::abs)
                .max()
                .orElseThrow();
        assertTrue(largest <= bound && largest > 0.98 * bound, name + ": largest " + largest + " of " + bound);
    }

    @Test
    void theOutputStartsAtTheMeansOfTheChannels() {
        VaeSpec spec = spec(new FeatureMap(3, 2, 2), "4x2");
        double[] means = {.1, .2, .3, .4, 1, 1, 1, 1, 0, 0, .5, .5};
        try (Backend backend = new ReferenceBackend();
                Arena parameters = backend.allocate(Parameters.layout(spec))) {
            Initialization.initialize(parameters, spec, 3, means, new double[12]);
            assertArrayEquals(
                    new double[] {.25, 1, .25}, parameters.tensor("output.bias").toDoubles(), 1e-15);
        }
    }

    @Test
    void theSpecificationIsReadBack() {
        VaeSpec spec = builder(new FeatureMap(3, 9, 7), "4x4s3p1", "6x2s2")
                .classes(List.of("cat", "dog"))
                .build();
        assertEquals(spec, VaeSpec.fromJson(spec.toJson()));
        assertEquals("3 × 9 × 7-4x4s3p1-6x2s2p0-256-20, relu, gaussian-optimal, 2 classes", spec.summary());
    }
}
