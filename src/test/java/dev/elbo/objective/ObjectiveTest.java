package dev.elbo.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.TinyModel;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ObjectiveTest {
    private static final int BATCH = 5;

    private static VaeSpec spec(List<Integer> hidden, Component likelihood, boolean perDimension, boolean stochastic) {
        return VaeSpec.mlp(
                4,
                hidden,
                2,
                Activation.TANH,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                stochastic);
    }

    static Stream<Arguments> everyLikelihoodWithEveryObjective() {
        List<Arguments> cases = new ArrayList<>();
        List<Objective> objectives = List.of(
                Objectives.vae(),
                new Elbo(3, KlMode.ANALYTIC),
                new Elbo(1, KlMode.SAMPLED),
                new Elbo(3, KlMode.SAMPLED),
                Objectives.iwae(1),
                Objectives.iwae(3),
                new Elbo(1, KlMode.ANALYTIC, new KlControl.FreeBits(0.05)),
                Objectives.autoencoder());
        List<List<Integer>> depths = List.of(List.of(), List.of(3), List.of(3, 5));
        for (Component likelihood : TinyModel.likelihoods()) {
            for (boolean perDimension : new boolean[] {false, true}) {
                if (perDimension && !likelihood.equals(Likelihood.GAUSSIAN_LEARNED)) {
                    continue;
                }
                for (Objective objective : objectives) {
                    boolean stochastic = !(objective instanceof Reconstruction);
                    double beta = objective instanceof Elbo ? 0.7 : 1;
                    List<Integer> hidden = depths.get(cases.size() % depths.size());
                    cases.add(Arguments.of(spec(hidden, likelihood, perDimension, stochastic), objective, beta));
                }
            }
        }
        return cases.stream();
    }

    /** 4-point differences: their error at this step is far below 1e-9 of a gradient of order one. */
    @ParameterizedTest
    @MethodSource("everyLikelihoodWithEveryObjective")
    void gradientsAreThoseOfTheLoss(VaeSpec spec, Objective objective, double beta) {
        try (Backend backend = new ReferenceBackend();
                TinyModel model = new TinyModel(backend, spec, BATCH, objective.samples())) {
            model.setBeta(beta);
            Activations a = model.activations(objective);
            model.step(objective, a);
            Loss loss = loss(model, objective, a);
            for (String name : model.parameters.names()) {
                double[] gradient = model.gradients.tensor(name).toDoubles();
                double[] differences = differences(model.parameters.tensor(name), loss);
                model.step(objective, a);
                assertTrue(norm(differences) > 1e-4, name + " tells nothing");
                double error = norm(minus(gradient, differences)) / norm(differences);
                assertTrue(error < 1e-9, name + ": " + error);
            }
        }
    }

    private interface Loss {
        double value();
    }

    /**
     * The loss that is minimised, by the metrics of a step. Only the bound under gaussian-optimal is not differentiated
     * through its variance: that is held where it was.
     */
    private static Loss loss(TinyModel model, Objective objective, Activations a) {
        if (!(objective instanceof ImportanceWeighted)
                || !model.spec.likelihood().equals(Likelihood.GAUSSIAN_OPTIMAL)) {
            return () -> model.step(objective, a);
        }
        model.vae.storeLogVar(a.outputLogVar().toDoubles()[0]);
        Activations held = model.own(model.vae.allocate(BATCH, objective.samples(), false));
        return () -> {
            model.vae.encode(model.x, held);
            model.vae.sample(held, NoiseSource.given(model.noise));
            model.vae.decode(held);
            model.vae.lossRows(model.x, held);
            model.vae
                    .backend()
                    .ops()
                    .importanceWeights(held.reconstruction(), held.sampledKl(), null, null, held.bound());
            return -Arrays.stream(held.bound().toDoubles()).average().orElseThrow();
        };
    }

    private static double[] differences(Tensor parameter, Loss loss) {
        double h = 1e-3;
        double[] values = parameter.toDoubles();
        double[] found = new double[values.length];
        double[] points = {-2 * h, -h, h, 2 * h};
        double[] weights = {1, -8, 8, -1};
        for (int i = 0; i < values.length; i++) {
            for (int p = 0; p < points.length; p++) {
                double[] moved = values.clone();
                moved[i] += points[p];
                parameter.write(moved);
                found[i] += weights[p] * loss.value() / (12 * h);
            }
        }
        parameter.write(values);
        return found;
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = a.clone();
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return difference;
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    void oneImportanceSampleIsTheElboBitForBit(Component likelihood) {
        try (Backend backend = new ReferenceBackend();
                TinyModel model = new TinyModel(backend, spec(List.of(3), likelihood, false, true), BATCH, 1)) {
            for (double beta : new double[] {1, 0.3}) {
                model.setBeta(beta);
                Objective elbo = new Elbo(1, KlMode.SAMPLED);
                model.step(elbo, model.activations(elbo));
                double[] wanted = model.gradients.flat().toDoubles();
                model.gradients.flat().write(new double[wanted.length]);
                Objective bound = Objectives.iwae(1);
                model.step(bound, model.activations(bound));
                assertArrayEquals(wanted, model.gradients.flat().toDoubles());
            }
        }
    }

    static List<Component> likelihoods() {
        return TinyModel.likelihoods();
    }

    @ParameterizedTest
    @MethodSource("everyLikelihoodWithEveryObjective")
    void aRecordedStepIsTheStepAndAddsNothing(VaeSpec spec, Objective objective, double beta) {
        try (Backend backend = new ReferenceBackend();
                TinyModel model = new TinyModel(backend, spec, BATCH, objective.samples())) {
            model.setBeta(beta);
            Activations a = model.activations(objective);
            double loss = model.step(objective, a);
            double[] direct = model.gradients.flat().toDoubles();
            double[] poison = direct.clone();
            Arrays.fill(poison, Double.NaN);
            int open = backend.openBuffers().size();
            try (Program program = backend.record(() -> objective.step(Shard.whole(
                    model.vae,
                    a,
                    model.x,
                    NoiseSource.given(model.noise),
                    model.schedule,
                    model.gradients,
                    model.metrics,
                    null)))) {
                model.metrics.write(new double[model.metrics.cols()]);
                for (String name : model.gradients.names()) {
                    model.gradients.tensor(name).write(poison);
                }
                program.run();
                program.run();
            }
            assertEquals(loss, model.metrics.toDoubles()[0]);
            assertArrayEquals(direct, model.gradients.flat().toDoubles());
            assertEquals(open, backend.openBuffers().size(), "a step allocated");
        }
    }

    /** The decoder's gradient is the same draw by draw; the encoder's in expectation only, and with less variance. */
    @Test
    void theDoublyReparameterizedGradientIsThatOfTheBound() {
        int draws = 3000;
        try (Backend backend = new ReferenceBackend();
                TinyModel model =
                        new TinyModel(backend, spec(List.of(3), Likelihood.BERNOULLI, false, true), BATCH, 4)) {
            Objective plain = Objectives.iwae(4);
            Objective doubly = Objectives.dreg(4);
            Activations a = model.activations(plain);
            int n = (int) model.gradients.flat().size();
            double[] sum = new double[n];
            double[] squares = new double[n];
            double[][] spread = new double[2][2];
            for (int draw = 0; draw < draws; draw++) {
                model.noise.write(TinyModel.normals(1000 + draw, (int) model.noise.size()));
                model.step(plain, a);
                double[] first = model.gradients.flat().toDoubles();
                double[] decoder = model.gradients.tensor("decoder.0.weight").toDoubles();
                double mu = model.gradients.tensor("mu.weight").toDoubles()[0];
                model.step(doubly, a);
                double[] second = model.gradients.flat().toDoubles();
                assertArrayEquals(
                        decoder, model.gradients.tensor("decoder.0.weight").toDoubles());
                double[] weights = {mu, model.gradients.tensor("mu.weight").toDoubles()[0]};
                for (int k = 0; k < 2; k++) {
                    spread[k][0] += weights[k] / draws;
                    spread[k][1] += weights[k] * weights[k] / draws;
                }
                for (int i = 0; i < n; i++) {
                    double difference = second[i] - first[i];
                    sum[i] += difference;
                    squares[i] += difference * difference;
                }
            }
            int differing = 0;
            for (int i = 0; i < n; i++) {
                double error = Math.sqrt(squares[i]);
                differing += squares[i] > 0 ? 1 : 0;
                assertTrue(Math.abs(sum[i]) <= 5 * error, "element " + i + ": " + sum[i] + " of " + error);
            }
            assertTrue(differing > 10, "the encoder's gradients differ draw by draw: " + differing);
            assertTrue(
                    spread[1][1] - spread[1][0] * spread[1][0] < spread[0][1] - spread[0][0] * spread[0][0],
                    "less variance");
        }
    }

    @Test
    void theMetricsAreMeansOverTheBatch() {
        try (Backend backend = new ReferenceBackend();
                TinyModel model =
                        new TinyModel(backend, spec(List.of(3), Likelihood.GAUSSIAN_OPTIMAL, false, true), BATCH, 2)) {
            model.setBeta(4);
            Objective objective = new Elbo(2, KlMode.ANALYTIC);
            Activations a = model.activations(objective);
            double loss = model.step(objective, a);
            double reconstruction =
                    Arrays.stream(a.reconstruction().toDoubles()).average().orElseThrow();
            double kl = Arrays.stream(a.kl().toDoubles()).average().orElseThrow();
            double variance = Math.exp(a.outputLogVar().toDoubles()[0]);
            assertArrayEquals(new double[] {loss, reconstruction, kl, variance, 4}, model.metrics.toDoubles(), 1e-12);
            assertEquals(reconstruction + 4 * kl, loss, 1e-12);
            assertEquals(loss, objective.loss(reconstruction, kl, Double.NaN, 4), 1e-12);
        }
    }

    @Test
    void theMetricsOfTheBoundHoldTheClosedFormKl() {
        try (Backend backend = new ReferenceBackend();
                TinyModel model =
                        new TinyModel(backend, spec(List.of(3), Likelihood.GAUSSIAN_LEARNED, true, true), BATCH, 2)) {
            Objective objective = Objectives.iwae(2);
            Activations a = model.activations(objective);
            double loss = model.step(objective, a);
            double bound = Arrays.stream(a.bound().toDoubles()).average().orElseThrow();
            double kl = Arrays.stream(a.kl().toDoubles()).average().orElseThrow();
            assertEquals(-bound, loss, 1e-12);
            assertEquals(loss, objective.loss(Double.NaN, Double.NaN, bound, 1), 1e-12);
            assertEquals(kl, model.metrics.toDoubles()[Metrics.KL], 1e-12);
            assertTrue(Double.isNaN(model.metrics.toDoubles()[Metrics.OUTPUT_VARIANCE]), "there is no single variance");
        }
    }

    @Test
    void modelsAndActivationsOfOtherObjectivesAreRefused() {
        try (Backend backend = new ReferenceBackend();
                TinyModel model =
                        new TinyModel(backend, spec(List.of(3), Likelihood.BERNOULLI, false, true), BATCH, 2)) {
            Objective two = new Elbo(2, KlMode.ANALYTIC);
            Objective three = Objectives.iwae(3);
            Activations a = model.activations(two);
            Activations evaluation = model.own(model.vae.allocate(BATCH, 2, false));
            assertThrows(IllegalArgumentException.class, () -> model.step(three, a));
            assertThrows(IllegalArgumentException.class, () -> model.step(two, evaluation));
            assertThrows(IllegalArgumentException.class, () -> model.step(Objectives.autoencoder(), a));
        }
        assertThrows(IllegalArgumentException.class, () -> new Elbo(0, KlMode.ANALYTIC));
        assertThrows(IllegalArgumentException.class, () -> Objectives.iwae(0));
    }

    @Test
    void metricsMayBeLeftOut() {
        try (Backend backend = new ReferenceBackend();
                TinyModel model =
                        new TinyModel(backend, spec(List.of(3), Likelihood.GAUSSIAN, false, false), BATCH, 1)) {
            Objective objective = Objectives.autoencoder();
            Activations a = model.activations(objective);
            assertNull(a.outputLogVar());
            objective.step(Shard.whole(model.vae, a, model.x, null, model.schedule, model.gradients, null, null));
            assertFalse(Set.of(0.0)
                    .containsAll(Arrays.stream(model.gradients.flat().toDoubles())
                            .boxed()
                            .toList()));
        }
    }
}
