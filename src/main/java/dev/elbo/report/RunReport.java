package dev.elbo.report;

import dev.elbo.error.ElboException;
import dev.elbo.io.Curves;
import dev.elbo.io.Images;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The page on one run: HTML that is XML too, without scripts and without anything from elsewhere. The same run gives the
 * same bytes.
 */
public final class RunReport {
    private final RunRecord run;
    private final Optional<ReportContent> findings;
    private final List<String> remarks;
    private final List<List<String>> commands;
    private final Markup out = new Markup();

    private RunReport(
            RunRecord run, Optional<ReportContent> findings, List<String> remarks, List<List<String>> commands) {
        this.run = run;
        this.findings = findings;
        this.remarks = remarks;
        this.commands = commands;
    }

    /**
     * {@return the page, in UTF-8}
     *
     * @param run subject of the page
     * @param findings empty if there is no model yet
     * @param remarks on the making of the page
     * @param commands to make the run and to evaluate it further, word by word
     */
    public static byte[] page(
            RunRecord run, Optional<ReportContent> findings, List<String> remarks, List<List<String>> commands) {
        return new RunReport(run, findings, remarks, commands).page().getBytes(StandardCharsets.UTF_8);
    }

    private String page() {
        Path last = run.folder().toAbsolutePath().normalize().getFileName();
        String name = (last == null ? run.folder() : last).toString();
        out.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
        out.empty("meta", "charset", "utf-8");
        out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        out.leaf("title", name + " – elbo");
        out.leaf("style", style());
        out.close().open("body").open("main");
        out.open("header").leaf("h1", name).leaf("p", summary()).close();
        numbers();
        warnings();
        curves();
        findings.ifPresent(found -> {
            pictures(found);
            units(found);
            explained(found);
            new Evaluation(out).write(found);
        });
        configuration();
        commands();
        return "<!DOCTYPE html>\n" + out.finish();
    }

    private static String style() {
        try (InputStream in = RunReport.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw ElboException.io("report.css: missing from the program's jar; install it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw ElboException.io("report.css: reading the program's jar failed: " + Messages.reason(e), e);
        }
    }

    private String summary() {
        List<String> parts = new ArrayList<>();
        run.dataName().ifPresent(parts::add);
        run.text("model", "inputs")
                .ifPresent(inputs -> parts.add(inputs
                        + run.text("model", "hidden")
                                .orElse("")
                                .replaceAll("[\\[\\] ]", "")
                                .transform(widths -> widths.isEmpty() ? "" : "-" + widths.replace(',', '-'))
                        + "-" + run.text("model", "latent").orElse("?")));
        run.text("model", "likelihood").ifPresent(likelihood -> parts.add(likelihood + " likelihood"));
        run.text("objective").ifPresent(objective -> parts.add("objective " + objective));
        run.text("backend").ifPresent(parts::add);
        return String.join(" · ", parts);
    }

    private void numbers() {
        Optional<Epoch> kept = run.kept();
        out.open("section").leaf("h2", "Result");
        if (kept.isEmpty()) {
            out.paragraph("No epoch is finished yet.").close();
            return;
        }
        Epoch epoch = kept.get();
        out.open("dl", "class", "numbers");
        number(
                "kept epoch",
                epoch.number() + " of " + run.epochs().size(),
                run.text("training", "epochs")
                        .map(wished -> wished + " requested")
                        .orElse(""));
        if (!run.isPlain()) {
            nats("ELBO", epoch, "elbo");
        }
        nats("reconstruction", epoch, "reconstruction");
        if (!run.isPlain()) {
            nats("KL", epoch, "kl");
        }
        double seconds =
                run.epochs().stream().mapToDouble(e -> e.value("seconds")).sum();
        number("training time", duration(seconds), "all epochs, without evaluation");
        double[] rates = values(e -> e.value("examples_per_second"));
        Arrays.sort(rates);
        number("examples/s", Text.format("%,.0f", rates[rates.length / 2]), "median of the epochs");
        out.close();
        out.leaf(
                "p",
                "Nats per example, on test data unless stated otherwise. ELBO = −reconstruction − KL at β = 1,"
                        + " whatever was optimised; reconstruction is −E[log p(x|z)]. " + chosen(),
                "class",
                "note");
        out.close();
    }

    /** Writes a value on the test data, which the last line has if validation data select the epoch. */
    private void nats(String title, Epoch kept, String name) {
        boolean validated = run.judging().filter("validation"::equals).isPresent();
        Epoch last = run.epochs().get(run.epochs().size() - 1);
        number(
                title,
                nats((validated ? last : kept).value("test", name)),
                (validated ? "validation " + nats(kept.value("validation", name)) + ", " : "") + "training "
                        + nats(kept.value("train", name)));
    }

    private String chosen() {
        if (run.judging().isEmpty()) {
            return "There are no test data.";
        }
        if (run.judging().get().equals("validation")) {
            return "The validation data select the epoch; the test data are used once, at the end.";
        }
        return run.keepsBest() ? "The test data selected the epoch, so their result is slightly optimistic." : "";
    }

    private void number(String name, String value, String more) {
        out.open("div")
                .leaf("dt", name)
                .leaf("dd", value)
                .leaf("dd", more, "class", "note")
                .close();
    }

    static String nats(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        return Text.format(Math.abs(value) < 1e6 ? "%.3f" : "%.4e", value);
    }

    private static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return "–";
        }
        long whole = Math.round(seconds);
        return seconds < 60
                ? Text.format("%.1f s", seconds)
                : whole < 3600
                        ? whole / 60 + " min " + whole % 60 + " s"
                        : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    private void warnings() {
        List<String> all = new ArrayList<>(Warnings.of(run, findings));
        if (all.isEmpty() && remarks.isEmpty()) {
            return;
        }
        out.open("section").leaf("h2", "Warnings and notes").open("ul", "class", "warnings");
        all.forEach(warning -> out.leaf("li", warning, "class", "warning"));
        remarks.forEach(remark -> out.leaf("li", remark));
        out.close().close();
    }

    private void curves() {
        if (run.epochs().isEmpty()) {
            return;
        }
        out.open("section").leaf("h2", "Training").open("div", "class", "charts");
        if (!run.isPlain()) {
            curve("ELBO", "elbo");
        }
        curve("Reconstruction", "reconstruction");
        if (!run.isPlain()) {
            curve("KL divergence", "kl");
        }
        if (run.epochs().stream().anyMatch(epoch -> Double.isFinite(epoch.value("gap")))) {
            chart("Posterior gap", List.of(line(run.judging().orElse(""), epoch -> epoch.value("gap"))));
        }
        out.close().close();
    }

    private void curve(String title, String name) {
        List<Curves.Series> lines = new ArrayList<>();
        lines.add(line("train", epoch -> epoch.value("train", name)));
        run.judging().ifPresent(part -> lines.add(line(part, epoch -> epoch.value(part, name))));
        chart(title, lines);
    }

    private Curves.Series line(String name, ToDoubleFunction<Epoch> value) {
        return new Curves.Series(name, values(Epoch::number), values(value));
    }

    private double[] values(ToDoubleFunction<Epoch> value) {
        return run.epochs().stream().mapToDouble(value).toArray();
    }

    private void chart(String title, List<Curves.Series> lines) {
        SvgCanvas.draw(new Curves.Panel(title, "epoch", "nats per example", lines), out);
    }

    private void pictures(ReportContent found) {
        for (ReportContent.Picture picture : found.pictures()) {
            out.open("section").leaf("h2", picture.title()).paragraph(picture.told());
            String data = "data:image/png;base64," + Base64.getEncoder().encodeToString(Images.png(picture.image()));
            String told = picture.title() + ". " + picture.told();
            String width = Integer.toString(picture.image().getWidth());
            String height = Integer.toString(picture.image().getHeight());
            out.empty("img", "src", data, "alt", told, "width", width, "height", height)
                    .close();
        }
    }

    private void units(ReportContent found) {
        found.units().ifPresent(units -> {
            out.open("section").leaf("h2", "Latent units");
            out.paragraph(units.active() + " of " + units.count()
                    + " are active: the variance of their posterior means over the"
                    + " held-out examples is above 0.01 (Burda et al. 2016).");
            SvgCanvas.draw(EvaluationCharts.units(units), out);
            out.close();
        });
    }

    private void explained(ReportContent found) {
        found.explained().ifPresent(explained -> {
            int[] worst = IntStream.range(0, explained.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(j -> explained[j]))
                    .limit(EvaluationCharts.MAX_BARS)
                    .mapToInt(j -> j)
                    .sorted()
                    .toArray();
            out.open("section").leaf("h2", "Reconstructions");
            out.paragraph("1 − mean squared error / variance of each feature on held-out data: 1 is perfect, 0 no"
                    + " better than the mean."
                    + (worst.length < explained.length
                            ? " Shown are the " + worst.length + " of " + explained.length
                                    + " features that are explained the least."
                            : ""));
            SvgCanvas.draw(EvaluationCharts.explained(explained, worst, found.features()), out);
            out.close();
        });
    }

    private void configuration() {
        if (run.configuration().size() == 0) {
            return;
        }
        out.open("section")
                .open("details")
                .leaf("summary", "Configuration")
                .open("div", "class", "wide")
                .open("table");
        run.settings()
                .forEach((name, value) ->
                        out.open("tr").leaf("th", name).leaf("td", value).close());
        out.close().close().close().close();
    }

    private void commands() {
        if (commands.isEmpty()) {
            return;
        }
        out.open("section").leaf("h2", "Again");
        out.leaf("pre", commands.stream().map(RunReport::shell).collect(Collectors.joining("\n")));
        out.close();
    }

    /** Returns a command that a POSIX shell reads as these words. */
    private static String shell(List<String> words) {
        return words.stream()
                .map(word -> word.matches("[A-Za-z0-9_./,:=@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    /**
     * {@return the default place of a run's page, {@code report.html} in its folder}
     *
     * @param folder of the run
     */
    public static Path in(Path folder) {
        return folder.resolve("report.html");
    }
}
