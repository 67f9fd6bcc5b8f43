package dev.elbo.data;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Turns fields into rows of float64, or into the cells of a table, while the text is read. The first line, and the second where it is needed, are kept as
 * text until {@link CsvHeader} has said what they are; then fields become numbers without a string being made of each.
 */
final class CsvRows extends AbstractBaseCsvCallbackHandler<CsvRows> {
    /** Fields of a line: more than any table of numbers has, and few enough for a row to fit in memory. */
    static final int MAX_COLUMNS = 1 << 20;

    static final int MAX_LINE_LENGTH = 1 << 26;

    private static final String GAPS = ", withTable takes gaps";

    private final String file;
    private final CsvOptions options;
    private final boolean anyValue;
    private final Optional<TableOptions> table;
    private final PixelScale pixels;
    private final CsvNumbers numbers;
    private final char delimiter;
    private final CsvHeader start;
    /** The first lines, until they are interpreted. */
    private final List<CsvLine> begun = new ArrayList<>();

    private List<String> fields = new ArrayList<>();
    private Optional<List<String>> header = Optional.empty();
    /** The line of the header, or of the first row. */
    private CsvLine first;

    private CsvColumns columns;
    private CsvLabels labels;
    /** Null unless the rows are those of a table. */
    private TableCells cells;

    private RowStore store;
    private double[] row;
    /** The line that is taken, from 1. */
    private long number;

    private char mark;
    private int line;
    private long blank;
    private boolean isBlank;

    /** @param delimiter of the text, not AUTO */
    CsvRows(String file, ReadOptions reading, CsvOptions.Delimiter delimiter) {
        this.options = reading.csv();
        this.anyValue = reading.anyValue();
        this.table = reading.table();
        this.pixels = reading.scale();
        this.file = file;
        this.numbers = new CsvNumbers(options.decimal(), options.thousands());
        this.delimiter = delimiter.character;
        this.start = new CsvHeader(file, options, delimiter, table.isPresent());
    }

    @Override
    protected void handleBegin(long beginning) {
        number = beginning;
        line = 0;
        mark = 0;
        isBlank = false;
    }

    @Override
    protected void handleEmpty() {
        isBlank = true;
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
        line += length + 1;
        if (line > MAX_LINE_LENGTH || index >= MAX_COLUMNS) {
            throw refused("is longer than " + MAX_LINE_LENGTH + " characters or " + MAX_COLUMNS
                    + " fields; is it a table of numbers?");
        }
        if (index == 0) {
            mark = CsvLine.mark(text, offset, length, quoted);
        }
        if (columns == null) {
            if (begun.isEmpty()) {
                requireText(index, text, offset, length);
            }
            fields.add(new String(text, offset, length).strip());
        } else if (index < columns.roles().length) {
            take(index, text, offset, length);
        }
    }

    private void requireText(int index, char[] text, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (text[i] < ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r') {
                throw ElboException.data(place(index)
                        + Text.format(
                                ": holds the control character U+%04X; this is not a table of numbers", (int) text[i]));
            }
        }
    }

    private void take(int index, char[] text, int offset, int length) {
        int role = columns.roles()[index];
        if (role == CsvColumns.LABEL) {
            requireText(index, text, offset, length);
            labels.add(new String(text, offset, length).strip(), place(index));
        } else if (role >= 0 && cells != null) {
            row[role] = cells.cell(role, text, offset, length, store.count(), number);
        } else if (role >= 0) {
            double value = numbers.parse(text, offset, length);
            row[role] = !Double.isFinite(value)
                    ? notFinite(index, new String(text, offset, length).strip(), value)
                    : pixels.isGiven() ? pixel(index, value) : value;
        }
    }

    @Override
    protected CsvRows buildRecord() {
        if (getRecordType() == RecordType.COMMENT) {
            return this;
        }
        if (isBlank) {
            blank = blank == 0 ? number : blank;
        } else if (columns != null) {
            addRow(getFieldCount());
        } else {
            begun.add(new CsvLine(number, fields, mark));
            fields = new ArrayList<>();
            if (begun.size() == 2 || !start.needsSecond(begun.get(0))) {
                begin();
            }
        }
        return this;
    }

    private void addRow(int count) {
        int width = columns.roles().length;
        if (count != width) {
            throw ragged(count, width);
        }
        if (blank > 0 && width == 1) {
            throw ElboException.data(file + ": line " + blank + " is empty; fill it in, or remove it");
        }
        addRow();
    }

    private void addRow() {
        if (cells != null) {
            cells.end(row);
        }
        store.add(row);
    }

    private ElboException ragged(int count, int width) {
        if (mark != 0) {
            return refused(CsvLine.skipped(mark));
        }
        return refused("has " + count + (count == 1 ? " field" : " fields") + ", line " + first.number() + " has "
                + width
                + "; every line needs as many (CsvOptions.Delimiter sets the delimiter"
                + (first.mark() == 0 ? "" : ", withComment('" + first.mark() + "') skips lines that begin with it")
                + ")");
    }

    /** Interprets the first lines: names and the first row, or rows. */
    private void begin() {
        Optional<CsvLine> second = begun.size() == 2 ? Optional.of(begun.get(1)) : Optional.empty();
        first = begun.get(0);
        header = start.of(first, second);
        int width = header.map(List::size).orElse(first.fields().size());
        CsvOptions wished =
                table.map(some -> TableCells.options(options, some, header)).orElse(options);
        CsvColumns chosen = CsvColumns.of(file, wished, width, header, first.number());
        row = new double[chosen.features()];
        store = new RowStore(file, chosen.features(), Rows.Type.FLOAT64);
        labels = new CsvLabels();
        cells = table.map(some -> new TableCells(file, some, numbers, chosen, header))
                .orElse(null);
        columns = chosen;
        if (header.isEmpty()) {
            take(first);
            addRow();
        }
        second.ifPresent(taken -> {
            take(taken);
            addRow(taken.fields().size());
        });
        begun.clear();
    }

    private void take(CsvLine taken) {
        number = taken.number();
        mark = taken.mark();
        for (int i = 0; i < Math.min(columns.roles().length, taken.fields().size()); i++) {
            char[] text = taken.fields().get(i).toCharArray();
            take(i, text, 0, text.length);
        }
    }

    private double pixel(int index, double value) {
        if (!pixels.holds(value)) {
            throw ElboException.data(place(index) + ": is " + Rows.shown(value) + ", " + pixels.outside());
        }
        return pixels.of(value);
    }

    /** Returns the value of a field that is missing or not finite, if such values are accepted. */
    private double notFinite(int index, String field, double value) {
        if (anyValue && Double.isInfinite(value)) {
            return value;
        }
        if (anyValue && CsvHeader.isMissing(field)) {
            boolean infinite = field.toLowerCase(Locale.ROOT).contains("inf");
            return !infinite ? Double.NaN : field.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        throw noNumber(index, field, value);
    }

    private ElboException noNumber(int index, String field, double value) {
        String problem;
        if (field.isEmpty()) {
            problem = "is empty; fill it in or remove the row, or " + leftOut(index) + GAPS;
        } else if (CsvHeader.isMissing(field)) {
            problem = "is " + Messages.quote(field) + ", not a finite number; fill it in or remove the row, or "
                    + leftOut(index) + GAPS;
        } else if (Double.isInfinite(value)) {
            problem = "is " + Messages.quote(field) + ", more than float64 holds (1.8e308); rescale the column, or "
                    + leftOut(index);
        } else if (mark != 0 && index == 0) {
            return refused(CsvLine.skipped(mark));
        } else {
            problem = "is " + Messages.quote(field) + ", not a number; "
                    + (index == 0 && field.equals("%")
                            ? "withComment('%') skips lines that begin with it"
                            : instead(field, index));
        }
        return ElboException.data(place(index) + ": " + problem
                + (mark == 0 ? "" : "; withComment('" + mark + "') skips lines that begin with it"));
    }

    private static String leftOut(int index) {
        return "withIgnoredColumns(" + (index + 1) + ") leaves the column out";
    }

    private String instead(String field, int index) {
        String names = number == first.number() && header.isEmpty()
                ? ", CsvOptions.Header.YES takes the first line for names"
                : "";
        String other = numbers.instead(field);
        if (!other.isEmpty()) {
            return other + names;
        }
        String[] parts = field.split("[ \t]+");
        if (parts.length > 1 && Arrays.stream(parts).allMatch(CsvNumbers::isNumber)) {
            return "CsvOptions.Delimiter.SPACE divides fields by blanks" + names;
        }
        return leftOut(index) + ", withLabelColumn(" + (index + 1) + ") makes it the label" + names
                + ", withTable reads words";
    }

    private String place(int index) {
        return file + ": line " + number + ", " + CsvColumns.column(index, header);
    }

    private ElboException refused(String problem) {
        return ElboException.data(file + ": line " + number + " " + problem);
    }

    /** Returns whether enough lines were taken to say what the columns are. */
    boolean isBegun() {
        return columns != null;
    }

    /** Returns what the first lines say of the columns. */
    CsvLayout layout() {
        if (!isBegun() && begun.isEmpty()) {
            throw TableCopy.changed(file);
        }
        if (!isBegun()) {
            begin();
        }
        return new CsvLayout(delimiter, header, columns);
    }

    /** The line that was begun last, from 1. */
    long line() {
        return getStartingLineNumber();
    }

    Dataset finish(Progress progress) {
        if (!begun.isEmpty()) {
            begin();
        }
        if (store == null || store.count() == 0) {
            throw ElboException.data(file + ": has no rows" + (table.isPresent() ? "" : " of numbers")
                    + (header.isPresent() ? " below its header" : ""));
        }
        boolean labelled = options.label().isPresent();
        Optional<int[]> values = labelled ? Optional.of(labels.values()) : Optional.empty();
        if (cells != null) {
            boolean guessed = options.header() == CsvOptions.Header.AUTO && !options.needsHeader();
            if (guessed && !columns.byModel() && !first.isMarked()) {
                cells.requireHeader(header.isPresent(), first.number());
            }
            return cells.finish(store.finish(), values, progress)
                    .withLabelNames(labelled ? labels.names() : Optional.empty());
        }
        // every value was judged when it was read
        return Dataset.unchecked(file, store.finish(), Optional.empty(), 1, values)
                .withNames(columns.names(), labelled ? labels.names() : Optional.empty());
    }

    /** Returns the columns that a model does not take, and no option leaves out. */
    NotUsed notUsed() {
        NotUsed notUsed = new NotUsed(file);
        columns.notUsed().forEach(notUsed::add);
        return notUsed;
    }

    /** Frees the memory that {@link #finish} has not handed over. */
    void close() {
        if (store != null) {
            store.close();
        }
    }
}
