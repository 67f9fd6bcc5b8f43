package dev.elbo.data;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads texts as rows of tables. */
final class TextTable {
    private TextTable() {}

    static Dataset read(String text) {
        return read(text, TableOptions.DEFAULT);
    }

    static Dataset read(String text, TableOptions options) {
        return read("t.csv", text, ReadOptions.DEFAULT.withTable(options), Progress.NONE);
    }

    static Dataset read(String name, String text, ReadOptions options, Progress progress) {
        return CsvFile.read(name, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), options, progress);
    }

    /** Returns a text of a column called x, beside one that varies. */
    static String column(List<?> values) {
        StringBuilder text = new StringBuilder("x,y\n");
        for (int i = 0; i < values.size(); i++) {
            text.append(values.get(i)).append(",").append(i % 2).append("\n");
        }
        return text.toString();
    }

    static TableSummary.Column first(Dataset data) {
        return data.summary().orElseThrow().columns().get(0);
    }
}
