package dev.elbo.cli;

import dev.elbo.bundle.Bundle;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "bundle",
        description = {
            "Packs elbo with a Java runtime and everything else that it needs, for machines without Java and"
                    + " network: Linux on x86-64 with glibc, libstdc++ and libgcc.",
            "Unpack the archive anywhere and run bin/elbo. Packing needs a JDK and takes a minute or two."
        })
final class BundleCommand extends Action {
    private static final double MIB = 1 << 20;

    @Option(
            names = "--out",
            paramLabel = "FILE.tar.xz",
            defaultValue = "target/bundle.tar.xz",
            showDefaultValue = picocli.CommandLine.Help.Visibility.ALWAYS,
            description = "Archive to write.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        Bundle.check(out);
        Bundle bundle = Bundle.ofRunning(Main.class);
        PrintWriter err = err();
        try (StopSignal stop = new StopSignal(err)) {
            String digest;
            try (Line line = new Line(err, stop)) {
                digest = bundle.write(out, line);
            } catch (CancellationException e) {
                err.println("stopped; " + out + " was not written");
                return StopSignal.EXIT_CODE;
            }
            out().println(Text.format("%s: %.1f MiB, SHA-256 %s", out, Files.size(out) / MIB, digest));
            out().flush();
            return 0;
        }
    }

    /** Progress on stderr: a bar while packing on a terminal, one line per step elsewhere. Stops after a signal. */
    private static final class Line implements Bundle.Progress, AutoCloseable {
        private final PrintWriter err;
        private final StopSignal stop;
        private String current;
        private ProgressBar bar;

        Line(PrintWriter err, StopSignal stop) {
            this.err = err;
            this.stop = stop;
        }

        @Override
        public void at(String step, long done, long total) {
            if (stop.given()) {
                throw new CancellationException();
            }
            if (!step.equals(current)) {
                current = step;
                if (System.console() != null && total > 0) {
                    bar = ProgressLine.bar(step, " MiB", 1 << 20, total);
                } else {
                    err.println(step + (total > 0 ? Text.format(" %.0f MiB", total / MIB) : ""));
                }
            }
            if (bar != null) {
                bar.stepTo(done);
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
