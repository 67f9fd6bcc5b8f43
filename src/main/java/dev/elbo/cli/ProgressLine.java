package dev.elbo.cli;

import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.io.Text;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.TrainingListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * The listener of a run on the terminal. Its progress is on stderr: a bar on a terminal, plain lines elsewhere, one a
 * second at most.
 */
final class ProgressLine implements TrainingListener, AutoCloseable {
    private static final long SECOND = 1_000_000_000;

    private final GapOptions.Meter meter;
    private final StopSignal stop;
    private final PrintWriter err;
    private final List<String> notes;
    private final ProgressBar bar;
    private boolean begun;
    private long nextLine = System.nanoTime();
    private EpochMetrics unsaid;

    /** Starts after {@code done} of all steps; {@code notes} receives those to print when this line is gone. */
    ProgressLine(long done, long steps, GapOptions.Meter meter, StopSignal stop, PrintWriter err, List<String> notes) {
        this.meter = meter;
        this.stop = stop;
        this.notes = notes;
        this.err = err;
        this.bar = System.console() == null ? null : bar("training", " steps", 1, done, steps);
    }

    /** Opens a bar with rate and time left. */
    static ProgressBar bar(String task, String unit, long unitSize, long total) {
        return bar(task, unit, unitSize, 0, total);
    }

    private static ProgressBar bar(String task, String unit, long unitSize, long done, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setUnit(unit, unitSize)
                .setInitialMax(total)
                .startsFrom(done, Duration.ZERO)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .setUpdateIntervalMillis(200)
                .build();
    }

    @Override
    public void onStep(long step, long steps) {
        begun = true;
        if (bar != null) {
            bar.stepTo(step);
        }
    }

    @Override
    public void onEpoch(EpochMetrics epoch) {
        if (bar != null) {
            bar.setExtraMessage(" epoch " + epoch.epoch() + ", " + text(epoch));
        } else if (System.nanoTime() >= nextLine) {
            say(epoch);
        } else {
            unsaid = epoch;
        }
    }

    @Override
    public LikelihoodEstimate measureGap(int epoch) {
        return meter.after(epoch);
    }

    @Override
    public void onRollback(String why, List<EpochMetrics> epochs) {
        err.println("note: " + OptionNames.in(why));
    }

    @Override
    public void onNote(String line) {
        if (begun) {
            notes.add(line);
        } else {
            err.println("note: " + OptionNames.in(line));
        }
    }

    @Override
    public boolean shouldStop() {
        return stop.given();
    }

    private void say(EpochMetrics epoch) {
        err.println(
                Text.format("epoch %d: %s, %.0f examples/s", epoch.epoch(), text(epoch), epoch.examplesPerSecond()));
        nextLine = System.nanoTime() + SECOND;
        unsaid = null;
    }

    private static String text(EpochMetrics epoch) {
        EpochMetrics.Part part = epoch.judged() == null ? epoch.train() : epoch.judged();
        String data = epoch.judged() == null ? "training" : epoch.validation() == null ? "test" : "validation";
        return Double.isNaN(part.elbo())
                ? Text.format("%s reconstruction %.3f", data, part.reconstruction())
                : Text.format(
                        "%s ELBO %.3f (reconstruction %.3f, KL %.3f)",
                        data, part.elbo(), part.reconstruction(), part.kl());
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        } else if (unsaid != null) {
            say(unsaid);
        }
    }
}
