package dev.elbo.cli;

import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import me.tongfei.progressbar.ProgressBar;

/** The progress of importance sampling on stderr: first an estimate of the time, then a bar on a terminal, or lines. */
final class SamplingProgress implements MarginalLikelihood.Progress, AutoCloseable {
    private static final double SECOND = 1e9;
    /** Seconds between lines, at first and at most. */
    private static final double BETWEEN = 1;

    private static final double MAX_BETWEEN = 60;
    /** Seconds of work from which the time is estimated. */
    private static final double MEASURED = 0.5;
    /** Seconds of work below which no estimate is printed. */
    private static final double WORTH_SAYING = 2;

    private final int examples;
    private final int samples;
    private final PrintWriter err;
    private final BooleanSupplier stop;
    private final long start = System.nanoTime();
    private double warm;
    private boolean announced;
    private double nextLine = BETWEEN;
    private ProgressBar bar;

    /** @param stop whether to stop, called after every chunk */
    SamplingProgress(int examples, int samples, PrintWriter err, BooleanSupplier stop) {
        this.examples = examples;
        this.samples = samples;
        this.err = err;
        this.stop = stop;
    }

    double seconds() {
        return (System.nanoTime() - start) / SECOND;
    }

    @Override
    public boolean shouldContinue(int finished, long chunk, long chunks) {
        double now = seconds();
        if (chunk == 1) {
            // the first chunk includes the start of the virtual machine
            warm = now;
        } else if (!announced && now - warm >= MEASURED) {
            announced = true;
            announce((now - warm) / (chunk - 1) * (chunks - chunk), chunks);
        }
        if (bar != null) {
            bar.stepTo(chunk);
            bar.setExtraMessage(Text.format(" %,d of %,d examples", finished, examples));
        } else if (now >= nextLine && chunk < chunks) {
            err.println(Text.format(
                    "%,d of %,d examples, %s left", finished, examples, duration(now / chunk * (chunks - chunk))));
            nextLine = now + Math.max(BETWEEN, Math.min(MAX_BETWEEN, now / 4));
        }
        return !stop.getAsBoolean();
    }

    private void announce(double seconds, long chunks) {
        if (seconds < WORTH_SAYING) {
            return;
        }
        err.println(Text.format(
                "%,d examples × %,d samples will take about %s; Ctrl-C stops early and keeps the finished examples",
                examples, samples, duration(seconds)));
        if (System.console() != null) {
            bar = ProgressLine.bar("sampling", " chunks", 1, chunks);
        }
    }

    /** {@return text such as "3 h 20 min", "3 min 20 s", "20 s"} */
    static String duration(double seconds) {
        long s = Math.max(1, Math.round(seconds));
        if (s >= 3600) {
            return s / 3600 + " h " + s % 3600 / 60 + " min";
        }
        return s >= 60 ? s / 60 + " min " + s % 60 + " s" : s + " s";
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
