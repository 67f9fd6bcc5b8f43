package dev.elbo.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = "Shows what the theory says, with real numbers.",
        mixinStandardHelpOptions = true,
        subcommands = PosteriorCommand.class,
        synopsisSubcommandLabel = "(posterior)")
final class DemoCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing: posterior");
    }
}
