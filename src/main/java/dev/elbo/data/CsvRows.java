package dev.elbo.data;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Turns fields into rows of float32 while the text is read. The first line is kept as text; once {@link #start} has said
 * what it is, fields become numbers without a string being made of each.
 */
final class CsvRows extends AbstractBaseCsvCallbackHandler<CsvRows> {
    /** Fields of a line: more than any table of numbers has, and few enough for a row to be no burden. */
    static final int MOST_COLUMNS = 1 << 20;
    /** Characters of a line. */
    static final int LONGEST_LINE = 1 << 26;
    /** What is written where a value is missing; there is no number to train on. */
    private static final Set<String> MISSING =
            Set.of("nan", "na", "n/a", "#n/a", "null", "none", "inf", "infinity", "-", "?", ".");

    private final String file;
    private final CsvOptions options;
    private final boolean anyValue;
    private final CsvNumbers numbers;
    private final List<String> first = new ArrayList<>();

    private Optional<List<String>> header = Optional.empty();
    private CsvColumns columns;
    private CsvLabels labels;
    private RowStore store;
    private double[] row;
    private int line;
    private long blank;
    private boolean isBlank;

    /** @param anyValue whether values that are missing or infinite are let through */
    CsvRows(String file, CsvOptions options, boolean anyValue) {
        this.anyValue = anyValue;
        this.file = file;
        this.options = options;
        this.numbers = new CsvNumbers(options.decimal().character());
    }

    @Override
    protected void handleBegin(long number) {
        line = 0;
        isBlank = false;
    }

    @Override
    protected void handleEmpty() {
        isBlank = true;
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
        line += length + 1;
        if (line > LONGEST_LINE || index >= MOST_COLUMNS) {
            throw refused("is longer than " + LONGEST_LINE + " characters or " + MOST_COLUMNS
                    + " fields; is it a table of numbers?");
        }
        if (columns == null) {
            requireText(index, text, offset, length);
            first.add(new String(text, offset, length).strip());
        } else if (index < columns.roles().length) {
            take(index, text, offset, length);
        }
    }

    private void requireText(int index, char[] text, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (text[i] < ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r') {
                throw ElboException.data(place(index)
                        + String.format(
                                Locale.ROOT, ": holds the control character U+%04X; this is no table of numbers", (int)
                                        text[i]));
            }
        }
    }

    private void take(int index, char[] text, int offset, int length) {
        int role = columns.roles()[index];
        if (role == CsvColumns.LABEL) {
            requireText(index, text, offset, length);
            labels.add(new String(text, offset, length).strip(), place(index));
        } else if (role >= 0) {
            float value = numbers.parse(text, offset, length);
            row[role] =
                    Float.isFinite(value) ? value : notFinite(index, new String(text, offset, length).strip(), value);
        }
    }

    @Override
    protected CsvRows buildRecord() {
        if (isBlank) {
            blank = blank == 0 ? getStartingLineNumber() : blank;
        } else if (columns != null) {
            addRow();
        }
        return this;
    }

    private void addRow() {
        int width = columns.roles().length;
        if (getFieldCount() != width) {
            throw refused("has " + fields(getFieldCount()) + ", line 1 has " + width
                    + "; every line needs as many (--delimiter says what stands between them)");
        }
        if (blank > 0 && width == 1) {
            throw ElboException.data(file + ": line " + blank + " is empty; fill it in, or remove it");
        }
        store.add(row);
    }

    private static String fields(int count) {
        return count + (count == 1 ? " field" : " fields");
    }

    /** Whether the first line is there, and not yet given a meaning. */
    boolean awaitsStart() {
        return columns == null && !first.isEmpty();
    }

    /** Gives the first line its meaning: names, or the first row. */
    void start() {
        boolean names = switch (options.header()) {
            case YES -> true;
            case NO -> false;
            case AUTO -> options.needsHeader() || looksLikeNames();
        };
        header = names ? Optional.of(List.copyOf(first)) : Optional.empty();
        CsvColumns chosen = CsvColumns.of(file, options, first.size(), header);
        row = new double[chosen.features()];
        store = RowStore.ofDoubles(file, chosen.features());
        labels = new CsvLabels();
        columns = chosen;
        if (!names) {
            for (int i = 0; i < first.size(); i++) {
                take(i, first.get(i).toCharArray(), 0, first.get(i).length());
            }
            store.add(row);
        }
        first.clear();
    }

    /** Of the fields that are to be read, none is a number and one at least is a word. */
    private boolean looksLikeNames() {
        int[] roles =
                CsvColumns.of(file, options, first.size(), Optional.empty()).roles();
        boolean word = false;
        for (int i = 0; i < roles.length; i++) {
            String field = first.get(i);
            if (roles[i] >= 0 && !isMissing(field)) {
                if (!Float.isNaN(numbers.parse(field.toCharArray(), 0, field.length()))) {
                    return false;
                }
                word = true;
            }
        }
        return word;
    }

    private static boolean isMissing(String field) {
        String bare = field.startsWith("-") || field.startsWith("+") ? field.substring(1) : field;
        return field.isEmpty()
                || MISSING.contains(field.toLowerCase(Locale.ROOT))
                || MISSING.contains(bare.toLowerCase(Locale.ROOT));
    }

    /** The value of a field that is none to train on, where it is let through. */
    private float notFinite(int index, String field, float value) {
        if (anyValue && Float.isInfinite(value)) {
            return value;
        }
        if (anyValue && isMissing(field)) {
            boolean infinite = field.toLowerCase(Locale.ROOT).contains("inf");
            return !infinite ? Float.NaN : field.startsWith("-") ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
        }
        throw noNumber(index, field, value);
    }

    private ElboException noNumber(int index, String field, float value) {
        String leaveOut = "--ignore-columns " + (index + 1) + " leaves the column out";
        String what;
        if (field.isEmpty()) {
            what = "is empty; fill it in or remove the row, or " + leaveOut;
        } else if (isMissing(field)) {
            what = "is " + Messages.quote(field) + ", no finite number; fill it in or remove the row, or " + leaveOut;
        } else if (Float.isInfinite(value)) {
            what = "is " + Messages.quote(field) + ", more than float32 holds (3.4e38); rescale the column, or "
                    + leaveOut;
        } else {
            what = "is " + Messages.quote(field) + ", no number; " + instead(field, index, leaveOut);
        }
        return ElboException.data(place(index) + ": " + what);
    }

    private String instead(String field, int index, String leaveOut) {
        if (options.decimal() == CsvOptions.Decimal.POINT && field.matches("[-+]?\\d+,\\d+")) {
            return "--decimal comma reads decimal commas";
        }
        return leaveOut + ", --label-column " + (index + 1) + " makes it the label"
                + (getStartingLineNumber() == 1 && header.isEmpty()
                        ? ", --header yes takes the first line for names"
                        : "");
    }

    private String place(int index) {
        return file + ": line " + getStartingLineNumber() + ", " + CsvColumns.column(index, header);
    }

    private ElboException refused(String what) {
        return ElboException.data(file + ": line " + getStartingLineNumber() + " " + what);
    }

    /** The line that was begun last, from 1. */
    long line() {
        return getStartingLineNumber();
    }

    /** What was read. */
    Dataset finish() {
        if (store == null || store.count() == 0) {
            throw ElboException.data(
                    file + ": has no rows of numbers" + (header.isPresent() ? " below its header" : ""));
        }
        boolean labelled = options.label().isPresent();
        Optional<int[]> values = labelled ? Optional.of(labels.values()) : Optional.empty();
        // every value was judged when it was read
        return Dataset.unchecked(file, store.finish(), Optional.empty(), 1, values)
                .withNames(columns.names(), labelled ? labels.names() : Optional.empty());
    }

    /** Frees what {@link #finish} has not handed over. */
    void close() {
        if (store != null) {
            store.close();
        }
    }
}
