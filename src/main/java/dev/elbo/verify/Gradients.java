package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Every gradient operation against four-point central differences of its forward, (f(x − 2h) − 8 f(x − h) + 8 f(x + h) −
 * f(x + 2h)) / 12h, on a float64 backend. The points are random and away from kinks.
 */
final class Gradients {
    /** Of the largest element of the gradient. */
    private static final double TOLERANCE = 1e-9;
    /** Truncation h⁴/30 and rounding 2⁻⁵³/h are then both below 1e-12. */
    private static final double STEP = 2e-3;

    private static final double SCALE = 1 / 3.0;
    private static final double BETA = 0.7;

    private final Backend backend;

    private Gradients(Backend backend) {
        this.backend = backend;
    }

    static List<Check> of(Backend backend) {
        Gradients gradients = new Gradients(backend);
        List<Check> checks = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            checks.add(Check.of("denseGrad", "differences, " + activation, o -> gradients.dense(activation, o)));
        }
        for (KlMode mode : KlMode.values()) {
            for (int samples : new int[] {1, 3}) {
                for (boolean weighted : new boolean[] {false, true}) {
                    checks.add(Check.of(
                            "reparameterizeGrad",
                            "differences, %s, %d samples%s".formatted(mode, samples, weighted ? ", row weights" : ""),
                            o -> gradients.reparameterize(mode, samples, weighted, o)));
                }
            }
        }
        for (int variances : new int[] {0, 1, 4}) {
            for (boolean weighted : new boolean[] {false, true}) {
                checks.add(Check.of(
                        "gaussianLoss",
                        "differences, %d variances%s".formatted(variances, weighted ? ", row weights" : ""),
                        o -> gradients.gaussian(variances, weighted, o)));
            }
        }
        for (boolean weighted : new boolean[] {false, true}) {
            checks.add(Check.of(
                    "bernoulliLoss",
                    "differences" + (weighted ? ", row weights" : ""),
                    o -> gradients.bernoulli(weighted, o)));
        }
        checks.add(Check.of("importanceWeights", "weights are the bound's gradient", gradients::weights));
        checks.add(Check.of("gaussianKl", "differences", gradients::kl));
        return checks;
    }

    /** The gradient of f at this point by differences. */
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

    private static void compare(String name, double[] gradient, double[] differences, Outcome.Builder outcome) {
        double largest = Arrays.stream(differences).map(Math::abs).max().orElse(0);
        for (int i = 0; i < gradient.length; i++) {
            outcome.close(name + "[" + i + "]", differences[i], gradient[i], TOLERANCE * largest);
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] concat(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] part(double[] all, int from, int count) {
        return Arrays.copyOfRange(all, from, from + count);
    }

    private void dense(Activation activation, Outcome.Builder outcome) {
        int rows = 4;
        int in = 3;
        int out = 5;
        int inputs = rows * in;
        int weights = out * in;
        try (Scratch s = new Scratch(backend)) {
            Tensor x = s.zeros(rows, in);
            Tensor weight = s.zeros(out, in);
            Tensor bias = s.zeros(1, out);
            Tensor y = s.zeros(rows, out);
            // a kink within a step of a point would spoil its difference
            double[] at;
            double nearest;
            int seed = 1;
            do {
                at = new Draw(seed++).normal(inputs + weights + out);
                forward(at, x, weight, bias, Activation.IDENTITY, y);
                nearest = Arrays.stream(y.toDoubles()).map(Math::abs).min().orElseThrow();
            } while (nearest < 0.03);
            double[] before = y.toDoubles();
            double[] c = new Draw(0).normal(rows * out);

            forward(at, x, weight, bias, activation, y);
            Tensor dY = s.real(rows, out, c);
            Tensor dW = s.zeros(out, in);
            Tensor dB = s.zeros(1, out);
            Tensor dX = s.zeros(rows, in);
            backend.ops().denseGrad(x, weight, y, dY, activation, dW, dB, dX);
            double[] gradient = concat(dX.toDoubles(), dW.toDoubles(), dB.toDoubles());
            compare(
                    "dX|dW|dB",
                    gradient,
                    differences(
                            point -> {
                                forward(point, x, weight, bias, activation, y);
                                return dot(c, y.toDoubles());
                            },
                            at),
                    outcome);
            Tensor preactivation = s.zeros(rows, out);
            compare(
                    "dY",
                    dY.toDoubles(),
                    differences(
                            point -> {
                                preactivation.write(point);
                                backend.ops().activate(preactivation, activation, y);
                                return dot(c, y.toDoubles());
                            },
                            before),
                    outcome);
        }
    }

    private void forward(double[] at, Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        int inputs = (int) x.size();
        int weights = (int) weight.size();
        x.write(part(at, 0, inputs));
        weight.write(part(at, inputs, weights));
        bias.write(part(at, inputs + weights, (int) bias.size()));
        backend.ops().dense(x, weight, bias, activation, y);
    }

    /** Of scale Σ_r w_r (Σ_j (a z + ½ z²) + β KL_r). */
    private void reparameterize(KlMode mode, int samples, boolean weighted, Outcome.Builder outcome) {
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
        try (Scratch s = new Scratch(backend)) {
            NoiseSource noise = NoiseSource.given(s.real(rows, latent, draw.normal(rows * latent)));
            Tensor mu = s.zeros(batch, latent);
            Tensor lv = s.zeros(batch, latent);
            Tensor z = s.zeros(rows, latent);
            Tensor kl = s.zeros(batch, 1);
            Tensor sampledKl = s.zeros(rows, 1);
            ToDoubleFunction<double[]> f = point -> {
                mu.write(part(point, 0, half));
                lv.write(part(point, half, half));
                backend.ops().reparameterize(mu, lv, noise, z, kl, sampledKl);
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
            for (int i = 0; i < dz.length; i++) {
                dz[i] = SCALE * (w == null ? 1 : w[i / latent]) * (a[i] + dz[i]);
            }
            ToDoubleFunction<double[]> loss = mode != KlMode.DOUBLY_REPARAMETERIZED
                    ? f
                    : point -> {
                        f.applyAsDouble(point);
                        return heldFixed(z.toDoubles(), dz, w, at, latent);
                    };
            double[] differences = differences(loss, at);
            f.applyAsDouble(at);
            Tensor dMu = s.zeros(batch, latent);
            Tensor dLogVar = s.zeros(batch, latent);
            backend.ops()
                    .reparameterizeGrad(
                            mu,
                            lv,
                            noise,
                            s.real(rows, latent, dz),
                            mode,
                            s.schedule(BETA),
                            w == null ? null : s.real(rows, 1, w),
                            SCALE,
                            dMu,
                            dLogVar);
            compare("dMu|dLogVar", concat(dMu.toDoubles(), dLogVar.toDoubles()), differences, outcome);
            if (mode != KlMode.DOUBLY_REPARAMETERIZED) {
                outcome.close("clamped dLogVar", 0, dLogVar.toDoubles()[5], 0);
            }
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

    /** Of scale Σ_r w_r loss_r. */
    private void gaussian(int variances, boolean weighted, Outcome.Builder outcome) {
        int rows = 6;
        int cols = 4;
        int outputs = rows * cols;
        Draw draw = new Draw(21 + variances);
        double[] w = weighted ? draw.uniform(rows, 0.2, 1) : null;
        double[] logVars = draw.normal(variances, -0.5, 0.5);
        if (variances > 1) {
            logVars[2] = 25;
        }
        double[] at = concat(draw.normal(outputs), logVars);
        try (Scratch s = new Scratch(backend)) {
            Tensor output = s.zeros(rows, cols);
            Tensor x = s.real(3, cols, draw.normal(3 * cols));
            Tensor logVar = variances == 0 ? null : s.zeros(1, variances);
            Tensor rowWeight = w == null ? null : s.real(rows, 1, w);
            Tensor loss = s.zeros(rows, 1);
            ToDoubleFunction<double[]> f = point -> {
                output.write(part(point, 0, outputs));
                if (logVar != null) {
                    logVar.write(part(point, outputs, variances));
                }
                backend.ops().gaussianLoss(output, x, logVar, null, 1, loss, null, null);
                return weightedSum(loss, w);
            };
            double[] differences = differences(f, at);
            f.applyAsDouble(at);
            Tensor dOutput = s.zeros(rows, cols);
            Tensor dLogVar = logVar == null ? null : s.zeros(1, variances);
            backend.ops().gaussianLoss(output, x, logVar, rowWeight, SCALE, null, dOutput, dLogVar);
            double[] gradient = concat(dOutput.toDoubles(), dLogVar == null ? new double[0] : dLogVar.toDoubles());
            compare("dOutput|dLogVar", gradient, differences, outcome);
        }
    }

    private void bernoulli(boolean weighted, Outcome.Builder outcome) {
        int rows = 6;
        int cols = 4;
        Draw draw = new Draw(31);
        double[] w = weighted ? draw.uniform(rows, 0.2, 1) : null;
        double[] at = draw.normal(rows * cols, 0, 2);
        try (Scratch s = new Scratch(backend)) {
            Tensor logits = s.zeros(rows, cols);
            Tensor x = s.real(3, cols, draw.uniform(3 * cols, 0, 1));
            Tensor loss = s.zeros(rows, 1);
            double[] differences = differences(
                    point -> {
                        logits.write(point);
                        backend.ops().bernoulliLoss(logits, x, null, 1, loss, null);
                        return weightedSum(loss, w);
                    },
                    at);
            logits.write(at);
            Tensor dLogits = s.zeros(rows, cols);
            backend.ops().bernoulliLoss(logits, x, w == null ? null : s.real(rows, 1, w), SCALE, null, dLogits);
            compare("dLogits", dLogits.toDoubles(), differences, outcome);
        }
    }

    private static double weightedSum(Tensor loss, double[] w) {
        double[] losses = loss.toDoubles();
        return SCALE * (w == null ? Arrays.stream(losses).sum() : dot(losses, w));
    }

    /** ∂ bound_b / ∂ log w_k = w̃_k. */
    private void weights(Outcome.Builder outcome) {
        int batch = 3;
        int rows = 4 * batch;
        Draw draw = new Draw(41);
        double[] c = draw.uniform(batch, 0.5, 2);
        double[] at = draw.normal(rows);
        try (Scratch s = new Scratch(backend)) {
            Tensor reconstruction = s.zeros(rows, 1);
            Tensor sampledKl = s.real(rows, 1, draw.normal(rows));
            Tensor weights = s.zeros(rows, 1);
            Tensor bound = s.zeros(batch, 1);
            ToDoubleFunction<double[]> f = point -> {
                reconstruction.write(point);
                backend.ops().importanceWeights(reconstruction, sampledKl, null, weights, bound);
                return -dot(c, bound.toDoubles());
            };
            double[] differences = differences(f, at);
            f.applyAsDouble(at);
            double[] gradient = weights.toDoubles();
            for (int r = 0; r < rows; r++) {
                gradient[r] *= c[r % batch];
            }
            compare("weights", gradient, differences, outcome);
        }
    }

    /** Against the analytic gradient of {@code reparameterizeGrad} without any other loss. */
    private void kl(Outcome.Builder outcome) {
        int batch = 3;
        int latent = 4;
        int half = batch * latent;
        Draw draw = new Draw(51);
        double[] at = concat(draw.normal(half), draw.normal(half, -0.5, 1));
        try (Scratch s = new Scratch(backend)) {
            Tensor mu = s.zeros(batch, latent);
            Tensor logVar = s.zeros(batch, latent);
            Tensor perUnit = s.zeros(batch, latent);
            ToDoubleFunction<double[]> f = point -> {
                mu.write(part(point, 0, half));
                logVar.write(part(point, half, half));
                backend.ops().gaussianKl(mu, logVar, perUnit);
                return BETA * Arrays.stream(perUnit.toDoubles()).sum();
            };
            double[] differences = differences(f, at);
            f.applyAsDouble(at);
            Tensor dMu = s.zeros(batch, latent);
            Tensor dLogVar = s.zeros(batch, latent);
            backend.ops()
                    .reparameterizeGrad(
                            mu,
                            logVar,
                            NoiseSource.given(s.real(batch, latent, draw.normal(half))),
                            s.zeros(batch, latent),
                            KlMode.ANALYTIC,
                            s.schedule(BETA),
                            null,
                            1,
                            dMu,
                            dLogVar);
            compare("dMu|dLogVar", concat(dMu.toDoubles(), dLogVar.toDoubles()), differences, outcome);
        }
    }
}
