package dev.elbo.cli;

import picocli.CommandLine.Command;

@Command(
        name = "demo",
        description = "Demonstrates the theory with real numbers.",
        mixinStandardHelpOptions = true,
        subcommands = PosteriorCommand.class,
        synopsisSubcommandLabel = "(posterior)")
final class DemoCommand {}
