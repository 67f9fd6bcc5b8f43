package dev.elbo.cli;

import dev.elbo.backend.KlMode;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.ImportanceWeighted;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Reconstruction;
import dev.elbo.train.KlWeight;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The training objective. */
final class ObjectiveOptions {
    private static final List<String> NAMES = List.of("vae", "beta", "constrained", "iwae", "dreg", "ae");

    @Option(
            names = "--objective",
            paramLabel = "O",
            description = "Training objective: vae, beta, constrained, iwae, dreg (iwae with the doubly reparameterized"
                    + " gradient) or ae, the plain autoencoder (default: ${DEFAULT-VALUE}).")
    private String objective = "vae";

    @Option(
            names = "--beta",
            paramLabel = "B",
            description =
                    "Weight of the KL divergence (default: 1, or 4 with --objective beta); with --capacity, weight of"
                            + " its distance from the capacity.")
    private Double beta;

    @Option(
            names = "--beta-warmup",
            paramLabel = "EPOCHS",
            description = "Epochs over which the weight of the KL divergence grows linearly to --beta (default: 0).")
    private double betaWarmup;

    @Option(
            names = "--samples",
            paramLabel = "K",
            description = "Latent samples per example (default: 1, or 5 with --objective iwae and dreg).")
    private Integer samples;

    @Option(
            names = "--kl",
            paramLabel = "M",
            description = "KL divergence in the loss: analytic or sampled (default: ${DEFAULT-VALUE}).")
    private String kl = "analytic";

    @Option(
            names = "--kl-target",
            paramLabel = "NATS",
            description =
                    "Minimise the reconstruction with a KL divergence of at most this; needs --objective constrained.")
    private Double klTarget;

    @Option(
            names = "--reconstruction-target",
            paramLabel = "NATS",
            description =
                    "Minimise the KL divergence with a reconstruction of at most this; needs --objective constrained.")
    private Double reconstructionTarget;

    @Option(
            names = "--multiplier-rate",
            paramLabel = "R",
            description =
                    "Learning rate of the Lagrange multiplier, applied to its logarithm, in 1/nat per step (default: "
                            + KlControl.Constrained.RATE + ").")
    private Double multiplierRate;

    @Option(
            names = "--free-bits",
            paramLabel = "NATS",
            description = "Threshold below which a unit's KL divergence does not count; needs --objective vae or beta.")
    private Double freeBits;

    @Option(
            names = "--capacity",
            paramLabel = "NATS",
            description =
                    "Final capacity: the KL divergence is held at a capacity that grows to this; needs --objective"
                            + " beta.")
    private Double capacity;

    @Option(
            names = "--capacity-epochs",
            paramLabel = "EPOCHS",
            description = "Epochs over which the capacity grows linearly from 0 (default: 10).")
    private Double capacityEpochs;

    String name() {
        return objective;
    }

    String kl() {
        return kl;
    }

    boolean isPlain() {
        return objective.equals("ae");
    }

    void bePlain() {
        objective = "ae";
    }

    KlWeight klWeight() {
        return new KlWeight(weight(), betaWarmup);
    }

    private double weight() {
        return beta != null ? beta : objective.equals("beta") ? 4 : 1;
    }

    /** @throws IllegalArgumentException for options that do not go together */
    Objective objective() {
        Check.oneOf("--objective", objective, NAMES);
        boolean weighted = objective.equals("vae") || objective.equals("beta");
        only(weighted, "--objective vae or beta", "beta", beta);
        only(weighted, "--objective vae or beta", "beta-warmup", betaWarmup == 0 ? null : betaWarmup);
        only(weighted, "--objective vae or beta", "free-bits", freeBits);
        only(objective.equals("beta"), "--objective beta", "capacity", capacity);
        only(capacity != null, "--capacity", "capacity-epochs", capacityEpochs);
        boolean constrained = objective.equals("constrained");
        only(constrained, "--objective constrained", "kl-target", klTarget);
        only(constrained, "--objective constrained", "reconstruction-target", reconstructionTarget);
        only(constrained, "--objective constrained", "multiplier-rate", multiplierRate);
        KlMode mode = mode();
        only(
                weighted || constrained,
                "--objective vae, beta or constrained",
                "kl",
                mode == KlMode.ANALYTIC ? null : kl);
        if (samples != null && isPlain()) {
            throw new IllegalArgumentException("samples does not apply to --objective ae, which draws none");
        }
        boolean importance = objective.equals("iwae") || objective.equals("dreg");
        int given = samples == null ? importance ? 5 : 1 : samples;
        if (isPlain()) {
            return new Reconstruction();
        }
        return importance
                ? new ImportanceWeighted(given, objective.equals("dreg"))
                : new Elbo(given, mode, control(constrained));
    }

    private KlMode mode() {
        return switch (kl) {
            case "analytic" -> KlMode.ANALYTIC;
            case "sampled" -> KlMode.SAMPLED;
            default -> throw Check.none("--kl", kl, "analytic, sampled");
        };
    }

    private KlControl control(boolean constrained) {
        List<KlControl> controls = new ArrayList<>();
        double rate = multiplierRate == null ? KlControl.Constrained.RATE : multiplierRate;
        if (klTarget != null) {
            controls.add(new KlControl.Constrained(KlControl.Quantity.KL, klTarget, rate));
        }
        if (reconstructionTarget != null) {
            controls.add(new KlControl.Constrained(KlControl.Quantity.RECONSTRUCTION, reconstructionTarget, rate));
        }
        if (constrained && controls.size() != 1) {
            throw new IllegalArgumentException(
                    "objective constrained needs exactly one of --kl-target and --reconstruction-target");
        }
        if (freeBits != null) {
            controls.add(new KlControl.FreeBits(freeBits));
        }
        if (capacity != null) {
            controls.add(new KlControl.Capacity(capacity, capacityEpochs == null ? 10 : capacityEpochs, weight()));
        }
        if (controls.size() > 1) {
            throw new IllegalArgumentException("free-bits and --capacity exclude each other");
        }
        return controls.isEmpty() ? KlControl.NONE : controls.get(0);
    }

    private static void only(boolean allowed, String where, String option, Object given) {
        if (given != null && !allowed) {
            throw new IllegalArgumentException(option + " needs " + where);
        }
    }
}
