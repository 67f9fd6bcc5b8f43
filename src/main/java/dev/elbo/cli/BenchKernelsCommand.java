package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Yardstick;
import dev.elbo.bench.BenchSettings;
import dev.elbo.bench.Distribution;
import dev.elbo.bench.KernelBench;
import dev.elbo.bench.KernelRow;
import dev.elbo.bench.Rates;
import dev.elbo.bench.Report;
import dev.elbo.error.ElboException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
                Backend oracle = Backends.oracle()) {
            BenchSettings settings = settings(backend);
            Map<String, Distribution> products = new LinkedHashMap<>();
            say(err, "measuring the rates of a copy and of products");
            Rates rates = Rates.of(backend, settings);
            products.put(backendOptions.precision(), rates.product());
            for (Map.Entry<String, Supplier<Backend>> other :
                    backendOptions.otherPrecisions(backend).entrySet()) {
                try (Backend another = other.getValue().get()) {
                    products.put(other.getKey(), Rates.product(another, settings));
                }
            }
            print(out, backend, settings, rates, products);
            KernelBench bench = new KernelBench(backend, oracle, settings, rates);
            List<KernelRow> rows = bench.run(op, new KernelBench.Listener() {
                @Override
                public void next(String what, int number, int total) {
                    say(err, number + " of " + total + ": " + what);
                }

                @Override
                public void done(KernelRow row) {
                    out.println(row.line(rates));
                    out.flush();
                }
            });
            if (file != null) {
                new Report(backend, BenchCommand.version(), BenchCommand.line(spec))
                        .add(bench.toJson(rows, products))
                        .write(file);
            }
            boolean wrong = rows.stream().anyMatch(KernelRow::isWrong);
            return wrong ? ElboException.Kind.NUMERIC.exitCode() : 0;
        }
    }

    private BenchSettings settings(Backend backend) {
        try (Yardstick yardstick = backend.yardstick()) {
            return BenchSettings.of(backend, bytes, yardstick.byDevice());
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--" + e.getMessage());
        }
    }

    private static void print(
            PrintWriter out, Backend backend, BenchSettings settings, Rates rates, Map<String, Distribution> products) {
        out.println(backend.name() + ": " + backend.description());
        out.printf(
                Locale.ROOT,
                "copy            %10.1f GB/s%n",
                1e-9 * rates.copy().median());
        products.forEach((precision, rate) -> out.printf(
                Locale.ROOT,
                "product %-5s %12.2f TFLOP/s, %d³%n",
                precision,
                1e-12 * rate.median(),
                settings.product()));
        out.println();
        out.println(KernelRow.HEADER);
        out.flush();
    }

    private static void say(PrintWriter err, String what) {
        err.println(what);
        err.flush();
    }
}
