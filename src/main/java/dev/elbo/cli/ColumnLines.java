package dev.elbo.cli;

import dev.elbo.data.TableSummary;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import dev.elbo.model.ColumnKind;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The columns of a table, with the kind of each and why it has it. */
final class ColumnLines {
    /** Columns that get a line. */
    private static final int LINES = 100;

    private static final int VALUES = 40;

    private ColumnLines() {}

    static void print(PrintWriter out, String name, TableSummary summary) {
        List<TableSummary.Column> columns = summary.columns();
        int width = columns.stream()
                .limit(LINES)
                .mapToInt(column -> column.name().length())
                .max()
                .orElse(0);
        out.println(Text.format("columns of %s, %,d rows:", name, summary.rows()));
        for (TableSummary.Column column : columns.subList(0, Math.min(LINES, columns.size()))) {
            out.println(Text.format(
                            "  %-" + Math.max(1, Math.min(width, VALUES)) + "s  %-17s  %s (%s)%s",
                            column.name(),
                            column.kind().map(ColumnKind::label).orElse("constant"),
                            shortened(column.values()),
                            OptionNames.in(column.reason()),
                            missing(column))
                    .stripTrailing());
        }
        if (columns.size() > LINES) {
            out.println("  and " + (columns.size() - LINES) + " more columns: " + kinds(columns, LINES));
        }
        if (summary.empty() > 0) {
            out.println(Text.format("note: %,d rows have no value at all; their loss is 0", summary.empty()));
        }
    }

    private static String shortened(String values) {
        return values.length() <= VALUES ? values : values.substring(0, VALUES - 1) + "…";
    }

    private static String missing(TableSummary.Column column) {
        if (column.gaps() == 0) {
            return "";
        }
        String words = column.missing().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(token -> Text.format(
                        "%,d %s", token.getValue(), token.getKey().isEmpty() ? "empty" : Messages.quote(token.getKey())))
                .collect(Collectors.joining(", "));
        return Text.format("; %,d missing: %s", column.gaps(), words);
    }

    private static String kinds(List<TableSummary.Column> columns, int from) {
        Map<String, Long> counts = columns.stream()
                .skip(from)
                .collect(Collectors.groupingBy(
                        column -> column.kind().map(ColumnKind::label).orElse("constant"), Collectors.counting()));
        return counts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
    }
}
