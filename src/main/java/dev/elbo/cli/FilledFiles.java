package dev.elbo.cli;

import dev.elbo.analysis.ImputedData;
import dev.elbo.analysis.InputSchema;
import dev.elbo.data.TableCopy;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Messages;
import dev.elbo.io.RowsFile;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The copies of a table with its gaps filled: one, or one for each draw. */
final class FilledFiles {
    private static final String NPY = ".npy";
    private static final String GZIP = ".gz";

    private final String out;
    private final int draws;
    private final TableCopy copy;
    private final List<String> names;

    /** @param draws 0 for one file of means, modes and medians */
    FilledFiles(String out, int draws, TableCopy copy) {
        this.out = out;
        this.draws = draws;
        this.copy = copy;
        boolean npy = out.toLowerCase(Locale.ROOT).endsWith(NPY);
        if (copy.isText() == npy || out.toLowerCase(Locale.ROOT).endsWith(".npz")) {
            throw ElboException.usage("--out " + out + ": the data are "
                    + (copy.isText()
                            ? "text, whose copy is text; give a name such as filled.csv"
                            : "an array, whose copy is one; give a name in .npy"));
        }
        if (out.equals("-")) {
            throw ElboException.usage("--out -: what was filled is told on stdout; give a file name");
        }
        names = draws == 0
                ? List.of(out)
                : IntStream.rangeClosed(1, draws)
                        .mapToObj(draw -> named("-" + draw))
                        .toList();
    }

    int draws() {
        return draws;
    }

    List<String> names() {
        return names;
    }

    /** Returns the name with something before its ending, both parts of {@code .csv.gz}. */
    private String named(String mark) {
        int from = Math.max(out.lastIndexOf('/'), out.lastIndexOf('\\')) + 1;
        int end = isPacked() ? out.length() - GZIP.length() : out.length();
        int point = out.lastIndexOf('.', end - 1);
        int at = point > from ? point : end;
        return out.substring(0, at) + mark + out.substring(at);
    }

    private boolean isPacked() {
        return copy.isText() && out.toLowerCase(Locale.ROOT).endsWith(GZIP);
    }

    /** Refuses what could not be written, before hours of work: over the data, into no folder, or more than the disk holds. */
    void requireRoom(Path source) {
        for (String name : names) {
            ModelOptions.requireOther(path(name), source);
        }
        Path folder = path(names.get(0)).toAbsolutePath().getParent();
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw ElboException.io("--out " + out + ": " + folder + " is not a folder that can be written to");
        }
        try {
            long bytes = Files.size(source) * names.size();
            long free = Files.getFileStore(folder).getUsableSpace();
            if (bytes > free) {
                throw ElboException.io("--out " + out + ": needs some " + (bytes >> 20) + " MiB, but its disk has "
                        + (free >> 20) + " MiB free; ask for fewer --draws, or use another disk");
            }
        } catch (IOException e) {
            throw ElboException.io("--out " + out + ": " + Messages.reason(e), e);
        }
    }

    private Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw ElboException.usage("--out " + out + ": is not a valid path");
        }
    }

    /** Writes all files, with the rows that have no gaps left; returns the number of gaps that were filled in each column. */
    int[] write(ImputedData imputed, InputSchema inputs, boolean uncertainty) {
        Table table = inputs.table().orElseThrow();
        List<TableCopy.Beside> beside = uncertainty && copy.isText() ? beside(table, imputed) : List.of();
        int[][] filled = new int[1][];
        for (int i = 0; i < names.size(); i++) {
            int draw = i;
            TableCopy.Gaps gaps = draws == 0 ? imputed::value : (row, column) -> imputed.draw(row, column, draw);
            AtomicFile.write(
                    path(names.get(i)),
                    channel -> filled[0] =
                            copy.write(channel, isPacked(), imputed.completeRows(), gaps, beside, inputs.fitsFloat()));
        }
        if (uncertainty && !copy.isText()) {
            AtomicFile.write(path(named("-uncertainty")), channel -> writeUncertainty(channel, table, imputed));
        }
        return filled[0];
    }

    private static List<TableCopy.Beside> beside(Table table, ImputedData imputed) {
        List<TableCopy.Beside> beside = new ArrayList<>();
        for (int c = 0; c < table.columns().size(); c++) {
            if (imputed.filled(c) > 0) {
                TableColumn column = table.columns().get(c);
                String name = column.name() + (column.words().isEmpty() ? " (sd)" : " (p)");
                beside.add(new TableCopy.Beside(name, c, imputed::uncertainty));
            }
        }
        return beside;
    }

    private static void writeUncertainty(WritableByteChannel channel, Table table, ImputedData imputed)
            throws IOException {
        double[] row = new double[table.columns().size()];
        RowsFile file = RowsFile.npy(channel, row.length, imputed.completeRows(), false);
        for (int i = 0; i < imputed.completeRows(); i++) {
            int number = i;
            Arrays.setAll(row, column -> imputed.uncertainty(number, column));
            file.write(row);
        }
        file.finish();
    }
}
