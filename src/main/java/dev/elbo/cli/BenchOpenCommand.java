package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.bench.OpenBench;
import dev.elbo.bench.Report;
import dev.elbo.error.ElboException;
import dev.elbo.io.Version;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "open",
        description = {
            "Times the opening of a backend and its first training steps, closes it, and does the same again in the same"
                    + " process.",
            "Both trainings must leave the same weights, bit for bit; else the exit code is 6."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchOpenCommand implements Callable<Integer> {
    private static final int LIVES = 2;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file too.")
    private Path file;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        List<OpenBench.Life> lives = new ArrayList<>();
        Report[] report = new Report[1];
        // announced by the first opening
        Supplier<Backend> open = () -> lives.isEmpty()
                ? backendOptions.open(err)
                : backendOptions.choose().backend();
        for (int i = 0; i < LIVES; i++) {
            lives.add(OpenBench.live(
                    open, backend -> report[0] = new Report(backend, Version.current(), BenchCommand.line(spec))));
            out.println(lives.get(i).line());
            out.flush();
        }
        JsonObject results = OpenBench.toJson(lives);
        if (file != null) {
            report[0].add(results).write(file);
        }
        long differing = OpenBench.differing(lives.get(0), lives.get(1));
        if (differing > 0) {
            throw ElboException.numeric("the second backend trained to other weights than the first: " + differing
                    + " of " + lives.get(0).weights().length
                    + " differ; run 'elbo verify' with the same options");
        }
        out.println("the same weights, bit for bit");
        return 0;
    }
}
