package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.bench.KernelBench;
import dev.elbo.bench.KernelRow;
import dev.elbo.bench.Report;
import dev.elbo.error.ElboException;
import dev.elbo.io.Version;
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
        name = "kernels",
        description = {
            "Times every operation: cold, with no operand in a cache, and hot, repeated. GB/s and TFLOP/s are what an"
                    + " operation must move and compute at least over its time; copy and product are their shares of the"
                    + " rates of the same run; floor is the time at those rates over the cold time.",
            "An operation that 'elbo verify' does not find right is not timed, and the exit code is 6."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchKernelsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--op", paramLabel = "NAME", description = "Only this operation.")
    private String op;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            defaultValue = "0",
            description = "What an operation at its large size moves (default: 2 GiB on a GPU, or a quarter of what is"
                    + " free there; 256 MiB on the cpu backend).")
    private long bytes;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file too.")
    private Path file;

    @Override
    public Integer call() {
        if (op != null && !KernelBench.ops().contains(op)) {
            throw ElboException.usage("--op '" + op + "' is none of " + String.join(", ", KernelBench.ops()));
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Backend backend = backendOptions.open(err);
                Backend oracle = Backends.reference()) {
            MeasuredRates measured = MeasuredRates.of(backend, backendOptions, bytes, out, err);
            out.println(KernelRow.HEADER);
            out.flush();
            KernelBench bench = new KernelBench(backend, oracle, measured.settings(), measured.own());
            List<KernelRow> rows = bench.run(op, new KernelBench.Listener() {
                @Override
                public void verifying(String name) {
                    say(err, "verifying " + name);
                }

                @Override
                public void next(String what, int number, int total) {
                    say(err, number + " of " + total + ": " + what);
                }

                @Override
                public void done(KernelRow row) {
                    out.println(OptionNames.in(row.line(measured.own())));
                    out.flush();
                }
            });
            if (file != null) {
                new Report(backend, Version.current(), BenchCommand.line(spec))
                        .add(measured.toJson())
                        .add(bench.toJson(rows))
                        .write(file);
            }
            boolean wrong = rows.stream().anyMatch(KernelRow::isWrong);
            return wrong ? ElboException.Kind.NUMERIC.exitCode() : 0;
        }
    }

    private static void say(PrintWriter err, String what) {
        err.println(what);
        err.flush();
    }
}
