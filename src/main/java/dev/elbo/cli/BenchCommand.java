package dev.elbo.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "bench",
        description = {
            "Times operations, a training step, inference, growing trainings, or the opening of a backend, on"
                    + " this machine; operations and steps beside the rates of a plain copy and of products in the same"
                    + " run.",
            "Refuses test devices, whose times are meaningless."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchKernelsCommand.class,
            BenchStepCommand.class,
            BenchInferenceCommand.class,
            BenchGrowthCommand.class,
            BenchOpenCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class BenchCommand {}
