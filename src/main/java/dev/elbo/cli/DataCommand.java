package dev.elbo.cli;

import dev.elbo.data.Datasets;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "data",
        description = "Lists, fetches and describes data sets.",
        mixinStandardHelpOptions = true,
        subcommands = DataInfoCommand.class,
        synopsisSubcommandLabel = "(list | fetch | info)")
final class DataCommand {
    @Spec
    private CommandSpec spec;

    @Command(
            name = "list",
            description = "Lists the named data sets and where they are.",
            mixinStandardHelpOptions = true)
    void list() {
        PrintWriter out = spec.commandLine().getOut();
        for (Datasets.Listing listing : Datasets.standard().list()) {
            out.println(Text.format(
                    "%-15s %s; licence: %s; %s",
                    listing.name(),
                    listing.description(),
                    listing.licence(),
                    listing.where().orElse(listing.downloadable() ? "not here, can be fetched" : "not here")));
        }
    }

    @Command(
            name = "fetch",
            description = "Downloads a data set unless it is already here.",
            mixinStandardHelpOptions = true)
    void fetch(@Parameters(paramLabel = "NAME", description = "Name from the list.") String name) {
        String where = Datasets.standard()
                .fetch(name, new DownloadLine(spec.commandLine().getErr()));
        spec.commandLine().getOut().println(name + ": " + where);
    }
}
