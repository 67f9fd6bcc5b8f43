package dev.elbo.data;

import dev.elbo.data.RawColumn.Entry;
import dev.elbo.data.RawColumn.TextKind;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.TableColumn;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The values of a table's column for the cells of a source: a number, or the place of a word; NaN is a missing value. */
final class ColumnCode {
    private final RawColumn raw;
    private final boolean words;
    private final ColumnWords known;
    private final boolean unknownMissing;
    /** The value of each entry of the source's column. */
    private final double[] ofText;
    /** All numbers that are words, ascending, and the place of each word; none if values are numbers. */
    private final double[] numbers;

    private final int[] places;

    private long unknown;
    private String firstUnknown;

    /**
     * Checks all texts of a source's column.
     *
     * @throws ElboException of kind DATA for the first that is no value of the table's column; for unknown words only if they
     *     are not to be missing
     */
    ColumnCode(RawColumn raw, TableColumn column, boolean unknownMissing) {
        this.raw = raw;
        this.known = new ColumnWords(column);
        this.words = !column.words().isEmpty();
        this.unknownMissing = unknownMissing;
        List<Entry> entries = raw.entries();
        ofText = new double[entries.size()];
        Map<Double, Integer> found = new TreeMap<>();
        for (int i = 0; i < ofText.length; i++) {
            Entry entry = entries.get(i);
            ofText[i] = entry.type == TextKind.MISSING ? Double.NaN : words ? word(entry) : number(entry, column);
            if (words && entry.type == TextKind.NUMBER && !Double.isNaN(ofText[i])) {
                found.put(entry.value, (int) ofText[i]);
            }
        }
        ColumnKind kind = column.kind().orElse(null);
        if (!words && kind.isCount() && raw.notCount() != null) {
            throw ColumnRule.notCount(raw, raw.notCount(), kind);
        }
        numbers = found.keySet().stream().mapToDouble(Double::doubleValue).toArray();
        places = found.values().stream().mapToInt(Integer::intValue).toArray();
    }

    private double word(Entry entry) {
        int place = known.find(entry.text, entry.value);
        if (place >= 0) {
            return place;
        }
        noteUnknown(raw.place().at(entry.line), entry.text, entry.count);
        return Double.NaN;
    }

    private double number(Entry entry, TableColumn column) {
        ColumnKind kind = column.kind().orElseThrow();
        if (entry.type == TextKind.INFINITE) {
            throw raw.infinite(entry);
        }
        if (entry.type == TextKind.WORD) {
            throw ElboException.data(raw.place().at(entry.line) + ": is " + Messages.quote(entry.text)
                    + ", not a number, in a column that is " + kind.label() + "; correct it, or withMissing("
                    + Messages.quote(entry.text) + ") takes it as missing");
        }
        if (kind.isCount() && !Places.isCount(entry.value)) {
            throw ColumnRule.notCount(raw, entry, kind);
        }
        return entry.value;
    }

    private void noteUnknown(String place, String text, long count) {
        if (!unknownMissing) {
            throw ElboException.data(place + ": " + known.unknown(text)
                    + "; correct it, or withUnknownMissing takes such values as missing");
        }
        unknown += count;
        firstUnknown = firstUnknown == null ? place + ": is " + Messages.quote(text) : firstUnknown;
    }

    /** Returns the value of a cell in a row of the source. */
    double value(int row, double cell) {
        if (Double.isNaN(cell)) {
            return cell;
        }
        if (row < raw.switched()) {
            return ofText[(int) cell];
        }
        double number = cell + 0.0;
        if (raw.missing().is(number)) {
            return Double.NaN;
        }
        if (!words) {
            return number;
        }
        int at = Arrays.binarySearch(numbers, number);
        return at >= 0 ? places[at] : raw.many() ? orMissing(known.find(number)) : Double.NaN;
    }

    private static double orMissing(int place) {
        return place < 0 ? Double.NaN : place;
    }

    /** Checks the cells that no entry of the column names as the others were when this was created. */
    void check(Rows cells, int column) {
        if (!words || !raw.many()) {
            return;
        }
        int features = cells.features();
        cells.visitExactly(1, (from, rows, values) -> {
            for (int row = 0; row < rows; row++) {
                double cell = values[row * features + column];
                boolean number = from + row >= raw.switched()
                        && !Double.isNaN(cell)
                        && !raw.missing().is(cell);
                if (number && Double.isNaN(value(from + row, cell))) {
                    noteUnknown(
                            raw.place().column() + ": row " + (from + row) + " (from 0)", ColumnWords.text(cell), 1);
                }
            }
            return true;
        });
    }

    /** Returns a note on the values that are missing because the table does not know them, if there are any. */
    Optional<String> note() {
        return unknown == 0
                ? Optional.empty()
                : Optional.of("note: " + firstUnknown + ", which the table does not have; taken as missing"
                        + (unknown == 1 ? "" : ", as are " + (unknown - 1) + " more values of the column"));
    }
}
