package dev.elbo.verify;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.model.Activation;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Checks of a float64 backend against answers that do not come from a second implementation: {@link LinearGaussian},
 * and identities.
 */
final class Oracles {
    private static final double TOLERANCE = 1e-12;

    /** The worked example: model, q's mean Vx + b, q's variance, x and what follows from them. */
    static final LinearGaussian EXAMPLE =
            new LinearGaussian(new double[][] {{1, 0}, {0.5, -1}, {0, 2}}, new double[] {0.1, -0.2, 0.3}, 0.5);

    static final double[][] Q_WEIGHT = {{0.4, 0.1, 0}, {0, -0.1, 0.4}};
    static final double[] Q_BIAS = {0.05, -0.05};
    static final double[] Q_VARIANCE = {0.25, 0.125};
    static final double[] X = {1, -1, 0.5};
    static final double LOG_DENSITY = -4.539798628595616;
    static final double EXPECTED_LOG_LIKELIHOOD = -3.572719828774100;
    static final double KL = 1.012867951399863;
    static final double ELBO = -4.585587780173963;
    static final double GAP = 0.045789151578347;

    private Oracles() {}

    static List<Check> all() {
        return List.of(
                new Check("gaussianKl", "linear Gaussian model: KL and ELBO", Oracles::elbo),
                new Check(
                        "importanceWeights", "linear Gaussian model: every log w is log p(x)", Oracles::exactPosterior),
                new Check("importanceWeights", "nested draws never lose", Oracles::nestedDraws),
                new Check("optimalLogVar", "no gradient is left at the optimum", Oracles::optimum),
                new Check("adam", "constant gradients move by the learning rate", Oracles::constantGradient));
    }

    private static double[] logs(double[] values) {
        return Arrays.stream(values).map(Math::log).toArray();
    }

    /** −log p(x given z), row by row, with the output Wz + m. */
    private static Tensor reconstruction(Scratch s, LinearGaussian model, Tensor z, Tensor x) {
        Tensor output = s.zeros(z.rows(), model.inputs());
        Tensor weight = s.real(model.inputs(), model.latents(), Gradients.concat(model.weight()));
        s.ops().dense(z, weight, s.real(1, model.inputs(), model.mean()), Activation.IDENTITY, output);
        Tensor loss = s.zeros(z.rows(), 1);
        Tensor logVar = s.real(1, 1, Math.log(model.variance()));
        s.ops().gaussianLoss(output, x, logVar, null, 1, loss, null, null);
        return loss;
    }

    private static void elbo(Scratch s, Outcome outcome) {
        Tensor x = s.real(1, 3, X);
        Tensor mu = s.zeros(1, 2);
        s.ops().dense(x, s.real(2, 3, Gradients.concat(Q_WEIGHT)), s.real(1, 2, Q_BIAS), Activation.IDENTITY, mu);
        Tensor perUnit = s.zeros(1, 2);
        s.ops().gaussianKl(mu, s.real(1, 2, logs(Q_VARIANCE)), perUnit);
        double kl = Arrays.stream(perUnit.toDoubles()).sum();
        double reconstruction = reconstruction(s, EXAMPLE, mu, x).toDoubles()[0];
        double logLikelihood = -reconstruction - EXAMPLE.spread(Q_VARIANCE);
        outcome.close("KL", KL, kl, TOLERANCE);
        outcome.close("E_q log p(x|z)", EXPECTED_LOG_LIKELIHOOD, logLikelihood, TOLERANCE);
        outcome.close("ELBO", ELBO, logLikelihood - kl, TOLERANCE);
        outcome.close("gap", GAP, EXAMPLE.logDensity(X) - (logLikelihood - kl), TOLERANCE);
    }

    /** Checks with q equal to the posterior, which is diagonal for orthogonal columns of W. */
    private static void exactPosterior(Scratch s, Outcome outcome) {
        int samples = 16;
        LinearGaussian model =
                new LinearGaussian(new double[][] {{1, -1}, {1, 1}, {0.5, 0}}, new double[] {0.1, -0.2, 0.3}, 0.4);
        double[][] xs = {{1, -1, 0.5}, {0.2, 0.4, -0.6}, {-2, 0.3, 1.5}};
        double[][] covariance = model.posteriorCovariance();
        double[] variance = {covariance[0][0], covariance[1][1]};
        double[][] means = Arrays.stream(xs).map(model::posteriorMean).toArray(double[][]::new);
        double[][] logVars = {logs(variance), logs(variance), logs(variance)};
        Tensor[] draws = draw(s, model, xs, means, logVars, samples);
        Tensor logWeights = s.zeros(samples * 3, 1);
        Tensor weights = s.zeros(samples * 3, 1);
        Tensor bound = s.zeros(3, 1);
        s.ops().importanceWeights(draws[0], draws[1], logWeights, weights, bound);
        double[] logWs = logWeights.toDoubles();
        double[] ws = weights.toDoubles();
        for (int r = 0; r < logWs.length; r++) {
            outcome.close("log w[" + r + "]", model.logDensity(xs[r % 3]), logWs[r], TOLERANCE);
            outcome.close("w[" + r + "]", 1.0 / samples, ws[r], TOLERANCE);
        }
        for (int b = 0; b < 3; b++) {
            outcome.close("bound[" + b + "]", model.logDensity(xs[b]), bound.toDoubles()[b], TOLERANCE);
        }
    }

    /** −log p(x given z) and log q(z given x) − log p(z) of samples from q. */
    private static Tensor[] draw(
            Scratch s, LinearGaussian model, double[][] xs, double[][] means, double[][] logVars, int samples) {
        int batch = xs.length;
        int latents = model.latents();
        Tensor mu = s.real(batch, latents, Gradients.concat(means));
        Tensor logVar = s.real(batch, latents, Gradients.concat(logVars));
        Tensor z = s.zeros(samples * batch, latents);
        Tensor sampledKl = s.zeros(samples * batch, 1);
        NoiseSource noise = NoiseSource.perStep(3, NoiseStream.EVALUATION, s.clock(0, 0, 0, 0));
        s.ops().reparameterize(mu, logVar, noise, z, null, sampledKl);
        Tensor x = s.real(batch, model.inputs(), Gradients.concat(xs));
        return new Tensor[] {reconstruction(s, model, z, x), sampledKl};
    }

    /**
     * Checks nested draws: the bound of 2k samples is log ½(exp L + exp L′) of its halves' bounds, hence at least their
     * mean (Burda et al. 2016, theorem 1, without the expectation).
     */
    private static void nestedDraws(Scratch s, Outcome outcome) {
        int batch = 5;
        int samples = 64;
        Draw draw = new Draw(5);
        double[][] xs = new double[batch][];
        double[][] means = new double[batch][];
        double[][] logVars = new double[batch][];
        for (int b = 0; b < batch; b++) {
            xs[b] = draw.normal(3);
            means[b] = draw.normal(2, 0, 0.3);
            logVars[b] = logs(Q_VARIANCE);
        }
        Tensor[] draws = draw(s, EXAMPLE, xs, means, logVars, samples);
        for (int k = 1; 2 * k <= samples; k *= 2) {
            for (int first = 0; first < samples; first += 2 * k) {
                double[] low = bounds(s, draws, first, k, batch);
                double[] high = bounds(s, draws, first + k, k, batch);
                double[] both = bounds(s, draws, first, 2 * k, batch);
                for (int b = 0; b < batch; b++) {
                    String name = "bound of samples %d to %d, example %d".formatted(first, first + 2 * k - 1, b);
                    double larger = Math.max(low[b], high[b]);
                    double smaller = Math.min(low[b], high[b]);
                    double expected = larger + Math.log1p(Math.exp(smaller - larger)) - Math.log(2);
                    outcome.close(name, expected, both[b], TOLERANCE);
                    if (!(both[b] >= 0.5 * (low[b] + high[b]) - TOLERANCE)) {
                        outcome.fail(Failure.BOUND, name + " is below the mean of its halves");
                    }
                }
            }
        }
    }

    private static double[] bounds(Scratch s, Tensor[] draws, int first, int samples, int batch) {
        Tensor reconstruction = draws[0].rows(first * batch, samples * batch);
        Tensor sampledKl = draws[1].rows(first * batch, samples * batch);
        Tensor bound = s.zeros(batch, 1);
        s.ops().importanceWeights(reconstruction, sampledKl, null, null, bound);
        return bound.toDoubles();
    }

    private static void optimum(Scratch s, Outcome outcome) {
        Draw draw = new Draw(7);
        Tensor output = s.real(6, 5, draw.normal(30));
        Tensor x = s.real(3, 5, draw.normal(15));
        Tensor logVar = s.zeros(1, 1);
        Tensor dLogVar = s.zeros(1, 1);
        s.ops().optimalLogVar(output, x, logVar);
        s.ops().gaussianLoss(output, x, logVar, null, 1, null, null, dLogVar);
        outcome.close("dLogVar", 0, dLogVar.toDoubles()[0], TOLERANCE);
    }

    /** Bias correction makes m̂ = g and v̂ = g², so each step is lr g / (|g| + ε). */
    private static void constantGradient(Scratch s, Outcome outcome) {
        int steps = 20;
        double learningRate = 0.01;
        AdamSettings settings = new AdamSettings(0.9, 0.999, 1e-3);
        double[] gradient = {1, -0.5, 0.01, -1e-3, 1e-5};
        double[] rows = AdamCases.schedule(settings, steps, learningRate);
        int n = gradient.length;
        Schedule schedule = new Schedule(s.real(steps, Schedule.COLUMNS, rows), s.clock(1, 0, 0, 0));
        Tensor parameters = s.zeros(1, n);
        Tensor g = s.real(1, n, gradient);
        Tensor m = s.zeros(1, n);
        Tensor v = s.zeros(1, n);
        for (int t = 0; t < steps; t++) {
            s.ops().adam(parameters, g, m, v, schedule, settings);
            s.ops().advance(schedule.clock(), 1, 0, 1, 0);
        }
        double[] moved = parameters.toDoubles();
        for (int i = 0; i < n; i++) {
            double step = learningRate * gradient[i] / (Math.abs(gradient[i]) + settings.epsilon());
            outcome.close("parameters[" + i + "]", -steps * step, moved[i], TOLERANCE);
        }
    }
}
