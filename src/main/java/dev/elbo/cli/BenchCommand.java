package dev.elbo.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description = {
            "Times operations, a training step, inference, how training grows, or the opening of a backend, on this machine;"
                    + " operations and steps beside the rates of a plain copy and of products in the same run.",
            "A test device is refused: its times say nothing."
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
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "missing what to time: kernels, step, inference, growth or open");
    }

    /** The whole command line as it was given. */
    static String line(CommandSpec spec) {
        return "elbo "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }
}
