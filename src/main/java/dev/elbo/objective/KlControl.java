package dev.elbo.objective;

import dev.elbo.backend.KlWeighting;
import dev.elbo.net.Activations;
import dev.elbo.tensor.Tensor;
import java.util.Optional;
import java.util.function.Function;

/** Control of the KL term beyond its scheduled weight: none, free bits, a constraint, or a capacity. */
public sealed interface KlControl {
    /** No control: the weight is the schedule's. */
    KlControl NONE = new Scheduled();

    /** {@return the form in which files store it} */
    StoredForm stored();

    /** {@return whether steps need {@link KlControlState}} */
    default boolean isAdaptive() {
        return false;
    }

    /**
     * {@return the target of the constrained quantity at a step, counted from 1; 0 without one}
     *
     * @param step number of the step, from 1
     * @param stepsPerEpoch batches of an epoch
     */
    default double target(long step, int stepsPerEpoch) {
        return 0;
    }

    /**
     * {@return the mean that sets the step's weight; empty if it is the schedule's}
     *
     * @param divergence what the objective takes for the KL divergence, one row after the other
     */
    default Optional<BatchMean> weight(Function<Activations, Tensor> divergence) {
        return Optional.empty();
    }

    /** {@return the means that take gradients of μ and log σ² back; empty if none are} */
    default Optional<BatchMean> floor() {
        return Optional.empty();
    }

    /**
     * {@return the term of the loss in place of the divergence, 1 × 1, once {@link #floor} is applied; null: the divergence}
     *
     * @param a of the batch or a shard of it
     */
    default Tensor klTerm(Activations a) {
        return null;
    }

    /**
     * {@return the value to subtract from {@code reconstruction + β KL} to get the loss}
     *
     * @param beta of the step
     * @param target of the step, {@link #target}
     */
    default double lossOffset(double beta, double target) {
        return 0;
    }

    /** The scheduled weight alone. */
    record Scheduled() implements KlControl {
        @Override
        public StoredForm stored() {
            return StoredForm.of("Scheduled");
        }
    }

    /**
     * Each unit's KL divergence counts only above a floor (Kingma et al. 2016, eq. 15).
     *
     * @param nats of a unit, mean over the batch
     */
    record FreeBits(double nats) implements KlControl {
        public FreeBits {
            if (!(nats > 0) || Double.isInfinite(nats)) {
                throw new IllegalArgumentException("KlControl.FreeBits must be above 0 nats, not " + nats);
            }
        }

        @Override
        public StoredForm stored() {
            return StoredForm.of("FreeBits", "nats", nats);
        }

        @Override
        public Optional<BatchMean> floor() {
            return Optional.of(new UnitDivergence(nats));
        }

        @Override
        public Tensor klTerm(Activations a) {
            return a.klTerm();
        }
    }

    /** The constrained quantity of a {@link Constrained} objective. */
    enum Quantity {
        /** Minimise the reconstruction subject to KL ≤ target. */
        KL,
        /** Minimise the KL divergence subject to reconstruction ≤ target. */
        RECONSTRUCTION
    }

    /**
     * The constrained form with a Lagrange multiplier (Rezende and Viola 2018): of the reconstruction's constraint, β is the
     * inverse of the multiplier, which has the same minimum.
     *
     * @param quantity that is held at the target
     * @param target nats per example
     * @param rate of the ascent on log β, in 1 / nat
     */
    record Constrained(Quantity quantity, double target, double rate) implements KlControl {
        /** The default rate, at which the multiplier settles within an epoch or two of common data. */
        public static final double RATE = 2e-3;

        public Constrained {
            if (!Double.isFinite(target) || quantity == Quantity.KL && target <= 0) {
                throw new IllegalArgumentException("KlControl.Quantity." + quantity + ": the target must be "
                        + (quantity == Quantity.KL ? "above 0" : "finite") + ", not " + target);
            }
            if (!(rate > 0) || Double.isInfinite(rate)) {
                throw new IllegalArgumentException("KlControl.Constrained.rate must be above 0, not " + rate);
            }
        }

        @Override
        public StoredForm stored() {
            String held = quantity == Quantity.KL ? "KL" : "RECONSTRUCTION";
            return StoredForm.of("Bounded", "quantity", held, "target", target, "rate", rate);
        }

        @Override
        public boolean isAdaptive() {
            return true;
        }

        @Override
        public double target(long step, int stepsPerEpoch) {
            return target;
        }

        @Override
        public Optional<BatchMean> weight(Function<Activations, Tensor> divergence) {
            boolean isKl = quantity == Quantity.KL;
            Function<Activations, Tensor> held = isKl ? divergence : Activations::reconstruction;
            return Optional.of(new HeldQuantity(held, KlWeighting.MULTIPLIER, isKl ? rate : -rate));
        }
    }

    /**
     * {@code γ |KL − C|} with a capacity C that grows (Burgess et al. 2018, eq. 8).
     *
     * @param nats C in the end
     * @param epochs over which it grows linearly from 0
     * @param weight γ
     */
    record Capacity(double nats, double epochs, double weight) implements KlControl {
        public Capacity {
            if (!(nats > 0 && epochs >= 0 && weight > 0) || Double.isInfinite(nats) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("capacity of " + nats + " nats over " + epochs + " epochs, weight "
                        + weight + "; nats and weight must be finite and above 0, epochs at least 0");
            }
        }

        @Override
        public StoredForm stored() {
            return StoredForm.of("Capacity", "nats", nats, "epochs", epochs, "weight", weight);
        }

        @Override
        public boolean isAdaptive() {
            return true;
        }

        @Override
        public double target(long step, int stepsPerEpoch) {
            double growth = epochs * stepsPerEpoch;
            return step < growth ? nats * step / growth : nats;
        }

        @Override
        public Optional<BatchMean> weight(Function<Activations, Tensor> divergence) {
            return Optional.of(new HeldQuantity(divergence, KlWeighting.CAPACITY, weight));
        }

        @Override
        public double lossOffset(double beta, double target) {
            return beta * target;
        }
    }
}
