package dev.elbo.verify;

import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.net.Parameters;
import java.util.Map;
import java.util.TreeMap;

/** The shapes of the arrays that a golden case may have, by name. */
final class GoldenShapes {
    final Map<String, int[]> given = new TreeMap<>();
    final Map<String, int[]> expected = new TreeMap<>();

    GoldenShapes(GoldenCase.Kind kind, VaeSpec spec, int batch, int samples, int steps) {
        boolean samplesAxis = kind == GoldenCase.Kind.IWAE || samples > 1;
        Map<String, int[]> weights = new TreeMap<>();
        Network network = Network.of(spec);
        network.parameters().shapes().forEach(weights::put);
        given.putAll(weights);
        if (spec.conditional()) {
            given.put("labels", new int[] {batch});
        }
        given.put("x", new int[] {batch, spec.inputs()});
        if (kind == GoldenCase.Kind.ADAM) {
            given.put("noise", new int[] {steps, batch, spec.latent()});
            expected.put("losses", new int[] {steps});
            weights.forEach((name, shape) -> expected.put("final." + name, shape));
            return;
        }
        expected.put("mu", new int[] {batch, spec.latent()});
        expected.put("z", sampled(samplesAxis, samples, batch, spec.latent()));
        expected.put("output", sampled(samplesAxis, samples, batch, spec.inputs()));
        expected.put("reconstruction", sampled(samplesAxis, samples, batch));
        expected.put("loss_per_example", new int[] {batch});
        expected.put("loss", new int[] {});
        if (network.likelihood().columns().isEmpty()) {
            expected.put("grad.x", new int[] {batch, spec.inputs()});
        }
        weights.forEach((name, shape) -> expected.put("grad." + name, shape));
        if (network.likelihood().fitsVariance()) {
            expected.put(Parameters.OUTPUT_LOG_VAR, new int[] {1});
        }
        if (network.stochastic()) {
            given.put("noise", sampled(samplesAxis, samples, batch, spec.latent()));
            expected.put("log_var", new int[] {batch, spec.latent()});
            expected.put("kl", new int[] {batch});
            expected.put("kl_per_dim", new int[] {batch, spec.latent()});
            expected.put("sampled_kl", sampled(samplesAxis, samples, batch));
            expected.put("elbo", new int[] {batch});
        }
        if (kind == GoldenCase.Kind.IWAE) {
            expected.put("log_weights", sampled(true, samples, batch));
            expected.put("normalized_weights", sampled(true, samples, batch));
            expected.put("bound", new int[] {batch});
        }
    }

    private static int[] sampled(boolean samplesAxis, int samples, int... shape) {
        if (!samplesAxis) {
            return shape;
        }
        int[] longer = new int[shape.length + 1];
        longer[0] = samples;
        System.arraycopy(shape, 0, longer, 1, shape.length);
        return longer;
    }
}
