package dev.elbo.cli;

import dev.elbo.backend.Backend;
import dev.elbo.bench.OpenBench;
import dev.elbo.bench.Report;
import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "open",
        description = {
            "Times the opening of a backend and its first training steps, closes it, and repeats both in the"
                    + " same process.",
            "Both trainings must leave bit-for-bit identical weights; otherwise the exit code is 6."
        })
final class BenchOpenCommand extends Action {
    private static final int LIVES = 2;

    @Mixin
    private BenchOptions bench;

    @Override
    public Integer call() {
        List<OpenBench.Life> lives = new ArrayList<>();
        Report[] report = new Report[1];
        // the first opening announces the backend
        Supplier<Backend> open =
                () -> lives.isEmpty() ? bench.open() : bench.backend().choose().backend();
        for (int i = 0; i < LIVES; i++) {
            lives.add(OpenBench.live(open, backend -> report[0] = bench.report(backend)));
            out().println(lives.get(i).line());
            out().flush();
        }
        bench.write(report[0], OpenBench.toJson(lives));
        long differing = OpenBench.differing(lives.get(0), lives.get(1));
        if (differing > 0) {
            throw ElboException.numeric("the second backend trained to other weights than the first: " + differing
                    + " of " + lives.get(0).weights().length
                    + " differ; run 'elbo verify' with the same options");
        }
        out().println("the same weights, bit for bit");
        return 0;
    }
}
