package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.bench.StepBench;
import dev.elbo.bench.StepOptions;
import dev.elbo.bench.StepResult;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Kinds;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "step",
        description = "Times a training step as 'elbo train' runs it, on random data: by the device's clock, by the"
                + " wall clock, and its cost on the host. Compares the loss after some steps with that of the"
                + " float64 reference.")
final class BenchStepCommand extends Action {
    /** Options that a preset replaces. */
    private static final List<String> SHAPE =
            List.of("--inputs", "--hidden", "--latent", "--activation", "--batch", "--objective", "--samples");

    @Option(
            names = "--preset",
            paramLabel = "P",
            description =
                    "Replaces the options up to --samples: small (784-400-20, batch 128), large (4096-4096-512, batch"
                            + " 4096), iwae50 (784-200-200-50, tanh, batch 20, 50 samples) or conv (two convolutions,"
                            + " 32 and 64 channels, before 256-20, batch 128).")
    private String preset;

    @Option(names = "--inputs", paramLabel = "D", description = "Values per example (default: 784).")
    private int inputs = 784;

    @Option(
            names = "--hidden",
            paramLabel = "N,..",
            split = ",",
            description = "Units of the encoder's hidden layers (default: 400).")
    private List<Integer> hidden = List.of(400);

    @Option(names = "--latent", paramLabel = "J", description = "Latent units (default: 20).")
    private int latent = 20;

    @Option(names = "--activation", paramLabel = "A", description = "Activation, as for 'elbo train' (default: relu).")
    private String activation = "relu";

    @Option(names = "--batch", paramLabel = "N", description = "Examples per step (default: 128).")
    private int batch = 128;

    @Option(names = "--objective", paramLabel = "O", description = "Training objective: vae or iwae (default: vae).")
    private String objective = "vae";

    @Option(
            names = "--samples",
            paramLabel = "K",
            description = "Latent samples per example (default: 1, or 5 with --objective iwae).")
    private Integer samples;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            description = "Likelihood, as for 'elbo train' (default: ${DEFAULT-VALUE}).")
    private String likelihood = "gaussian";

    @Option(
            names = "--shards",
            paramLabel = "S",
            description = "Logical shards of a step, as for 'elbo train' (default: ${DEFAULT-VALUE}).")
    private int shards = 1;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Measured epochs, after two warm-up epochs (default: ${DEFAULT-VALUE}).")
    private int rounds = 40;

    @Option(
            names = "--data-on-device",
            paramLabel = "WHEN",
            description = "Data placement, as for 'elbo train': auto, yes or no (default: ${DEFAULT-VALUE}).")
    private String onDevice = "auto";

    @Mixin
    private BenchOptions bench;

    @Override
    public Integer call() {
        StepOptions options = Check.usage(this::options);
        try (Backend backend = bench.open();
                Backend oracle = Backends.reference()) {
            MeasuredRates measured = MeasuredRates.of(backend, bench, 0);
            StepResult result = new StepBench(backend, options, measured.own()).run(oracle, err()::println);
            result.lines().forEach(out()::println);
            bench.write(bench.report(backend), measured.toJson(), result.toJson());
        }
        return 0;
    }

    private StepOptions options() {
        Component chosen = Kinds.LIKELIHOODS.component(likelihood);
        if (preset != null) {
            if (SHAPE.stream().anyMatch(this::isGiven)) {
                throw new IllegalArgumentException("preset defines the step; leave out " + String.join(", ", SHAPE));
            }
            return StepOptions.preset(preset, chosen, rounds)
                    .with(DataOptions.placement(onDevice))
                    .withShards(shards);
        }
        VaeSpec model = VaeSpec.mlp(inputs, hidden, latent, Activation.of(activation), chosen, true);
        return new StepOptions(model, chooseObjective(), batch, DataOptions.placement(onDevice), rounds, shards);
    }

    private Objective chooseObjective() {
        return switch (objective) {
            case "vae" -> new Elbo(samples == null ? 1 : samples, KlMode.ANALYTIC);
            case "iwae" -> Objectives.iwae(samples == null ? 5 : samples);
            default -> throw Check.none("--objective", objective, "vae, iwae");
        };
    }
}
