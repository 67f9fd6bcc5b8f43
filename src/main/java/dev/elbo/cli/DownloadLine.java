package dev.elbo.cli;

import dev.elbo.data.Progress;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;

/**
 * Progress of downloads and long reads on stderr: a bar on a terminal; elsewhere one line per download, and
 * one line every few seconds of a long read.
 */
final class DownloadLine implements Progress {
    private static final long SECOND = 1_000_000_000;
    /** Nanoseconds between the lines of a read. */
    private static final long PAUSE = 5 * SECOND;

    private final PrintWriter err;
    private String source;
    private long nextLine;
    private String current;
    private ProgressBar bar;

    DownloadLine(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void at(String file, long bytes, long total) {
        if (!file.equals(current)) {
            current = file;
            if (System.console() == null) {
                err.println("downloading " + file);
            } else {
                bar = ProgressLine.bar(file, " KiB", 1024, total);
            }
        }
        if (bar != null) {
            step(bytes, total);
        }
    }

    private void step(long done, long total) {
        bar.stepTo(done);
        if (done == total) {
            bar.close();
            bar = null;
        }
    }

    @Override
    public void reading(String name, long done, long total) {
        boolean terminal = System.console() != null;
        if (!name.equals(source)) {
            source = name;
            nextLine = System.nanoTime() + (terminal ? SECOND : PAUSE);
        }
        if (bar != null) {
            step(done, total);
        } else if (done < total && System.nanoTime() >= nextLine) {
            if (terminal) {
                bar = ProgressLine.bar("reading", "", 1, total);
                bar.stepTo(done);
            } else {
                err.println(Text.format("reading %s: %,d of %,d", name, done, total));
                nextLine = System.nanoTime() + PAUSE;
            }
        }
    }

    @Override
    public void note(String line) {
        err.println(OptionNames.in(line));
    }
}
