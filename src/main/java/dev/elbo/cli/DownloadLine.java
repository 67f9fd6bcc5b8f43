package dev.elbo.cli;

import dev.elbo.data.Progress;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;

/** A download's progress on stderr: a bar on a terminal, a line a file elsewhere. */
final class DownloadLine implements Progress {
    private final PrintWriter err;
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
                err.flush();
            } else {
                bar = ProgressLine.bar(file, " KiB", 1024, total);
            }
        }
        if (bar != null) {
            bar.stepTo(bytes);
            if (bytes == total) {
                bar.close();
                bar = null;
            }
        }
    }
}
