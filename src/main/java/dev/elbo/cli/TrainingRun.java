package dev.elbo.cli;

import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.data.Dataset;
import dev.elbo.train.Checkpoint;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.Checkpoints;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.Pictures;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;

/** A run from its first or next step to its last, and what it leaves. */
final class TrainingRun {
    private final Trainer trainer;
    private final CheckpointRule rule;
    private final RunDescription description;
    private final GapOptions.Meter meter;
    private final Dataset test;
    private final Map<String, String> metadata;
    private final PrintWriter out;
    private final PrintWriter err;

    TrainingRun(
            CommandLine line,
            Trainer trainer,
            CheckpointRule rule,
            RunDescription description,
            GapOptions.Meter meter,
            Dataset test) {
        this.trainer = trainer;
        this.rule = rule;
        this.description = description;
        this.meter = meter;
        this.test = test;
        // what no model can remember is refused before there is a folder
        this.metadata = description.metadata();
        this.out = line.getOut();
        this.err = line.getErr();
    }

    /** Goes on from a checkpoint; returns the exit code. */
    int goOn(RunFolder run, Checkpoint checkpoint, Path folder) {
        trainer.resume(checkpoint);
        if (trainer.isFinished() && Files.exists(run.model())) {
            out.println(folder + ": the run is finished, after epoch "
                    + trainer.epochs().size() + " of "
                    + description.training().epochs() + "; nothing to do");
            return 0;
        }
        err.println("going on after step " + trainer.step() + " of " + trainer.steps());
        err.flush();
        run.removeResults();
        return run(run, folder);
    }

    /** Trains, from where the trainer is; returns the exit code. */
    int run(RunFolder run, Path folder) {
        run.writeConfiguration(description.configuration(trainer));
        run.beginMetrics(trainer.epochs());
        Checkpoints checkpoints = run.checkpoints(description.given().notes());
        try (StopSignal stop = new StopSignal(err)) {
            TrainingResult result = train(run, checkpoints, stop);
            if (result.kept() != null) {
                new Pictures(run, description.standardization(), err::println)
                        .draw(
                                trainer.vae(),
                                test,
                                result.epochs(),
                                description.training().seed());
                run.writeModel(trainer.vae(), metadata);
                report(result, folder);
                description.standardization().ifPresent(map -> err.println(UnitOptions.note(map)));
            }
            if (!result.stopped()) {
                checkpoints.keepOnly(result.step());
            } else {
                err.println("stopped after step " + result.step() + " of " + trainer.steps()
                        + "; go on with: elbo train --resume --out " + folder);
            }
            out.flush();
            err.flush();
            return result.stopped() ? StopSignal.EXIT_CODE : 0;
        }
    }

    private TrainingResult train(RunFolder run, Checkpoints checkpoints, StopSignal stop) {
        try (ProgressLine progress = new ProgressLine(trainer.step(), trainer.steps(), err)) {
            TrainingListener listener = new TrainingListener() {
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
            };
            return trainer.run(listener, checkpoints, rule);
        }
    }

    private void report(TrainingResult result, Path folder) {
        EpochMetrics kept = result.kept();
        String value = Double.isNaN(kept.test().elbo())
                ? String.format(
                        Locale.ROOT, "test reconstruction %.3f", kept.test().reconstruction())
                : String.format(Locale.ROOT, "test ELBO %.3f", kept.test().elbo());
        out.printf(
                Locale.ROOT,
                "%s nats per example after epoch %d of %d; results in %s%n",
                value,
                kept.epoch(),
                result.epochs().size(),
                folder);
    }
}
