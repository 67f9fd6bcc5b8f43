package dev.elbo.cli;

import dev.elbo.io.Text;
import dev.elbo.train.Checkpoint;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingResult;
import dev.elbo.train.TrainingRun;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A run on the terminal, from its first or next step to its last. */
record TrainConsole(
        PrintWriter out,
        PrintWriter err,
        Trainer trainer,
        CheckpointRule rule,
        RunDescription description,
        GapOptions.Meter meter) {
    int resume(RunFolder run, Checkpoint checkpoint, Path folder) {
        trainer.resume(checkpoint);
        if (trainer.isFinished() && Files.exists(run.model())) {
            out.println(folder + ": the run is finished, after epoch "
                    + trainer.epochs().size() + " of "
                    + trainer.options().epochs() + "; nothing to do");
            return 0;
        }
        err.println("resuming after step " + trainer.step() + " of " + trainer.steps());
        return run(run, folder);
    }

    int run(RunFolder run, Path folder) {
        TrainingRun training = TrainingRun.builder(trainer, run)
                .checkpointEvery(rule)
                .notes(description.given().notes())
                .metadata(description.metadata())
                .configuration(description.configuration(trainer))
                .build();
        // printed when the progress line is gone
        List<String> notes = new ArrayList<>();
        try (StopSignal stop = new StopSignal(err)) {
            TrainingResult result;
            try (ProgressLine progress = new ProgressLine(trainer.step(), trainer.steps(), meter, stop, err, notes)) {
                result = training.run(progress);
            }
            notes.forEach(note -> err.println("note: " + OptionNames.in(note)));
            result.selectedEpoch().ifPresent(epoch -> {
                report(result, epoch, folder);
                if (description.train().standardization().isPresent()) {
                    err.println(StandardizeOptions.note(description.train()));
                }
            });
            if (result.stopped()) {
                err.println("stopped after step " + result.step() + " of " + trainer.steps()
                        + "; resume with: elbo train --resume --out " + folder);
            }
            out.flush();
            return result.stopped() ? StopSignal.EXIT_CODE : 0;
        }
    }

    private void report(TrainingResult result, EpochMetrics selected, Path folder) {
        List<String> values = new ArrayList<>();
        if (result.test() != null) {
            values.add(value("test", result.test()));
        }
        if (selected.validation() != null) {
            values.add(value("validation", selected.validation()));
        }
        if (values.isEmpty()) {
            values.add(value("training", selected.train()));
        }
        out.println(Text.format(
                "%s nats per example after epoch %d of %d; results in %s",
                String.join(", ", values), selected.epoch(), result.epochs().size(), folder));
    }

    private static String value(String data, EpochMetrics.Part part) {
        return Double.isNaN(part.elbo())
                ? Text.format("%s reconstruction %.3f", data, part.reconstruction())
                : Text.format("%s ELBO %.3f", data, part.elbo());
    }
}
