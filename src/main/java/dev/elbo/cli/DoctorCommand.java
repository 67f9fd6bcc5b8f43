package dev.elbo.cli;

import com.google.gson.GsonBuilder;
import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.DiagnosticResult;
import dev.elbo.error.ElboException;
import dev.elbo.verify.Row;
import dev.elbo.verify.Verification;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = {
            "Checks what the backends need on this machine, what is missing and how to fix it; then compares"
                    + " every working backend with known answers.",
            "Exits with 0 unless something is broken; an unavailable backend is not broken."
        })
final class DoctorCommand extends Action {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        List<DiagnosticResult> findings = new ArrayList<>(Backends.diagnose(0));
        for (Supplier<Backend> backend : Backends.available(0)) {
            findings.add(knownAnswers(backend));
        }
        findings.replaceAll(finding -> new DiagnosticResult(
                finding.backend(),
                finding.status(),
                finding.subject(),
                OptionNames.in(finding.detail()),
                finding.advice() == null ? null : OptionNames.in(finding.advice())));
        PrintWriter out = out();
        if (json) {
            out.println(new GsonBuilder()
                    .serializeNulls()
                    .setPrettyPrinting()
                    .create()
                    .toJson(Map.of(
                            "findings",
                            findings.stream().map(DoctorCommand::object).toList())));
        } else {
            print(findings, out);
        }
        return exitCode(findings);
    }

    private static DiagnosticResult knownAnswers(Supplier<Backend> supplier) {
        String subject = "known answers";
        try (Backend backend = supplier.get()) {
            List<Row> rows = Verification.knownAnswers(backend);
            List<Row> wrong = rows.stream().filter(row -> !row.ok()).toList();
            if (!wrong.isEmpty()) {
                return new DiagnosticResult(
                        backend.name(),
                        DiagnosticResult.Status.FAILED,
                        subject,
                        wrong.stream().map(Row::toString).collect(Collectors.joining("; ")),
                        "do not use this backend; run 'elbo verify --backend " + backend.name() + "' for details");
            }
            return DiagnosticResult.ok(
                    backend.name(),
                    subject,
                    "all " + rows.size() + " are correct: noise bit for bit, products unrounded ("
                            + backend.description() + ")");
        }
    }

    private static Map<String, String> object(DiagnosticResult finding) {
        Map<String, String> object = new LinkedHashMap<>();
        object.put("backend", finding.backend());
        object.put("status", status(finding));
        object.put("subject", finding.subject());
        object.put("detail", finding.detail());
        object.put("advice", finding.advice());
        return object;
    }

    private static String status(DiagnosticResult finding) {
        return finding.status().name().toLowerCase(Locale.ROOT);
    }

    private static void print(List<DiagnosticResult> findings, PrintWriter out) {
        for (DiagnosticResult finding : findings) {
            out.printf("%-9s  %-8s  %s: %s%n", finding.backend(), status(finding), finding.subject(), finding.detail());
            if (finding.advice() != null) {
                out.printf("%-9s  %-8s  to do: %s%n", "", "", finding.advice());
            }
        }
    }

    private static int exitCode(List<DiagnosticResult> findings) {
        boolean failed = findings.stream().anyMatch(finding -> finding.status() == DiagnosticResult.Status.FAILED);
        return failed ? ElboException.Kind.UNAVAILABLE.exitCode() : 0;
    }
}
