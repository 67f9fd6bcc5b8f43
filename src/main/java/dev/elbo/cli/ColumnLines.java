package dev.elbo.cli;

import dev.elbo.data.TableSummary;
import dev.elbo.io.Text;
import dev.elbo.model.ColumnKind;
import java.io.PrintWriter;
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
                            column.reason(),
                            column.gaps() == 0 ? "" : Text.format("; %,d missing", column.gaps()))
                    .stripTrailing());
        }
        if (columns.size() > LINES) {
            out.println("  and " + (columns.size() - LINES) + " more columns: " + kinds(columns, LINES));
        }
        columns.stream()
                .filter(TableSummary.Column::mayBeNumbers)
                .findFirst()
                .ifPresent(column -> out.println(
                        "note: whole numbers of at most 12 different values are categories here;" + " train --column "
                                + column.name() + "=gaussian, for example, takes them as numbers"));
    }

    private static String shortened(String values) {
        return values.length() <= VALUES ? values : values.substring(0, VALUES - 1) + "…";
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
