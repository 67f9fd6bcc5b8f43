package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.bench.Report;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The backend and the report file of a benchmark. */
final class BenchOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private BackendOptions backend;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the results to this file.")
    private Path file;

    BackendOptions backend() {
        return backend;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    Backend open() {
        return backend.open(err());
    }

    Report report(Backend measured) {
        return report(measured, spec);
    }

    /** {@return a report that names the whole command line} */
    static Report report(Backend measured, CommandSpec spec) {
        return new Report(
                measured,
                "elbo "
                        + String.join(
                                " ", spec.root().commandLine().getParseResult().originalArgs()));
    }

    void write(Report report, JsonObject... results) {
        if (file != null) {
            for (JsonObject some : results) {
                report.add(some);
            }
            report.write(file);
        }
    }
}
