package dev.elbo.verify;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Checks of every gradient operation against four-point central differences of its forward, (f(x − 2h) − 8 f(x − h) + 8
 * f(x + h) − f(x + 2h)) / 12h, on a float64 backend. The points are random and away from kinks.
 */
final class Gradients {
    /** The tolerance, as a share of the largest element of the gradient. */
    private static final double TOLERANCE = 1e-9;
    /** Truncation h⁴/30 and rounding 2⁻⁵³/h are then both below 1e-12. */
    private static final double STEP = 2e-3;

    private static final double SCALE = 1 / 3.0;
    private static final double BETA = 0.7;

    private Gradients() {}

    static List<Check> all() {
        List<Check> checks = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            String label = "differences, " + activation;
            checks.add(new Check("denseGrad", label, (s, o) -> dense(activation, s, o)));
        }
        checks.addAll(ClassGradients.all());
        checks.addAll(ColumnGradients.all());
        for (KlMode mode : KlMode.values()) {
            for (int samples : new int[] {1, 3}) {
                for (boolean weighted : new boolean[] {false, true}) {
                    String label = "differences, %s, %d samples%s".formatted(mode, samples, label(weighted));
                    checks.add(new Check(
                            "reparameterizeGrad", label, (s, o) -> reparameterize(mode, samples, weighted, s, o)));
                }
            }
        }
        for (boolean weighted : new boolean[] {false, true}) {
            for (int variances : new int[] {0, 1, 4}) {
                String label = "differences, %d variances%s".formatted(variances, label(weighted));
                checks.add(new Check("gaussianLoss", label, (s, o) -> gaussian(variances, weighted, s, o)));
            }
            String label = "differences" + label(weighted);
            checks.add(new Check("bernoulliLoss", label, (s, o) -> bernoulli(weighted, s, o)));
        }
        checks.addAll(ConvolutionGradients.all());
        checks.add(new Check("importanceWeights", "weights are the bound's gradient", Gradients::weights));
        checks.add(new Check("gaussianKl", "differences", Gradients::kl));
        return checks;
    }

    private static String label(boolean weighted) {
        return weighted ? ", row weights" : "";
    }

    /** {@return the gradient of f at this point by differences} */
    static double[] differences(ToDoubleFunction<double[]> f, double[] at) {
        double[] gradient = new double[at.length];
        double[] moved = at.clone();
        double[] steps = {-2, -1, 1, 2};
        double[] factors = {1, -8, 8, -1};
        for (int i = 0; i < at.length; i++) {
            double sum = 0;
            for (int p = 0; p < 4; p++) {
                moved[i] = at[i] + steps[p] * STEP;
                sum += factors[p] * f.applyAsDouble(moved);
            }
            moved[i] = at[i];
            gradient[i] = sum / (12 * STEP);
        }
        return gradient;
    }

    /** Compares a gradient with the differences of f. What f leaves at the point is there for {@code backward}. */
    static void compare(
            Outcome outcome,
            String name,
            double[] at,
            ToDoubleFunction<double[]> f,
            Runnable backward,
            Tensor... gradient) {
        double[] differences = differences(f, at);
        f.applyAsDouble(at);
        backward.run();
        double[] found = concat(gradient);
        double largest = Arrays.stream(differences).map(Math::abs).max().orElse(0);
        for (int i = 0; i < found.length; i++) {
            outcome.close(name + "[" + i + "]", differences[i], found[i], TOLERANCE * largest);
        }
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] concat(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    /** The values of tensors, one after the other, without those that are null. */
    private static double[] concat(Tensor... parts) {
        return concat(Arrays.stream(parts)
                .filter(Objects::nonNull)
                .map(Tensor::toDoubles)
                .toArray(double[][]::new));
    }

    /** Writes into tensors what {@link #concat(Tensor...)} reads from them. */
    static void write(double[] all, Tensor... parts) {
        int from = 0;
        for (Tensor part : parts) {
            int count = part == null ? 0 : (int) part.size();
            if (part != null) {
                part.write(Arrays.copyOfRange(all, from, from + count));
            }
            from += count;
        }
    }

    /** A kink within a step of a point would spoil its difference. */
    static boolean isNearKink(Tensor preactivation) {
        return Arrays.stream(preactivation.toDoubles()).anyMatch(a -> Math.abs(a) < 0.03);
    }

    private static void dense(Activation activation, Scratch s, Outcome outcome) {
        int rows = 4;
        int in = 3;
        int out = 5;
        Tensor x = s.zeros(rows, in);
        Tensor weight = s.zeros(out, in);
        Tensor bias = s.zeros(1, out);
        Tensor y = s.zeros(rows, out);
        Tensor preactivation = s.zeros(rows, out);
        double[] at;
        int seed = 1;
        do {
            at = new Draw(seed++).normal(rows * in + out * in + out);
            write(at, x, weight, bias);
            s.ops().dense(x, weight, bias, Activation.IDENTITY, preactivation);
        } while (isNearKink(preactivation));
        double[] c = new Draw(0).normal(rows * out);
        Tensor dY = s.real(rows, out, c);
        Tensor dW = s.zeros(out, in);
        Tensor dB = s.zeros(1, out);
        Tensor dX = s.zeros(rows, in);
        ToDoubleFunction<double[]> whole = point -> {
            write(point, x, weight, bias);
            s.ops().dense(x, weight, bias, activation, y);
            return dot(c, y.toDoubles());
        };
        Runnable backward = () -> s.ops().denseGrad(x, weight, y, dY, activation, dW, dB, dX);
        compare(outcome, "dX|dW|dB", at, whole, backward, dX, dW, dB);
        ToDoubleFunction<double[]> activated = point -> {
            preactivation.write(point);
            s.ops().activate(preactivation, activation, y);
            return dot(c, y.toDoubles());
        };
        compare(outcome, "dY", preactivation.toDoubles(), activated, () -> {}, dY);
    }

    /** Checks the gradient of scale Σ_r w_r (Σ_j (a z + ½ z²) + β KL_r). */
    private static void reparameterize(KlMode mode, int samples, boolean weighted, Scratch s, Outcome outcome) {
        int batch = 3;
        int latent = 4;
        int half = batch * latent;
        int rows = samples * batch;
        Draw draw = new Draw(11 + samples);
        double[] a = draw.normal(rows * latent);
        double[] w = weighted ? draw.uniform(rows, 0.2, 1) : null;
        double[] logVar = draw.normal(half, -0.5, 0.7);
        if (mode != KlMode.DOUBLY_REPARAMETERIZED) {
            // clamped: z and KL do not move with it, so its gradient is 0
            logVar[5] = -40;
        }
        double[] at = concat(draw.normal(half), logVar);
        NoiseSource noise = NoiseSource.given(s.real(rows, latent, draw.normal(rows * latent)));
        Tensor mu = s.zeros(batch, latent);
        Tensor lv = s.zeros(batch, latent);
        Tensor z = s.zeros(rows, latent);
        Tensor kl = s.zeros(batch, 1);
        Tensor sampledKl = s.zeros(rows, 1);
        ToDoubleFunction<double[]> f = point -> {
            write(point, mu, lv);
            s.ops().reparameterize(mu, lv, noise, z, kl, sampledKl);
            double[] zs = z.toDoubles();
            double[] kls = mode == KlMode.ANALYTIC ? kl.toDoubles() : sampledKl.toDoubles();
            double sum = 0;
            for (int r = 0; r < rows; r++) {
                double row = BETA * kls[r % kls.length];
                for (int i = r * latent; i < (r + 1) * latent; i++) {
                    row += a[i] * zs[i] + 0.5 * zs[i] * zs[i];
                }
                sum += SCALE * (w == null ? 1 : w[r]) * row;
            }
            return sum;
        };
        f.applyAsDouble(at);
        double[] dz = z.toDoubles();
        Arrays.setAll(dz, i -> SCALE * (w == null ? 1 : w[i / latent]) * (a[i] + dz[i]));
        ToDoubleFunction<double[]> loss = point -> {
            double sum = f.applyAsDouble(point);
            return mode == KlMode.DOUBLY_REPARAMETERIZED ? heldFixed(z.toDoubles(), dz, w, at, latent) : sum;
        };
        Tensor dMu = s.zeros(batch, latent);
        Tensor dLogVar = s.zeros(batch, latent);
        Tensor dZ = s.real(rows, latent, dz);
        Schedule schedule = s.schedule(BETA);
        Tensor rowWeight = w == null ? null : s.real(rows, 1, w);
        Runnable backward =
                () -> s.ops().reparameterizeGrad(mu, lv, noise, dZ, mode, schedule, rowWeight, SCALE, dMu, dLogVar);
        compare(outcome, "dMu|dLogVar", at, loss, backward, dMu, dLogVar);
        if (mode != KlMode.DOUBLY_REPARAMETERIZED) {
            outcome.close("clamped dLogVar", 0, dLogVar.toDoubles()[5], 0);
        }
    }

    /** Σ_r w_r (dz · z + β scale w_r (log q(z|x) − log p(z))), q with the μ and log σ² of {@code at}, but for constants. */
    private static double heldFixed(double[] z, double[] dz, double[] w, double[] at, int latent) {
        int half = at.length / 2;
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            double own = w == null ? 1 : w[i / latent];
            double distance = (z[i] - at[i % half]) * Math.exp(-0.5 * at[half + i % half]);
            sum += own * (dz[i] * z[i] + BETA * SCALE * own * 0.5 * (z[i] * z[i] - distance * distance));
        }
        return sum;
    }

    /** Checks the gradient of scale Σ_r w_r loss_r. */
    private static void gaussian(int variances, boolean weighted, Scratch s, Outcome outcome) {
        int rows = 6;
        int cols = 4;
        Draw draw = new Draw(21 + variances);
        double[] w = weighted ? draw.uniform(rows, 0.2, 1) : null;
        double[] logVars = draw.normal(variances, -0.5, 0.5);
        if (variances > 1) {
            logVars[2] = 25;
        }
        double[] at = concat(draw.normal(rows * cols), logVars);
        Tensor output = s.zeros(rows, cols);
        Tensor x = s.real(3, cols, draw.normal(3 * cols));
        Tensor logVar = variances == 0 ? null : s.zeros(1, variances);
        Tensor rowWeight = w == null ? null : s.real(rows, 1, w);
        Tensor loss = s.zeros(rows, 1);
        ToDoubleFunction<double[]> f = point -> {
            write(point, output, logVar);
            s.ops().gaussianLoss(output, x, logVar, null, 1, loss, null, null);
            return weightedSum(loss, w, SCALE);
        };
        Tensor dOutput = s.zeros(rows, cols);
        Tensor dLogVar = logVar == null ? null : s.zeros(1, variances);
        Runnable backward = () -> s.ops().gaussianLoss(output, x, logVar, rowWeight, SCALE, null, dOutput, dLogVar);
        compare(outcome, "dOutput|dLogVar", at, f, backward, dOutput, dLogVar);
    }

    private static void bernoulli(boolean weighted, Scratch s, Outcome outcome) {
        int rows = 6;
        int cols = 4;
        Draw draw = new Draw(31);
        double[] w = weighted ? draw.uniform(rows, 0.2, 1) : null;
        double[] at = draw.normal(rows * cols, 0, 2);
        Tensor logits = s.zeros(rows, cols);
        Tensor x = s.real(3, cols, draw.uniform(3 * cols, 0, 1));
        Tensor loss = s.zeros(rows, 1);
        ToDoubleFunction<double[]> f = point -> {
            logits.write(point);
            s.ops().bernoulliLoss(logits, x, null, 1, loss, null);
            return weightedSum(loss, w, SCALE);
        };
        Tensor rowWeight = w == null ? null : s.real(rows, 1, w);
        Tensor dLogits = s.zeros(rows, cols);
        Runnable backward = () -> s.ops().bernoulliLoss(logits, x, rowWeight, SCALE, null, dLogits);
        compare(outcome, "dLogits", at, f, backward, dLogits);
    }

    static double weightedSum(Tensor loss, double[] w, double scale) {
        double[] losses = loss.toDoubles();
        return scale * (w == null ? Arrays.stream(losses).sum() : dot(losses, w));
    }

    /** ∂ bound_b / ∂ log w_k = w̃_k. */
    private static void weights(Scratch s, Outcome outcome) {
        int batch = 3;
        int rows = 4 * batch;
        Draw draw = new Draw(41);
        double[] c = draw.uniform(batch, 0.5, 2);
        double[] at = draw.normal(rows);
        Tensor reconstruction = s.zeros(rows, 1);
        Tensor sampledKl = s.real(rows, 1, draw.normal(rows));
        Tensor weights = s.zeros(rows, 1);
        Tensor bound = s.zeros(batch, 1);
        ToDoubleFunction<double[]> f = point -> {
            reconstruction.write(point);
            s.ops().importanceWeights(reconstruction, sampledKl, null, weights, bound);
            return -dot(c, bound.toDoubles());
        };
        Runnable weighted = () -> {
            double[] w = weights.toDoubles();
            Arrays.setAll(w, r -> w[r] * c[r % batch]);
            weights.write(w);
        };
        compare(outcome, "weights", at, f, weighted, weights);
    }

    /** Compares with the analytic gradient of {@code reparameterizeGrad} without any other loss. */
    private static void kl(Scratch s, Outcome outcome) {
        int batch = 3;
        int latent = 4;
        int half = batch * latent;
        Draw draw = new Draw(51);
        double[] at = concat(draw.normal(half), draw.normal(half, -0.5, 1));
        Tensor mu = s.zeros(batch, latent);
        Tensor logVar = s.zeros(batch, latent);
        Tensor perUnit = s.zeros(batch, latent);
        ToDoubleFunction<double[]> f = point -> {
            write(point, mu, logVar);
            s.ops().gaussianKl(mu, logVar, perUnit);
            return BETA * Arrays.stream(perUnit.toDoubles()).sum();
        };
        NoiseSource noise = NoiseSource.given(s.real(batch, latent, draw.normal(half)));
        Tensor dZ = s.zeros(batch, latent);
        Schedule schedule = s.schedule(BETA);
        Tensor dMu = s.zeros(batch, latent);
        Tensor dLogVar = s.zeros(batch, latent);
        Runnable backward = () ->
                s.ops().reparameterizeGrad(mu, logVar, noise, dZ, KlMode.ANALYTIC, schedule, null, 1, dMu, dLogVar);
        compare(outcome, "dMu|dLogVar", at, f, backward, dMu, dLogVar);
    }
}
