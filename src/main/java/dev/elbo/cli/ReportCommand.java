package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.net.ModelFile;
import dev.elbo.report.Rendering;
import dev.elbo.report.ReportContent;
import dev.elbo.report.RunRecord;
import dev.elbo.report.RunReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description = "Writes one self-contained HTML page on a run: numbers, curves, pictures, latent units,"
                + " evaluation. The run may still be in progress. Without --data, reads the data of the run.")
final class ReportCommand extends Action {
    @Parameters(index = "0", paramLabel = "DIR", description = "Folder of a run.")
    private Path folder;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Option(
            names = "--importance-samples",
            paramLabel = "K",
            description = "Importance samples per example, for log p(x) and the posterior gap; 0: no estimate (default:"
                    + " ${DEFAULT-VALUE}).")
    private int importanceSamples = 500;

    @Option(
            names = "--examples",
            paramLabel = "N",
            description = "Held-out examples for this estimate, the first ones (default: ${DEFAULT-VALUE}).")
    private int examples = 200;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--out", paramLabel = "F", description = "Page to write, .html (default: DIR/report.html).")
    private Path out;

    private final List<String> remarks = new ArrayList<>();

    @Override
    public Integer call() {
        check();
        RunRecord run = RunRecord.read(folder);
        Path model = folder.resolve("model.safetensors");
        Optional<ReportContent> findings = Optional.empty();
        boolean stopped = false;
        if (Files.exists(model)) {
            try (Backend backend = backendOptions.open(err());
                    ModelFile.Loaded loaded = ModelFile.read(model, backend);
                    StopSignal stop = new StopSignal(err())) {
                classes.number(loaded.vae().spec());
                findings = Optional.of(look(run, loaded, stop));
                stopped = stop.given();
            }
        }
        Path page = out != null ? out : RunReport.in(folder);
        AtomicFile.write(page, RunReport.page(run, findings, remarks, commands(run)));
        out().println(page);
        return stopped ? StopSignal.EXIT_CODE : 0;
    }

    private void check() {
        data.placement();
        if (importanceSamples != 0 && (importanceSamples < 2 || importanceSamples > MarginalLikelihood.MAX_SAMPLES)) {
            throw ElboException.usage("--importance-samples must be 0 or 2 to " + MarginalLikelihood.MAX_SAMPLES
                    + ", not " + importanceSamples);
        }
        Check.atLeast("--examples", examples, 1);
        if (out != null && !out.toString().endsWith(".html") && !out.toString().endsWith(".htm")) {
            throw ElboException.usage("--out " + out + ": the name must end in .html");
        }
    }

    private ReportContent look(RunRecord run, ModelFile.Loaded loaded, StopSignal stop) {
        InputSchema inputs = InputSchema.of(folder.toString(), loaded);
        Optional<Dataset> judged = judged(run, loaded, inputs);
        judged.map(Dataset::fingerprint)
                .filter(found ->
                        run.testDigest().map(known -> !known.equals(found)).orElse(false))
                .ifPresent(found -> remarks.add(
                        "The data differ in SHA-256 from those that the run was evaluated on. Pictures, units"
                                + " and evaluation show the data given now; the curves show the data of the run."));
        ReportContent.Settings settings =
                new ReportContent.Settings(examples, importanceSamples, run.binarize(), data.placement());
        Rendering rendering = new Rendering(inputs.image(), inputs::unstandardize, inputs.columns());
        int counted = judged.map(all -> Math.min(examples, all.size())).orElse(0);
        try (SamplingProgress progress = new SamplingProgress(counted, importanceSamples, err(), stop::given)) {
            ReportContent found = ReportContent.of(loaded.vae(), rendering, judged, settings, progress);
            found.estimate()
                    .filter(LikelihoodEstimate::partial)
                    .ifPresent(partial -> remarks.add(
                            "The evaluation was stopped early, after " + partial.examples() + " examples."));
            return found;
        }
    }

    /** Reads the given data; otherwise those of the run, if they can still be read. */
    private Optional<Dataset> judged(RunRecord run, ModelFile.Loaded loaded, InputSchema inputs) {
        if (isGiven("--data")) {
            return Optional.of(suited(loaded, data.loadTest(inputs, err())));
        }
        List<String> words = wordsOfRun(run);
        if (words.isEmpty()) {
            return without("The run has no record of its data; give them with --data.");
        }
        HeldOutOptions heldOut = heldOutOf(run);
        if (heldOut.isWithoutTest()) {
            return without("The run trained on all examples and left none to evaluate it on; give others with --data.");
        }
        try {
            DataOptions ofRun = parsed(new DataOptions(), words);
            return Optional.of(suited(loaded, heldOut.test(ofRun, inputs, err())));
        } catch (ElboException | CommandLine.ParameterException e) {
            return without("The data of the run could not be read (" + OptionNames.in(e.getMessage())
                    + "); give them with --data.");
        }
    }

    private Optional<Dataset> without(String remark) {
        remarks.add(remark);
        return Optional.empty();
    }

    private static <T> T parsed(T options, List<String> words) {
        new CommandLine(options)
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(words.toArray(String[]::new));
        return options;
    }

    private static HeldOutOptions heldOutOf(RunRecord run) {
        HeldOutOptions options = new HeldOutOptions();
        return parsed(options, GivenOptions.of(options, run.arguments(), Set.of()));
    }

    private Dataset suited(ModelFile.Loaded loaded, Dataset examples) {
        if (loaded.vae().network().likelihood().binary()) {
            examples.requireUnitInterval();
        }
        return classes.told(loaded.vae().spec(), examples);
    }

    /** {@return the data options of a run; without --data it read the default, which it names} */
    private static List<String> wordsOfRun(RunRecord run) {
        List<String> words = new ArrayList<>(GivenOptions.ofData(run.arguments()));
        if (!words.contains("--data")) {
            run.dataName().ifPresent(name -> words.addAll(0, List.of("--data", name)));
        }
        return words;
    }

    private List<List<String>> commands(RunRecord run) {
        List<List<String>> commands = new ArrayList<>();
        if (!run.arguments().isEmpty()) {
            commands.add(command("train", run.arguments(), List.of("--out", folder.toString())));
        }
        List<String> how = new ArrayList<>(judgingWords(run));
        if (importanceSamples > 0 && !run.isPlain()) {
            how.addAll(List.of(
                    "--importance-samples",
                    Integer.toString(importanceSamples),
                    "--examples",
                    Integer.toString(examples)));
        }
        classes.name().ifPresent(name -> how.addAll(List.of(ClassOptions.NAME, name)));
        List<String> binary = run.binarize() ? List.of("--binarize") : List.of();
        if (isGiven("--data") || !heldOutOf(run).isWithoutTest()) {
            commands.add(command("evaluate", List.of(folder.toString()), how, binary));
        }
        commands.add(
                command("report", List.of(folder.toString()), new GivenOptions(spec(), Set.of("--debug")).words()));
        return commands;
    }

    /** {@return the options by which 'evaluate' reads the data that the run is evaluated on here} */
    private List<String> judgingWords(RunRecord run) {
        if (isGiven("--data")) {
            return GivenOptions.ofData(new GivenOptions(spec(), Set.of()).words());
        }
        String file = heldOutOf(run).testFile();
        if (file == null) {
            return wordsOfRun(run);
        }
        List<String> words = new ArrayList<>(List.of("--data", file, "--all"));
        words.addAll(GivenOptions.of(new DataOptions(), run.arguments(), Set.of("--data", "--data-on-device")));
        return words;
    }

    @SafeVarargs
    private static List<String> command(String name, List<String>... words) {
        List<String> all = new ArrayList<>(List.of("elbo", name));
        for (List<String> some : words) {
            all.addAll(some);
        }
        return all;
    }
}
