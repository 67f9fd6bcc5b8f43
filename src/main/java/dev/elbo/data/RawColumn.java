package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import dev.elbo.model.Columns;
import dev.elbo.model.TableColumn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a column of one source holds: its different texts, as long as they may be categories. A cell is the number of its
 * text, from the row on where they are too many it is a number itself; NaN is a missing value.
 */
final class RawColumn {
    /** The most texts that are compared one by one. */
    private static final int FEW = 8;

    enum TextKind {
        NUMBER,
        /** A number for which there is no float64, or the word for it: of use in a column of words only. */
        INFINITE,
        WORD,
        MISSING
    }

    /** A text of the column: its value, if it is a number, and the first line (of an array: row) that has it. */
    static final class Entry {
        final String text;
        final double value;
        final TextKind type;
        final long line;
        long count;

        private Entry(String text, double value, TextKind type, long line) {
            this.text = text;
            // −0 and 0 are one number
            this.value = value + 0.0;
            this.type = type;
            this.line = line;
        }
    }

    private final String name;
    private final ColumnPlace place;
    private final CsvNumbers numbers;
    private final MissingWords missing;

    private final List<Entry> entries = new ArrayList<>(2);
    /** Places among the entries by text, or by number if the source holds numbers; null while they are few. */
    private Map<Object, Integer> index;

    private int texts;
    private boolean words;
    private int switched;
    private boolean many;

    /** Of the numbers that are no entries. */
    private long unlisted;

    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;
    private Entry notCount;

    private RawColumn(String name, ColumnPlace place, CsvNumbers numbers, MissingWords missing, int switched) {
        this.name = name;
        this.place = place;
        this.numbers = numbers;
        this.missing = missing;
        this.switched = switched;
    }

    /** Creates an empty column of texts. */
    static RawColumn ofTexts(String name, ColumnPlace place, CsvNumbers numbers, MissingWords missing) {
        return new RawColumn(name, place, numbers, missing, Integer.MAX_VALUE);
    }

    /** Creates an empty column of numbers, which are cells as they are. */
    static RawColumn ofNumbers(String name, ColumnPlace place, MissingWords missing) {
        return new RawColumn(name, place, null, missing, 0);
    }

    String name() {
        return name;
    }

    ColumnPlace place() {
        return place;
    }

    /** Returns the texts and their number by which cells tell them; all of them unless there are {@link #many}. */
    List<Entry> entries() {
        return Collections.unmodifiableList(entries);
    }

    /** Returns the options with which a word would be a number; empty if there are none. */
    String instead(String word) {
        return numbers == null ? "" : numbers.instead(word);
    }

    /** Returns whether a word is among the texts. */
    boolean has(String word) {
        return words && entries.stream().anyMatch(entry -> entry.type == TextKind.WORD && entry.text.equals(word));
    }

    /** Returns whether there are numbers that are no entries. */
    boolean many() {
        return many;
    }

    /** Returns the row from which on a cell is a number itself. */
    int switched() {
        return switched;
    }

    MissingWords missing() {
        return missing;
    }

    /** Returns the smallest and the largest of the numbers that are no entries. */
    double least() {
        return least;
    }

    double most() {
        return most;
    }

    /** Returns the number of cells that are not missing. */
    long observed() {
        return unlisted
                + entries.stream()
                        .filter(entry -> entry.type != TextKind.MISSING)
                        .mapToLong(entry -> entry.count)
                        .sum();
    }

    /** Returns the first number among those that are no entries that is not a count; null if there is none. */
    Entry notCount() {
        return notCount;
    }

    /** Returns the cell for a text in a row. */
    double cell(char[] text, int offset, int length, int row, long line) {
        int from = offset;
        int end = offset + length;
        while (from < end && Character.isWhitespace(text[from])) {
            from++;
        }
        while (from < end && Character.isWhitespace(text[end - 1])) {
            end--;
        }
        if (many) {
            double value = numbers.parse(text, from, end - from);
            if (Double.isFinite(value) && !missing.is(value)) {
                return unlisted(value, line);
            }
        }
        int found = find(text, from, end - from);
        Entry entry = found >= 0 ? entries.get(found) : null;
        if (entry == null) {
            String word = new String(text, from, end - from);
            double value = numbers.parse(text, from, end - from);
            entry = entry(word, value, line);
            if (entry.type != TextKind.MISSING && (many || texts == Columns.MAX_CATEGORIES)) {
                requireNumbers(entry);
                switched = many ? switched : row;
                many = true;
                return unlisted(value, line);
            }
            found = entries.size();
            add(entry, word);
        }
        entry.count++;
        return entry.type == TextKind.MISSING ? Double.NaN : found;
    }

    /** Sees a number in a row, whose cell is the number itself; returns whether it is not missing. */
    boolean see(double number, long row) {
        double value = number + 0.0;
        if (many && Double.isFinite(value) && !missing.is(value)) {
            unlisted(value, row);
            return true;
        }
        int found = find(value);
        if (found < 0) {
            String text = ColumnWords.text(value);
            Entry entry = entry(text, value, row);
            if (entry.type == TextKind.INFINITE) {
                throw infinite(entry);
            }
            if (entry.type != TextKind.MISSING && (many || texts == Columns.MAX_CATEGORIES)) {
                many = true;
                unlisted(value, row);
                return true;
            }
            found = entries.size();
            add(entry, value);
        }
        Entry entry = entries.get(found);
        entry.count++;
        return entry.type != TextKind.MISSING;
    }

    private void add(Entry entry, Object key) {
        if (entry.type == TextKind.WORD) {
            requireWord(entry);
        }
        entries.add(entry);
        texts += entry.type == TextKind.MISSING ? 0 : 1;
        words |= entry.type == TextKind.WORD;
        if (index == null && entries.size() > FEW) {
            index = new HashMap<>();
            for (int i = 0; i < entries.size(); i++) {
                Entry known = entries.get(i);
                index.put(key instanceof String ? known.text : (Object) known.value, i);
            }
        } else if (index != null) {
            index.put(key, entries.size() - 1);
        }
    }

    private int find(char[] text, int offset, int length) {
        if (index != null) {
            return index.getOrDefault(new String(text, offset, length), -1);
        }
        for (int i = 0; i < entries.size(); i++) {
            if (isSame(entries.get(i).text, text, offset, length)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isSame(String known, char[] text, int offset, int length) {
        if (known.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (known.charAt(i) != text[offset + i]) {
                return false;
            }
        }
        return true;
    }

    private int find(double value) {
        if (index != null) {
            return index.getOrDefault(value, -1);
        }
        for (int i = 0; i < entries.size(); i++) {
            if (Double.compare(entries.get(i).value, value) == 0) {
                return i;
            }
        }
        return -1;
    }

    private Entry entry(String text, double value, long line) {
        boolean isMissing = missing.is(text) || missing.is(value);
        boolean isInfinite = Double.isInfinite(value) || MissingWords.isInfinite(text);
        TextKind type = isMissing
                ? TextKind.MISSING
                : isInfinite ? TextKind.INFINITE : Double.isNaN(value) ? TextKind.WORD : TextKind.NUMBER;
        return new Entry(text, value, type, line);
    }

    private double unlisted(double number, long line) {
        double value = number + 0.0;
        unlisted++;
        least = Math.min(least, value);
        most = Math.max(most, value);
        if (notCount == null && !Places.isCount(value)) {
            notCount = new Entry(ColumnWords.text(value), value, TextKind.NUMBER, line);
        }
        return value;
    }

    private void requireWord(Entry entry) {
        for (int i = 0; i < entry.text.length(); i++) {
            char c = entry.text.charAt(i);
            if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
                throw ElboException.data(place.at(entry.line)
                        + Text.format(": holds the control character U+%04X; this is not a table of text", (int) c));
            }
        }
        if (entry.text.length() > TableColumn.MAX_WORD) {
            throw ElboException.data(place.at(entry.line) + ": is a text of " + entry.text.length()
                    + " characters; a category has at most " + TableColumn.MAX_WORD + ": " + place.leftOut());
        }
    }

    /** Refuses more texts than categories may be, unless all are numbers. */
    private void requireNumbers(Entry last) {
        if (words || last.type == TextKind.WORD) {
            Entry word = entries.stream()
                    .filter(entry -> entry.type == TextKind.WORD)
                    .findFirst()
                    .orElse(last);
            boolean dates = Dates.is(last.text)
                    && entries.stream().allMatch(entry -> entry.type == TextKind.MISSING || Dates.is(entry.text));
            throw dates ? ColumnRule.dates(this, word) : ColumnRule.tooMany(this, word);
        }
        for (Entry entry : entries) {
            if (entry.type == TextKind.INFINITE) {
                throw infinite(entry);
            }
        }
        if (last.type == TextKind.INFINITE) {
            throw infinite(last);
        }
    }

    /** Returns the error for a number that is not finite in a column of numbers. */
    ElboException infinite(Entry entry) {
        return ElboException.data(place.at(entry.line) + ": is " + Messages.quote(entry.text)
                + ", not a finite number; correct it, " + place.leftOut() + ", or withMissing("
                + Messages.quote(entry.text) + ") takes it as missing");
    }
}
