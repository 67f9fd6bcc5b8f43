package dev.elbo.cli;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.train.Checkpoint;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.Pictures;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
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
        name = "train",
        description = "Trains a model and leaves it, its metrics and pictures in a folder.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Callable<Integer> {
    /** Names as everywhere in our files, choices as on the command line. */
    private static final Gson CONFIGURATION = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .registerTypeHierarchyAdapter(
                    Enum.class, (JsonSerializer<Enum<?>>) (value, type, context) -> new JsonPrimitive(value.toString()))
            .create();

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOptions data;

    @Mixin
    private TrainOptions options;

    @Mixin
    private GapOptions gap;

    @Mixin
    private BackendOptions backendOptions;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "auto",
            description = "Save the run every so many steps, epochs or minutes: 500steps, 2epochs, 10minutes; auto is"
                    + " every minute, or more rarely where saving takes long (default: ${DEFAULT-VALUE}). It is also saved"
                    + " at its end and where Ctrl-C or SIGTERM stops it.")
    private String checkpointEvery;

    @Option(
            names = "--resume",
            description = "Go on with the run in --out, with the options that it had; --epochs may be raised unless the"
                    + " learning rate decays. The result has the same bits as without a break.")
    private boolean resume;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the results go (default: runs/<date-time>).")
    private Path out;

    @Override
    public Integer call() {
        if (out != null && out.toString().isEmpty()) {
            throw ElboException.usage("--out is empty; give a folder");
        }
        if (!resume) {
            return train(null, null, new GivenOptions(spec));
        }
        if (out == null) {
            throw ElboException.usage("--resume needs the folder of the run as --out");
        }
        try (RunFolder run = RunFolder.reopen(out)) {
            Checkpoint checkpoint = run.checkpoints(Map.of()).newest();
            return train(run, checkpoint, new GivenOptions(spec).over(checkpoint.notes()));
        }
    }

    /**
     * @param run that goes on, or null
     * @param checkpoint that it goes on from, or null
     */
    private int train(RunFolder run, Checkpoint checkpoint, GivenOptions given) {
        PrintWriter err = spec.commandLine().getErr();
        Objective objective = usage(options.objective()::objective);
        TrainingOptions wished = usage(() -> options.training(objective, data.placement()));
        CheckpointRule rule = usage(() -> CheckpointRule.parse(checkpointEvery));
        gap.check(options.objective().isPlain());
        // the numbers of the model are judged before any data are read; only the inputs are known later
        usage(() -> options.model(1));
        if (run == null && out != null) {
            RunFolder.requireNoRun(out);
        }
        Backends.Choice choice = backendOptions.choose();
        try (Backend backend = choice.backend()) {
            Split split = data.load(err);
            Dataset test = split.test().orElseThrow();
            DataPlacement placement = wished.dataPlacement().resolve(backend, split.train(), test);
            TrainingOptions training = wished.with(placement);
            backendOptions.announce(
                    choice, placement == DataPlacement.STREAMED ? "data streamed from the host's memory" : null, err);
            VaeSpec model = usage(() -> options.model(split.train().features()));
            checkTargets(model, split.train(), test, err);
            try (Trainer trainer = new Trainer(backend, model, objective, training, split.train(), test);
                    Job job = new Job(trainer, rule, given, objective, training, split.train(), test)) {
                if (run != null) {
                    return job.goOn(run, checkpoint, out);
                }
                Path folder = out != null
                        ? out
                        : Path.of("runs", LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss")));
                try (RunFolder fresh = RunFolder.create(folder)) {
                    return job.run(fresh, folder);
                }
            }
        }
    }

    /** A run from its first or next step to its last, and what it leaves. */
    private final class Job implements AutoCloseable {
        private final Trainer trainer;
        private final CheckpointRule rule;
        private final GivenOptions given;
        private final Objective objective;
        private final TrainingOptions training;
        private final Dataset train;
        private final Dataset test;
        private final GapOptions.Meter meter;
        private final PrintWriter err = spec.commandLine().getErr();

        Job(
                Trainer trainer,
                CheckpointRule rule,
                GivenOptions given,
                Objective objective,
                TrainingOptions training,
                Dataset train,
                Dataset test) {
            this.trainer = trainer;
            this.rule = rule;
            this.given = given;
            this.objective = objective;
            this.training = training;
            this.train = train;
            this.test = test;
            this.meter = gap.meter(trainer.vae(), test, training);
        }

        int goOn(RunFolder run, Checkpoint checkpoint, Path folder) {
            trainer.resume(checkpoint);
            if (trainer.isFinished() && Files.exists(run.model())) {
                spec.commandLine()
                        .getOut()
                        .println(folder + ": the run is finished, after epoch "
                                + trainer.epochs().size() + " of " + training.epochs() + "; nothing to do");
                return 0;
            }
            err.println("going on after step " + trainer.step() + " of " + trainer.steps());
            err.flush();
            run.removeResults();
            return run(run, folder);
        }

        int run(RunFolder run, Path folder) {
            run.writeConfiguration(configuration(trainer, objective, training, train, test));
            run.beginMetrics(trainer.epochs());
            try (StopSignal stop = new StopSignal(err)) {
                TrainingResult result = train(run, stop);
                if (result.kept() != null) {
                    new Pictures(run, err::println).draw(trainer.vae(), test, result.epochs(), options.seed());
                    run.writeModel(trainer.vae(), metadata(train, objective));
                    report(result, folder);
                }
                if (!result.stopped()) {
                    run.checkpoints(given.notes()).keepOnly(result.step());
                } else {
                    err.println("stopped after step " + result.step() + " of " + trainer.steps()
                            + "; go on with: elbo train --resume --out " + folder);
                }
                spec.commandLine().getOut().flush();
                err.flush();
                return result.stopped() ? StopSignal.EXIT_CODE : 0;
            }
        }

        private TrainingResult train(RunFolder run, StopSignal stop) {
            try (ProgressLine progress = new ProgressLine(trainer.step(), trainer.steps(), err)) {
                return trainer.run(
                        new TrainingListener() {
                            @Override
                            public void onStep(long step, long steps) {
                                progress.onStep(step, steps);
                            }

                            @Override
                            public LikelihoodEstimate measureGap(int epoch) {
                                return meter.after(epoch);
                            }

                            @Override
                            public void onEpoch(EpochMetrics epoch) {
                                run.append(epoch);
                                progress.onEpoch(epoch);
                            }

                            @Override
                            public void onRollback(String why, List<EpochMetrics> epochs) {
                                err.println("note: " + why);
                                err.flush();
                                run.beginMetrics(epochs);
                            }

                            @Override
                            public boolean stop() {
                                return stop.given();
                            }
                        },
                        run.checkpoints(given.notes()),
                        rule);
            }
        }

        @Override
        public void close() {
            meter.close();
        }
    }

    /** What the records refuse is an option given wrongly. */
    private static <T> T usage(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--" + e.getMessage());
        }
    }

    private void checkTargets(VaeSpec model, Dataset train, Dataset test, PrintWriter err) {
        if (model.likelihood() == Likelihood.BERNOULLI) {
            train.requireUnitInterval();
            test.requireUnitInterval();
            if (!options.binarize() && !train.isBinary()) {
                err.println("note: the values are grey; the Bernoulli likelihood reads them as probabilities"
                        + " (--binarize draws binary pixels instead)");
            }
        }
    }

    private Map<String, String> metadata(Dataset train, Objective chosen) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("elbo.data", data.name());
        metadata.put("elbo.objective", chosen.label());
        train.image().ifPresent(image -> metadata.put(ImageMetadata.KEY, ImageMetadata.write(image)));
        return metadata;
    }

    private JsonObject configuration(
            Trainer trainer, Objective chosen, TrainingOptions training, Dataset train, Dataset test) {
        Backend backend = trainer.vae().backend();
        JsonObject json = new JsonObject();
        json.addProperty("elbo", new Main.Version().getVersion()[0]);
        JsonObject dataJson = new JsonObject();
        dataJson.addProperty("name", data.name());
        trainer.identity()
                .getAsJsonObject("data")
                .entrySet()
                .forEach(entry -> dataJson.add(entry.getKey(), entry.getValue()));
        json.add("data", dataJson);
        json.add("model", JsonParser.parseString(trainer.vae().spec().toJson()));
        json.addProperty("objective", options.objective().name());
        json.addProperty("samples", chosen.samples());
        json.addProperty("kl", options.objective().kl());
        if (chosen.control() != KlControl.NONE) {
            JsonObject control = CONFIGURATION.toJsonTree(chosen.control()).getAsJsonObject();
            control.addProperty("kind", chosen.control().getClass().getSimpleName());
            json.add("kl_control", control);
        }
        json.add("training", CONFIGURATION.toJsonTree(training));
        json.addProperty("backend", backend.name() + ": " + backend.description());
        return json;
    }

    private void report(TrainingResult result, Path folder) {
        EpochMetrics kept = result.kept();
        String value = Double.isNaN(kept.test().elbo())
                ? String.format(
                        Locale.ROOT, "test reconstruction %.3f", kept.test().reconstruction())
                : String.format(Locale.ROOT, "test ELBO %.3f", kept.test().elbo());
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s nats per example after epoch %d of %d; results in %s%n",
                        value,
                        kept.epoch(),
                        result.epochs().size(),
                        folder);
    }
}
