package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Npy;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Scores of examples as a table.
 *
 * @param column what a score is, at the head of its column
 * @param fractions of each example's references, or null
 */
record ScoreTable(String column, double[] scores, double[] fractions) {
    private static final String STDOUT = "-";
    /** More than float32 holds, and the same text from every JDK. */
    private static final MathContext DIGITS = new MathContext(10);

    /** Refuses a name that nothing can be written under, before any work is done. */
    static void check(String out) {
        if (!out.equals(STDOUT) && !ends(out, ".npy") && !ends(out, ".csv")) {
            throw ElboException.usage("--out " + out + ": the name must end in .csv or .npy, or be - for stdout");
        }
        try {
            Path.of(out);
        } catch (InvalidPathException e) {
            throw ElboException.usage("--out " + out + ": is no path");
        }
    }

    private static boolean ends(String out, String ending) {
        return out.toLowerCase(Locale.ROOT).endsWith(ending);
    }

    void write(String out, PrintWriter stdout) {
        if (out.equals(STDOUT)) {
            stdout.print(header());
            for (int row = 0; row < scores.length; row++) {
                stdout.print(line(row));
            }
        } else if (ends(out, ".npy")) {
            writeNpy(Path.of(out));
        } else {
            AtomicFile.write(Path.of(out), file -> {
                file.write(ByteBuffer.wrap(header().getBytes(StandardCharsets.US_ASCII)));
                StringBuilder lines = new StringBuilder();
                for (int row = 0; row < scores.length; row++) {
                    lines.append(line(row));
                    if (lines.length() > 1 << 16 || row == scores.length - 1) {
                        file.write(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII)));
                        lines.setLength(0);
                    }
                }
            });
        }
    }

    private void writeNpy(Path file) {
        if (fractions == null) {
            Npy.write(file, new int[] {scores.length}, scores);
            return;
        }
        double[] both = new double[2 * scores.length];
        for (int row = 0; row < scores.length; row++) {
            both[2 * row] = scores[row];
            both[2 * row + 1] = fractions[row];
        }
        Npy.write(file, new int[] {scores.length, 2}, both);
    }

    private String header() {
        return "row," + column + (fractions == null ? "" : ",reference_fraction_at_least_as_high") + "\n";
    }

    private String line(int row) {
        return row + "," + text(scores[row]) + (fractions == null ? "" : "," + text(fractions[row])) + "\n";
    }

    private static String text(double value) {
        return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
    }
}
