package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Closer;
import dev.elbo.train.Checkpoint;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingPlan;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "train", description = "Trains a model and writes it, its metrics and pictures to a folder.")
final class TrainCommand extends Action {
    /** Options that belong to one call only. */
    private static final Set<String> OWN = Set.of("--out", "--resume", "--dry-run", "--json", "--debug");
    /** Options that may change on --resume; a command with these alone does not begin a run. */
    private static final Set<String> ANEW = Set.of(
            "--epochs",
            "--checkpoint-every",
            "--gap-every",
            "--gap-samples",
            "--on-nan",
            "--data-on-device",
            "--backend",
            "--precision",
            "--threads");

    @Mixin
    private DataOptions data;

    @Mixin
    private StandardizeOptions unit;

    @Mixin
    private TrainOptions options;

    @Mixin
    private InitOptions init;

    @Mixin
    private HeldOutOptions heldOut;

    @Mixin
    private GapOptions gap;

    @Mixin
    private BackendOptions backendOptions;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "auto",
            description =
                    "Interval between checkpoints in steps, epochs or minutes: 500steps, 2epochs, 10minutes; auto is"
                            + " one minute, or longer if saving takes long (default: ${DEFAULT-VALUE}). A checkpoint is also"
                            + " saved at the end of the run and when Ctrl-C or SIGTERM stops it.")
    private String checkpointEvery;

    @Option(
            names = "--resume",
            description =
                    "Resume the run in --out with the options that it had; --epochs may be raised unless the learning"
                            + " rate decays. The result is bit-for-bit identical to that of an uninterrupted run. If --out"
                            + " holds no run yet, not even a first checkpoint, the given options begin it: one command line"
                            + " starts and restarts a run.")
    private boolean resume;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for the results (default: runs/<date-time>).")
    private Path out;

    @Option(
            names = "--dry-run",
            description = "Predict the memory, work and time of the run without training or writing anything.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print the prediction of --dry-run as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (json && !dryRun) {
            throw ElboException.usage("--json needs --dry-run; a run's numbers are in metrics.jsonl");
        }
        if (out != null && out.toString().isEmpty()) {
            throw ElboException.usage("--out is empty; give a folder");
        }
        if (resume && out == null) {
            throw ElboException.usage("--resume needs the folder of the run as --out");
        }
        GivenOptions given = new GivenOptions(spec(), OWN);
        if (!resume || !RunFolder.holdsRun(out) && given.hasMoreThan(ANEW)) {
            return train(null, null, given);
        }
        if (!RunFolder.holdsRun(out)) {
            throw ElboException.usage(
                    out + ": holds no checkpoint to resume; give the --out of a run, or training options"
                            + " such as --data to begin a run there");
        }
        if (dryRun) {
            Checkpoint checkpoint = RunFolder.newest(out);
            return train(null, checkpoint, given.over(checkpoint.notes()));
        }
        try (RunFolder folder = RunFolder.reopen(out)) {
            Checkpoint checkpoint = folder.checkpoints(Map.of()).newest();
            return train(folder, checkpoint, given.over(checkpoint.notes()));
        }
    }

    /** Trains, or resumes a checkpoint in the folder of an earlier run; both null for a new one. */
    private int train(RunFolder earlier, Checkpoint checkpoint, GivenOptions given) {
        init.read(options, given);
        Objective objective = Check.usage(options.objective()::objective);
        TrainingOptions wished = Check.usage(() -> options.training(data.placement()));
        CheckpointRule rule = Check.usage(() -> CheckpointRule.parse(checkpointEvery));
        gap.check(options.objective().isPlain());
        heldOut.check(wished.patience().orElse(0) > 0);
        // checks the model before any data are read; only its inputs are known later
        unit.check(Check.usage(options::anyModel));
        options.read(data, init.table());
        if (checkpoint == null && out != null) {
            RunFolder.requireNoRun(out);
        }
        Backends.Choice choice = backendOptions.chooseFirst();
        try (Backend backend = choice.backend();
                Closer others = new Closer()) {
            List<Backend> more = backendOptions.openOthers(others);
            Split raw = heldOut.of(data, err());
            raw.train().summary().ifPresent(columns -> ColumnLines.print(err(), data.name(), columns));
            Split split =
                    unit.of(raw.train(), wished.shards()).map(raw::standardized).orElse(raw);
            DataPlacement placement =
                    wished.dataPlacement().resolve(backend, split.all().toArray(Dataset[]::new));
            TrainingOptions training =
                    wished.toBuilder().dataPlacement(placement).build();
            backendOptions.announce(
                    choice, placement == DataPlacement.STREAMED ? "data streamed from the host's memory" : null, err());
            backendOptions.announceOthers(backend, more, err());
            VaeSpec model = Check.usage(() -> options.model(split));
            init.check(model, split.train());
            if (dryRun) {
                int backends = 1 + more.size();
                TrainingPlan plan = TrainingPlan.of(
                        backend,
                        model,
                        objective,
                        training,
                        split,
                        backends,
                        vae -> gap.meter(vae, split.judging(), training));
                long done = checkpoint == null ? 0 : checkpoint.step();
                DryRun run = DryRun.of(backend, model, plan, backends, placement == DataPlacement.STREAMED, done);
                if (json) {
                    run.printJson(out());
                } else {
                    run.print(out());
                }
                return 0;
            }
            Trainer.Builder builder = Trainer.builder(backend, model, split)
                    .objective(objective)
                    .options(training)
                    .otherBackends(more);
            if (init.model() != null) {
                builder.initFrom(init.model());
            }
            try (Trainer trainer = builder.build();
                    GapOptions.Meter meter = gap.meter(trainer.vae(), split.judging(), training)) {
                noteGrey(model, split.train());
                RunDescription description =
                        new RunDescription(data.name(), unit.name(), options, init, given, objective, split.train());
                TrainConsole run = new TrainConsole(out(), err(), trainer, rule, description, meter);
                if (earlier != null) {
                    return run.resume(earlier, checkpoint, out);
                }
                Path folder = out != null
                        ? out
                        : Path.of("runs", LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss")));
                // --resume also resumes a run that another process began meanwhile
                try (RunFolder fresh = resume ? RunFolder.open(folder) : RunFolder.create(folder)) {
                    return run.run(fresh, folder);
                }
            }
        }
    }

    private void noteGrey(VaeSpec model, Dataset train) {
        if (Network.of(model).likelihood().binary() && !options.binarize() && !train.isBinary()) {
            err().println("note: the values are grey; the likelihood "
                    + model.likelihood().kind() + " reads them as probabilities"
                    + " (--binarize draws binary pixels instead)");
        }
    }
}
