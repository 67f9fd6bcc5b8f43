package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.LikelihoodEstimate.Bound;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.analysis.ResidentData;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.linalg.Cholesky;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Marginal likelihood and posterior gap of linear models, where both are known in closed form. */
class LikelihoodOracleTest {
    private static final int SAMPLES = 5000;
    /** Of float32 sums, relative. */
    private static final double FLOAT = 1e-5;

    static Stream<Supplier<Backend>> backends() {
        return Stream.of(() -> Backends.open("reference"), () -> Backends.open("cpu"));
    }

    /** A linear Gaussian model with q(z|x) = N(Vx + b, diag(variance)), and examples. */
    private record Problem(LinearGaussian model, double[][] v, double[] b, double[] variance, double[][] xs) {
        double[] q(double[] x) {
            double[] mean = b.clone();
            for (int j = 0; j < mean.length; j++) {
                for (int d = 0; d < x.length; d++) {
                    mean[j] += v[j][d] * x[d];
                }
            }
            return mean;
        }

        double logLikelihood() {
            return Arrays.stream(xs).mapToDouble(model::logDensity).average().orElseThrow();
        }

        double elbo() {
            return Arrays.stream(xs)
                    .mapToDouble(x -> model.elbo(x, q(x), variance))
                    .average()
                    .orElseThrow();
        }

        double gap() {
            return Arrays.stream(xs)
                    .mapToDouble(x -> model.gap(x, q(x), variance))
                    .average()
                    .orElseThrow();
        }

        /** Importance weights have a finite variance only while 2 Σ_q − Σ_posterior is positive definite. */
        Problem withFiniteVariance() {
            double[][] difference = model.posteriorCovariance();
            for (int i = 0; i < difference.length; i++) {
                for (int j = 0; j < difference.length; j++) {
                    difference[i][j] = (i == j ? 2 * variance[i] : 0) - difference[i][j];
                }
            }
            new Cholesky(difference);
            return this;
        }
    }

    private static Problem example() {
        Draw draw = new Draw(3);
        double[][] xs = new double[64][];
        Arrays.setAll(xs, i -> i == 0 ? Oracles.X : draw.normal(3));
        return new Problem(Oracles.EXAMPLE, Oracles.Q_WEIGHT, Oracles.Q_BIAS, Oracles.Q_VARIANCE, xs)
                .withFiniteVariance();
    }

    /** q around the posterior, a bit wide and a bit off. */
    private static Problem random(int seed) {
        Draw draw = new Draw(seed);
        int inputs = 2 + seed % 4;
        int latents = 1 + seed % 2;
        double[][] weight = new double[inputs][];
        Arrays.setAll(weight, d -> draw.normal(latents));
        LinearGaussian model = new LinearGaussian(weight, draw.normal(inputs), 0.5);
        double[][] v = new double[latents][inputs];
        double[] origin = model.posteriorMean(new double[inputs]);
        for (int d = 0; d < inputs; d++) {
            double[] unit = new double[inputs];
            unit[d] = 1;
            double[] moved = model.posteriorMean(unit);
            for (int j = 0; j < latents; j++) {
                v[j][d] = moved[j] - origin[j] + 0.02;
            }
        }
        double[] variance = new double[latents];
        Arrays.setAll(variance, j -> 1.3 * model.posteriorCovariance()[j][j]);
        double[][] xs = new double[40][];
        Arrays.setAll(xs, i -> draw.normal(inputs));
        return new Problem(model, v, origin, variance, xs).withFiniteVariance();
    }

    /** With orthogonal columns of W the posterior is diagonal, and q can be the posterior itself. */
    private static Problem exactPosterior() {
        LinearGaussian model =
                new LinearGaussian(new double[][] {{1, -1}, {1, 1}, {0.5, 0}}, new double[] {0.1, -0.2, 0.3}, 0.4);
        double[] origin = model.posteriorMean(new double[3]);
        double[][] v = new double[2][3];
        for (int d = 0; d < 3; d++) {
            double[] unit = new double[3];
            unit[d] = 1;
            double[] moved = model.posteriorMean(unit);
            v[0][d] = moved[0] - origin[0];
            v[1][d] = moved[1] - origin[1];
        }
        double[][] covariance = model.posteriorCovariance();
        double[][] xs = {{1, -1, 0.5}, {0.25, 0.5, -0.5}, {-2, 0.25, 1.5}};
        return new Problem(model, v, origin, new double[] {covariance[0][0], covariance[1][1]}, xs);
    }

    private interface Use<T> {
        T of(Vae vae, DataSource data);
    }

    private static <T> T use(Supplier<Backend> supplier, Problem problem, Use<T> use) {
        LinearGaussian model = problem.model();
        VaeSpec spec = VaeSpec.mlp(
                model.inputs(), List.of(), model.latents(), Activation.RELU, Likelihood.GAUSSIAN_LEARNED, true);
        float[] values = new float[problem.xs().length * model.inputs()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) problem.xs()[i / model.inputs()][i % model.inputs()];
        }
        Dataset examples = Dataset.of("normals", values, model.inputs());
        try (Backend backend = supplier.get()) {
            try (Arena weights = backend.allocate(Parameters.layout(spec));
                    Vae vae = new Vae(backend, spec, weights);
                    ResidentData data = ResidentData.upload(backend, examples)) {
                weights.tensor("mu.weight").write(flat(problem.v()));
                weights.tensor("mu.bias").write(problem.b());
                weights.tensor("log_var.bias")
                        .write(Arrays.stream(problem.variance()).map(Math::log).toArray());
                weights.tensor("output.weight").write(flat(model.weight()));
                weights.tensor("output.bias").write(model.mean());
                weights.tensor("output.log_var").write(new double[] {Math.log(model.variance())});
                return use.of(vae, data);
            } finally {
                assertTrue(backend.openBuffers().isEmpty(), "open: " + backend.openBuffers());
            }
        }
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static LikelihoodEstimate estimate(Supplier<Backend> supplier, Problem problem) {
        return use(supplier, problem, (vae, data) -> {
            try (MarginalLikelihood likelihood =
                    new MarginalLikelihood(vae, data, SAMPLES, false, 1, MarginalLikelihood.MEMORY)) {
                return likelihood.run("log p(x)", MarginalLikelihood.Progress.NONE);
            }
        });
    }

    private static void isNear(double expected, double value, double error, String what) {
        double rounding = FLOAT * Math.max(1, Math.abs(expected));
        assertTrue(
                Math.abs(value - expected) <= 4 * error + rounding,
                what + " is " + value + " ± " + error + ", not " + expected);
    }

    private static void holds(Supplier<Backend> supplier, Problem problem) {
        LikelihoodEstimate e = estimate(supplier, problem);
        double[] z = new double[e.examples()];
        for (int i = 0; i < z.length; i++) {
            z[i] = e.logLikelihoods()[i] - problem.model().logDensity(problem.xs()[i]);
        }
        // a single example is at most some standard errors off; their mean tells of a bias many times smaller
        double error = e.monteCarloError() * Math.sqrt(e.examples());
        for (int i = 0; i < z.length; i++) {
            isNear(0, z[i], 3 * error, "log p(x), example " + i);
        }
        isNear(problem.logLikelihood(), e.logLikelihood(), e.monteCarloError(), "log p(x)");
        double square = Arrays.stream(z).map(d -> d * d).sum();
        double ratio = square / (e.examples() * error * error);
        assertTrue(ratio > 0.35 && ratio < 2.2, "the errors are " + ratio + " times what they are said to be, squared");
        isNear(problem.elbo(), e.bounds().get(0).value(), e.bounds().get(0).monteCarloError(), "L_1");
        isNear(problem.elbo(), e.elbo(), 3 * e.bounds().get(0).monteCarloError(), "ELBO");
        isNear(problem.gap(), e.gap(), e.gapMonteCarloError(), "gap");
        assertTrue(e.gapMonteCarloError()
                < 0.9 * (e.monteCarloError() + e.bounds().get(0).monteCarloError()));
        fitsTogether(e);
    }

    private static void fitsTogether(LikelihoodEstimate e) {
        assertEquals(
                List.of(1, 5, 50, 500, 5000),
                e.bounds().stream().map(Bound::samples).toList());
        for (int i = 1; i < e.bounds().size(); i++) {
            double rise = e.bounds().get(i).value() - e.bounds().get(i - 1).value();
            assertTrue(rise >= -1e-12, "L_" + e.bounds().get(i).samples() + " falls by " + -rise);
        }
        assertEquals(e.logLikelihood(), e.bounds().get(4).value());
        assertEquals(-e.reconstruction() - e.sampledKl(), e.bounds().get(0).value(), 1e-12);
        assertEquals(e.logLikelihood() - e.bounds().get(0).value(), e.gap(), 1e-12);
        assertTrue(e.gap() >= -1e-15 && e.effective() <= SAMPLES * (1 + 1e-12) && e.leastEffective() >= 1);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theWorkedExample(Supplier<Backend> supplier) {
        assertEquals(Oracles.LOG_DENSITY, example().model().logDensity(example().xs()[0]), 1e-12);
        holds(supplier, example());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void randomModels(Supplier<Backend> supplier) {
        for (int seed = 0; seed < 4; seed++) {
            holds(supplier, random(seed));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void withThePosteriorItselfAllWeightsAreOne(Supplier<Backend> supplier) {
        Problem problem = exactPosterior();
        LikelihoodEstimate e = estimate(supplier, problem);
        double tolerance = use(supplier, problem, (vae, data) -> vae.backend().unitRoundoff()) < 1e-10 ? 1e-9 : FLOAT;
        for (int i = 0; i < 3; i++) {
            assertEquals(problem.model().logDensity(problem.xs()[i]), e.logLikelihoods()[i], tolerance * 10);
        }
        for (Bound bound : e.bounds()) {
            assertEquals(problem.logLikelihood(), bound.value(), tolerance * 10);
            assertTrue(bound.monteCarloError() < tolerance);
        }
        assertEquals(0, e.gap(), tolerance);
        assertTrue(e.gapHalfWidth() < tolerance);
        assertEquals(SAMPLES, e.leastEffective(), SAMPLES * tolerance);
        assertEquals(0, e.unreliable());
        fitsTogether(e);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theUnitsOfALinearModel(Supplier<Backend> supplier) {
        Problem problem = example();
        LatentUnits units = use(supplier, problem, (vae, data) -> LatentUnits.of(vae, data, false, 0));
        int n = problem.xs().length;
        for (int j = 0; j < 2; j++) {
            int unit = j;
            double[] means = Arrays.stream(problem.xs())
                    .mapToDouble(x -> problem.q(x)[unit])
                    .toArray();
            double mean = Arrays.stream(means).sum() / n;
            double variance =
                    Arrays.stream(means).map(m -> (m - mean) * (m - mean)).sum() / n;
            double q = problem.variance()[j];
            double kl = Arrays.stream(means)
                            .map(m -> 0.5 * (m * m + q - 1 - Math.log(q)))
                            .sum()
                    / n;
            assertEquals(mean, units.mean()[j], FLOAT);
            assertEquals(variance, units.meanVariance()[j], FLOAT);
            assertEquals(variance + q, units.variance()[j], FLOAT);
            assertEquals(kl, units.kl()[j], FLOAT);
        }
        assertEquals(2, units.active());
        Problem silent = new Problem(
                problem.model(),
                new double[][] {{0.4, 0.1, 0}, {0, 0, 0}},
                problem.b(),
                problem.variance(),
                problem.xs());
        assertEquals(
                1,
                use(supplier, silent, (vae, data) -> LatentUnits.of(vae, data, false, 0))
                        .active());
    }
}
