package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.analysis.ImputedData;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.data.Dataset;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What was filled in a table, as text or JSON. */
final class ImputeReport {
    /** Rows that are named in the note. */
    private static final int NAMED = 5;

    private final PrintWriter out;
    private final Table table;
    private final ImputedData imputed;
    private final List<String> files;

    ImputeReport(PrintWriter out, Table table, ImputedData imputed, List<String> files) {
        this.out = out;
        this.table = table;
        this.imputed = imputed;
        this.files = files;
    }

    /** @param filled the number of gaps that were filled in each column of the table */
    void print(Dataset rows, int[] filled, long seed, double seconds, boolean json) {
        if (json) {
            out.println(json(rows, filled, seed, seconds));
            return;
        }
        long gaps = Arrays.stream(filled).asLongStream().sum();
        out.println(Text.format(
                "%s%,d gaps filled in %,d of %,d rows of %s, %,d samples each, in %s",
                imputed.partial() ? Text.format("PARTIAL: the first %,d rows: ", imputed.completeRows()) : "",
                gaps,
                imputed.finished(),
                rows.size(),
                rows.name(),
                imputed.samples(),
                files.size() == 1 ? files.get(0) : files.get(0) + " to " + files.get(files.size() - 1)));
        if (gaps > 0) {
            printColumns(filled);
        }
        if (imputed.finished() > 0) {
            out.println(Text.format(
                    "effective samples  %.1f  mean of (sum w)^2 / sum w^2; least %.1f of %,d",
                    imputed.effectiveSamples(), imputed.leastEffectiveSamples(), imputed.samples()));
        }
        int[] unreliable = imputed.unreliableRows();
        if (unreliable.length > 0) {
            out.println(Text.format(
                    "note: %,d of %,d rows have fewer than %d effective samples, so that few samples carry their values;%n"
                            + "      more --samples make them more reliable: row %s (from 0)",
                    unreliable.length,
                    imputed.finished(),
                    LikelihoodEstimate.RELIABLE,
                    Messages.list(
                            Arrays.stream(unreliable).boxed().collect(Collectors.toList()), NAMED, Object::toString)));
        }
    }

    private void printColumns(int[] filled) {
        List<TableColumn> columns = table.columns();
        int width = 6;
        for (int c = 0; c < filled.length; c++) {
            width = filled[c] > 0 ? Math.max(width, columns.get(c).name().length()) : width;
        }
        out.println(Text.format("%-" + width + "s  %-17s  %10s", "column", "kind", "gaps"));
        for (int c = 0; c < filled.length; c++) {
            if (filled[c] > 0) {
                out.println(Text.format(
                        "%-" + width + "s  %-17s  %,10d", columns.get(c).name(), kind(columns.get(c)), filled[c]));
            }
        }
    }

    private static String kind(TableColumn column) {
        return column.kind().map(ColumnKind::label).orElse("constant");
    }

    private JsonObject json(Dataset rows, int[] filled, long seed, double seconds) {
        JsonObject object = new JsonObject();
        object.addProperty("data", rows.name());
        object.add("files", new Gson().toJsonTree(files));
        object.addProperty("rows", rows.size());
        object.addProperty("rows_written", imputed.completeRows());
        object.addProperty("rows_with_gaps", imputed.incomplete());
        object.addProperty("rows_filled", imputed.finished());
        object.addProperty("partial", imputed.partial());
        object.addProperty("samples", imputed.samples());
        object.addProperty("draws", imputed.draws());
        object.addProperty("seed", seed);
        object.addProperty("gaps_filled", Arrays.stream(filled).asLongStream().sum());
        JsonArray columns = new JsonArray();
        for (int c = 0; c < filled.length; c++) {
            JsonObject column = new JsonObject();
            column.addProperty("name", table.columns().get(c).name());
            column.addProperty("kind", kind(table.columns().get(c)));
            column.addProperty("gaps_filled", filled[c]);
            columns.add(column);
        }
        object.add("columns", columns);
        JsonObject effective = new JsonObject();
        add(effective, "mean", imputed.effectiveSamples());
        add(effective, "least", imputed.leastEffectiveSamples());
        effective.addProperty("rows_below_" + LikelihoodEstimate.RELIABLE, imputed.unreliableRows().length);
        object.add("effective_samples", effective);
        object.addProperty("seconds", seconds);
        return object;
    }

    /** Adds a number, or null for NaN, which JSON does not have. */
    private static void add(JsonObject object, String name, double value) {
        object.addProperty(name, Double.isFinite(value) ? value : null);
    }
}
