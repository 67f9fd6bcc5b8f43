package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.Likelihood;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.KlControl.Quantity;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is held is held: constrained objectives, capacity, free bits. */
class KlControlStateTest {
    static List<Supplier<Backend>> backends() {
        return List.of(() -> Backends.builder("cpu").threads(2).open(), Backends::reference);
    }

    /** Of so much variance that a unit-variance Gaussian does not collapse. */
    private static Dataset data(int examples, int seed) {
        Dataset data = TrainerTest.data(examples, seed);
        float[] values = data.values();
        for (int i = 0; i < values.length; i++) {
            values[i] *= 8;
        }
        return Dataset.of("rows", values, data.features());
    }

    private static EpochMetrics last(Backend backend, Objective objective, double beta, int epochs) {
        List<EpochMetrics> all = epochs(backend, objective, beta, epochs, 400);
        return all.get(all.size() - 1);
    }

    /** All epochs of a run, half as many held-out examples as examples. */
    static List<EpochMetrics> epochs(Backend backend, Objective objective, double beta, int epochs, int examples) {
        TrainingOptions options = TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(40)
                .learningRate(new LearningRate(1e-2, 0, LearningRate.Decay.LINEAR))
                .klWeight(beta)
                .seed(3)
                .patience(0)
                .dataPlacement(DataPlacement.RESIDENT)
                .build();
        try (backend;
                Trainer trainer = Trainer.builder(
                                backend,
                                TrainerTest.spec(Likelihood.GAUSSIAN, true),
                                Split.of(data(examples, 1), data(examples / 2, 2)))
                        .objective(objective)
                        .options(options)
                        .build()) {
            return trainer.run(TrainingListener.NONE).epochs();
        }
    }

    static Elbo held(KlControl control) {
        return new Elbo(1, KlMode.ANALYTIC, control);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theKlDivergenceStaysAtItsBound(Supplier<Backend> backend) {
        double free = last(backend.get(), Objectives.vae(), 1, 40).train().kl();
        double target = free / 2;
        EpochMetrics held = last(backend.get(), held(new KlControl.Constrained(Quantity.KL, target, 2e-2)), 1, 40);
        assertEquals(target, held.train().kl(), 0.1 * target, "of " + free);
        assertEquals(target, held.target());
        assertTrue(held.beta() > 1, "the multiplier holds it back: " + held.beta());
        double loose = 3 * free;
        EpochMetrics freed = last(backend.get(), held(new KlControl.Constrained(Quantity.KL, loose, 2e-2)), 1, 40);
        assertTrue(freed.beta() < 1, "the multiplier lets it go: " + freed.beta());
        assertTrue(freed.train().reconstruction() < held.train().reconstruction());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theReconstructionStaysAtItsBound(Supplier<Backend> backend) {
        EpochMetrics best = last(backend.get(), Objectives.vae(), 0.01, 120);
        EpochMetrics plain = last(backend.get(), Objectives.vae(), 1, 120);
        double target = (best.train().reconstruction() + plain.train().reconstruction()) / 2;
        EpochMetrics held =
                last(backend.get(), held(new KlControl.Constrained(Quantity.RECONSTRUCTION, target, 5e-2)), 1, 120);
        double range = plain.train().reconstruction() - best.train().reconstruction();
        assertEquals(target, held.train().reconstruction(), 0.25 * range);
        assertTrue(held.beta() < 1, "" + held.beta());
        assertTrue(held.train().kl() < best.train().kl(), "no more KL than it takes");
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theCapacityIsReached(Supplier<Backend> backend) {
        double free = last(backend.get(), Objectives.vae(), 1, 20).train().kl();
        double nats = free / 2;
        EpochMetrics held = last(backend.get(), held(new KlControl.Capacity(nats, 10, 20)), 20, 40);
        assertEquals(nats, held.train().kl(), 0.15 * nats, "of " + free);
        assertEquals(nats, held.target());
        // reconstruction + γ |KL − C|
        assertEquals(
                held.train().reconstruction(),
                held.train().loss(),
                0.05 * held.train().reconstruction());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void freeBitsKeepUnitsAlive(Supplier<Backend> backend) {
        // so strong a weight that every unit collapses without
        double collapsed = last(backend.get(), Objectives.vae(), 30, 20).train().kl();
        EpochMetrics held = last(backend.get(), held(new KlControl.FreeBits(0.2)), 30, 20);
        int units = TrainerTest.spec(Likelihood.GAUSSIAN, true).latent();
        assertTrue(collapsed < 0.05, "" + collapsed);
        assertTrue(held.train().kl() > 0.9 * 0.2 * units, held.train().kl() + " in " + units + " units");
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theDoublyReparameterizedGradientTrains(Supplier<Backend> backend) {
        double iwae = last(backend.get(), Objectives.iwae(5), 1, 20).test().loss();
        double dreg = last(backend.get(), Objectives.dreg(5), 1, 20).test().loss();
        assertEquals(iwae, dreg, 0.05 * Math.abs(iwae));
    }
}
