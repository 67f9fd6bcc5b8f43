package dev.elbo.verify;

import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Checks that each of {@code unfold} and {@code fold} gives the gradient of the other, with {@code activateGrad} between. */
final class ConvolutionGradients {
    private static final int PICTURES = 2;

    private ConvolutionGradients() {}

    static List<Check> all() {
        List<Check> checks = new ArrayList<>();
        for (boolean channelsFirst : new boolean[] {false, true}) {
            // patches that overlap, leave the picture, and leave out pixels at its bottom
            Patches patches = new Patches(new FeatureMap(2, 6, 5), 3, 2, 1, channelsFirst);
            checks.add(new Check(
                    "unfold",
                    "differences" + (channelsFirst ? ", channels first" : ""),
                    (s, o) -> unfold(patches, s, o)));
        }
        Patches patches = new Patches(new FeatureMap(2, 4, 5), 3, 2, 1, false);
        for (Activation activation : Activation.values()) {
            checks.add(new Check("fold", "differences, " + activation, (s, o) -> fold(patches, activation, s, o)));
        }
        return checks;
    }

    /** Checks the gradient of Σ ½ c unfolded². */
    private static void unfold(Patches patches, Scratch s, Outcome outcome) {
        int size = patches.picture().size();
        Draw draw = new Draw(61);
        double[] at = draw.normal(PICTURES * size);
        Tensor x = s.zeros(PICTURES, size);
        Tensor unfolded = s.zeros(PICTURES * patches.count(), patches.size());
        double[] c = draw.normal((int) unfolded.size());
        ToDoubleFunction<double[]> f = point -> {
            x.write(point);
            s.ops().unfold(x, patches, unfolded);
            double[] values = unfolded.toDoubles();
            double sum = 0;
            for (int i = 0; i < c.length; i++) {
                sum += 0.5 * c[i] * values[i] * values[i];
            }
            return sum;
        };
        Tensor dX = s.zeros(PICTURES, size);
        Runnable backward = () -> {
            double[] d = unfolded.toDoubles();
            Arrays.setAll(d, i -> c[i] * d[i]);
            unfolded.write(d);
            s.ops().fold(unfolded, patches, null, Activation.IDENTITY, dX);
        };
        Gradients.compare(outcome, "dX", at, f, backward, dX);
    }

    /** Checks the gradient of Σ c y. */
    private static void fold(Patches patches, Activation activation, Scratch s, Outcome outcome) {
        int size = patches.picture().size();
        int channels = patches.picture().channels();
        Tensor unfolded = s.zeros(PICTURES * patches.count(), patches.size());
        Tensor bias = s.zeros(1, channels);
        Tensor y = s.zeros(PICTURES, size);
        double[] at;
        int seed = 1;
        do {
            at = new Draw(seed++).normal((int) unfolded.size() + channels);
            Gradients.write(at, unfolded, bias);
            s.ops().fold(unfolded, patches, bias, Activation.IDENTITY, y);
        } while (Gradients.isNearKink(y));
        double[] c = new Draw(0).normal(PICTURES * size);
        ToDoubleFunction<double[]> f = point -> {
            Gradients.write(point, unfolded, bias);
            s.ops().fold(unfolded, patches, bias, activation, y);
            return Gradients.dot(c, y.toDoubles());
        };
        Tensor dY = s.real(PICTURES, size, c);
        Tensor dUnfolded = s.zeros(unfolded.rows(), unfolded.cols());
        Tensor dBias = s.zeros(1, channels);
        Runnable backward = () -> {
            int pixels = PICTURES * patches.picture().pixels();
            s.ops().activateGrad(y.reshaped(pixels, channels), dY.reshaped(pixels, channels), activation, dBias);
            s.ops().unfold(dY, patches, dUnfolded);
        };
        Gradients.compare(outcome, "dUnfolded|dBias", at, f, backward, dUnfolded, dBias);
    }
}
