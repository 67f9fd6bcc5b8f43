package dev.elbo.spark;

import dev.elbo.io.Messages;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/** A reader of the classes of rows: words, or numbers that are written as such, 3 and 3.0 alike. */
final class RowClasses {
    private static final int LISTED = 20;

    private final List<String> known;
    private final int column;
    private final String name;
    private final Map<String, String> byText = new HashMap<>();

    RowClasses(List<String> known, int column, String name) {
        this.known = known;
        this.column = column;
        this.name = name;
        known.forEach(each -> byText.put(each, each));
    }

    /** Reads the class of a row to its place; returns the problem, or null. */
    String read(Row row, String[] names, int place) {
        Object value = row.get(column);
        names[place] = value == null ? null : byText.get(text(value));
        if (names[place] != null) {
            return null;
        }
        return "column " + Messages.quote(name) + " is "
                + (value == null ? "null" : Messages.quote(value.toString()))
                + ", none of the model's classes " + Messages.list(known, LISTED, each -> each);
    }

    private static String text(Object value) {
        if (value instanceof String word) {
            return word.strip();
        }
        boolean whole = value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && Math.abs(number.doubleValue()) < 1L << 53;
        return whole ? Long.toString(((Number) value).longValue()) : value.toString();
    }
}
