package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.verify.GoldenRunner;
import dev.elbo.verify.GoldenSet;
import dev.elbo.verify.NormalSweep;
import dev.elbo.verify.OpCase;
import dev.elbo.verify.OpCases;
import dev.elbo.verify.Row;
import dev.elbo.verify.TensorResult;
import dev.elbo.verify.Verification;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = {
            "Checks the numerics of a backend on this machine: every operation against the float64 reference within"
                    + " derived bounds, known answers of the noise, and golden cases made by PyTorch.",
            "The reference itself is compared with finite differences, closed forms and the golden cases.",
            "Exits with 0 only when everything holds, else with 6."
        })
final class VerifyCommand extends Action {
    @Option(names = "--golden", paramLabel = "DIR", description = "Only this golden case, or the cases in this folder.")
    private Path golden;

    @Option(names = "--op", paramLabel = "NAME", description = "Only this operation.")
    private String op;

    @Option(
            names = "--normals",
            paramLabel = "N",
            description =
                    "Only the noise: compare this many normals with the host's, bit for bit (1073741824 take a GPU"
                            + " seconds).")
    private Long normals;

    @Mixin
    private BackendOptions backendOptions;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = "-",
            description = "Write the results to this file too; without FILE print one JSON object, the rest on stderr.")
    private Path json;

    private final VerificationReport report = new VerificationReport();
    private PrintWriter out;

    @Override
    public Integer call() {
        if (Stream.of(op, golden, normals).filter(Objects::nonNull).count() > 1) {
            throw ElboException.usage("--op, --golden and --normals exclude each other");
        }
        Check.atLeast("--normals", normals, 1);
        Set<String> ops = OpCases.all().stream().map(OpCase::op).collect(Collectors.toCollection(TreeSet::new));
        if (op != null) {
            Check.oneOf("--op", op, ops);
        }
        PrintWriter err = err();
        boolean printed = json != null && json.toString().equals("-");
        out = printed ? err : out();
        try (GoldenSet cases = golden != null ? GoldenSet.in(golden) : GoldenSet.packaged();
                Backend oracle = Backends.reference()) {
            for (Backend backend : backendOptions.openAll(err)) {
                try (backend) {
                    out.println(backend.name() + ": " + backend.description());
                    report.begin(backend, backendOptions.precision());
                    if (normals != null) {
                        sweep(backend);
                        continue;
                    }
                    if (golden == null) {
                        operations(backend, oracle);
                    }
                    if (op == null) {
                        goldenCases(cases.cases(), backend, oracle);
                    }
                }
            }
        }
        out.println(report.holds() ? "all hold" : "FAILED");
        if (printed) {
            out().println(report);
        } else if (json != null) {
            AtomicFile.write(json, (report + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return report.holds() ? 0 : ElboException.Kind.NUMERIC.exitCode();
    }

    private void sweep(Backend backend) {
        NormalSweep.Result result = NormalSweep.run(backend, normals, done -> progress(done, Math.max(done, normals)));
        boolean ok = result.different() == 0;
        TensorResult found = new TensorResult("normals", result.different(), 0, ok);
        report.add("noise", "normal", result.compared() + " of the host's", found, ok, result.first());
        out.printf(
                Locale.ROOT,
                "%-4s %-24s %,d compared with the host's, %,d differ%n",
                ok ? "ok" : "FAIL",
                "normal",
                result.compared(),
                result.different());
        if (result.first() != null) {
            out.println("     the first at " + result.first());
        }
    }

    private void progress(long done, long total) {
        if (System.console() != null) {
            err().print("\r" + done + " of " + total + (done == total ? "\n" : ""));
            err().flush();
        }
    }

    private void operations(Backend backend, Backend oracle) {
        Verification.Listener listener = (row, done, total) -> {
            if (done % 10 == 0 || done == total) {
                progress(done, total);
            }
        };
        boolean isOracle = backend.name().equals(oracle.name());
        List<Row> rows = isOracle
                ? Verification.runOracle(backend, name -> op == null || name.equals(op), listener)
                : Verification.run(backend, oracle, name -> op == null || name.equals(op), listener);
        Map<String, List<Row>> byOp =
                rows.stream().collect(Collectors.groupingBy(Row::op, LinkedHashMap::new, Collectors.toList()));
        rows.forEach(r -> report.add("operation", r.op(), r.label(), r.worst(), r.ok(), r.detail()));
        byOp.forEach((name, group) -> {
            long bad = group.stream().filter(row -> !row.ok()).count();
            double fraction = group.stream().mapToDouble(Row::fraction).max().orElse(0);
            line(bad == 0, name, group.size() + " cases", fraction);
            group.stream().filter(row -> !row.ok()).forEach(row -> out.println("     " + row));
        });
    }

    private void goldenCases(List<Path> cases, Backend backend, Backend oracle) {
        Map<String, TensorResult> worst = new LinkedHashMap<>();
        for (Path folder : cases) {
            for (TensorResult result : GoldenRunner.run(folder, backend, oracle)) {
                report.add("golden", null, "" + folder.getFileName(), result, result.ok(), "");
                if (golden != null || !result.ok()) {
                    tensor(folder.getFileName() + " " + result.tensor(), result);
                }
                worst.merge(result.tensor(), result, (a, b) -> a.fraction() >= b.fraction() ? a : b);
            }
        }
        out.println("golden: " + cases.size() + " cases; largest error of each tensor over all of them:");
        worst.forEach(this::tensor);
    }

    private void tensor(String name, TensorResult result) {
        out.printf(
                Locale.ROOT,
                "%-4s %-48s error %.3g, bound %.3g%n",
                result.ok() ? "ok" : "FAIL",
                name,
                result.error(),
                result.bound());
    }

    private void line(boolean ok, String name, String kind, double fraction) {
        out.printf(
                Locale.ROOT, "%-4s %-24s %-10s %.3g of the bound at most%n", ok ? "ok" : "FAIL", name, kind, fraction);
    }
}
