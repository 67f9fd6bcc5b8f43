package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.bench.KernelBench;
import dev.elbo.bench.KernelRow;
import dev.elbo.error.ElboException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "kernels",
        description = {
            "Times every operation: cold, with no operand in a cache, and hot, repeated. GB/s and TFLOP/s are"
                    + " the least that an operation must move and compute, divided by its time; copy and product are"
                    + " their shares of the rates of the same run; floor is the time at those rates divided by the cold"
                    + " time.",
            "An operation that fails 'elbo verify' is not timed, and the exit code is 6."
        })
final class BenchKernelsCommand extends Action {
    @Option(names = "--op", paramLabel = "NAME", description = "Only this operation (default: all).")
    private String op;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            description =
                    "Bytes that an operation at its large size moves (default: 2 GiB on a GPU, or a quarter of its"
                            + " free memory; 256 MiB on the cpu backend).")
    private long bytes;

    @Mixin
    private BenchOptions bench;

    @Override
    public Integer call() {
        if (op != null) {
            Check.oneOf("--op", op, KernelBench.ops());
        }
        try (Backend backend = bench.open();
                Backend oracle = Backends.reference()) {
            MeasuredRates measured = MeasuredRates.of(backend, bench, bytes);
            out().println(KernelRow.HEADER);
            out().flush();
            KernelBench kernels = new KernelBench(backend, oracle, measured.settings(), measured.own());
            List<KernelRow> rows = kernels.run(op, new KernelBench.Listener() {
                @Override
                public void verifying(String name) {
                    err().println("verifying " + name);
                }

                @Override
                public void next(String name, int number, int total) {
                    err().println(number + " of " + total + ": " + name);
                }

                @Override
                public void done(KernelRow row) {
                    out().println(OptionNames.in(row.line(measured.own())));
                    out().flush();
                }
            });
            bench.write(bench.report(backend), measured.toJson(), kernels.toJson(rows));
            boolean wrong = rows.stream().anyMatch(KernelRow::isWrong);
            return wrong ? ElboException.Kind.NUMERIC.exitCode() : 0;
        }
    }
}
