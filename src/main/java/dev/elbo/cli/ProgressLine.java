package dev.elbo.cli;

import dev.elbo.io.Text;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.TrainingListener;
import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The progress of a run on stderr: a bar on a terminal, plain lines elsewhere, one a second at most. */
final class ProgressLine implements TrainingListener, AutoCloseable {
    private static final long SECOND = 1_000_000_000;

    private final PrintWriter err;
    private final ProgressBar bar;
    private long nextLine = System.nanoTime();
    private EpochMetrics unsaid;

    /** Starts after {@code done} of all steps of the run. */
    ProgressLine(long done, long steps, PrintWriter err) {
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
