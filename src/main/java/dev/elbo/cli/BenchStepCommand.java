package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.bench.Report;
import dev.elbo.bench.StepBench;
import dev.elbo.bench.StepOptions;
import dev.elbo.bench.StepResult;
import dev.elbo.io.Version;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "step",
        description = {
            "Times a training step as 'elbo train' makes it, on random data: by the device's clock, by the wall clock,"
                    + " and what it costs the host; and compares the loss after some steps with the float64 reference's."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchStepCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--preset",
            paramLabel = "P",
            description = "small (784-400-20, batch 128), large (4096-4096-512, batch 4096) or iwae50 (784-200-200-50,"
                    + " tanh, batch 20, 50 samples) instead of the options up to --samples.")
    private String preset;

    @Option(names = "--inputs", paramLabel = "D", description = "Values of an example (default: 784).")
    private Integer inputs;

    @Option(names = "--hidden", paramLabel = "N,..", split = ",", description = "Hidden layers (default: 400).")
    private List<Integer> hidden;

    @Option(names = "--latent", paramLabel = "J", description = "Latent units (default: 20).")
    private Integer latent;

    @Option(names = "--activation", paramLabel = "A", description = "As of 'elbo train' (default: relu).")
    private String activation;

    @Option(names = "--batch", paramLabel = "N", description = "Examples of a step (default: 128).")
    private Integer batch;

    @Option(names = "--objective", paramLabel = "O", description = "vae or iwae (default: vae).")
    private String objective;

    @Option(
            names = "--samples",
            paramLabel = "K",
            description = "Latent samples of each example (default: 1, and 5 with --objective iwae).")
    private Integer samples;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            defaultValue = "gaussian",
            description = "As of 'elbo train' (default: ${DEFAULT-VALUE}).")
    private String likelihood;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "40",
            description = "Epochs that are measured, after two that warm up (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--data-on-device",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "yes, no (streamed) or auto, as of 'elbo train' (default: ${DEFAULT-VALUE}).")
    private String onDevice;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file too.")
    private Path file;

    @Override
    public Integer call() {
        StepOptions options;
        try {
            options = options();
        } catch (IllegalArgumentException e) {
            throw OptionNames.refusal(e);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Backend backend = backendOptions.open(err);
                Backend oracle = Backends.reference()) {
            MeasuredRates measured = MeasuredRates.of(backend, backendOptions, 0, out, err);
            StepResult result = new StepBench(backend, options, measured.own()).run(oracle, what -> {
                err.println(what);
                err.flush();
            });
            result.lines().forEach(out::println);
            if (file != null) {
                new Report(backend, Version.current(), BenchCommand.line(spec))
                        .add(measured.toJson())
                        .add(result.toJson())
                        .write(file);
            }
        }
        return 0;
    }

    private StepOptions options() {
        Likelihood chosen = Likelihood.of(likelihood);
        if (preset != null) {
            if (inputs != null
                    || hidden != null
                    || latent != null
                    || activation != null
                    || batch != null
                    || objective != null
                    || samples != null) {
                throw new IllegalArgumentException("preset says what the step is; leave out the options of its shape");
            }
            return StepOptions.preset(preset, chosen, rounds).with(DataOptions.placement(onDevice));
        }
        VaeSpec model = new VaeSpec(
                inputs == null ? 784 : inputs,
                hidden == null ? List.of(400) : hidden,
                latent == null ? 20 : latent,
                Activation.of(activation == null ? "relu" : activation),
                chosen,
                false,
                true);
        return new StepOptions(
                model, chooseObjective(), batch == null ? 128 : batch, DataOptions.placement(onDevice), rounds);
    }

    private Objective chooseObjective() {
        String name = objective == null ? "vae" : objective;
        return switch (name) {
            case "vae" -> new Elbo(samples == null ? 1 : samples, KlMode.ANALYTIC);
            case "iwae" -> Objectives.iwae(samples == null ? 5 : samples);
            default -> throw new IllegalArgumentException("objective '" + name + "' is none of vae, iwae");
        };
    }
}
