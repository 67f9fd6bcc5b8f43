package dev.elbo.data;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.List;

/**
 * Copies a table of text, character by character, with some fields replaced and others added behind each line. Fields are those
 * of the reader: divided by a delimiter or by runs of blanks, in quotes or not; blank lines and comments are no lines of data.
 */
final class CsvCopy {
    /** What changes in the copy. */
    interface Changes {
        /** Returns whether the copy ends before a line of data; lines are counted from 0, a line of names among them. */
        boolean endsBefore(int line);

        /** Returns the text in place of a field, counted from 0, whose own is given without its quotes; null to leave it. */
        String instead(int line, int field, String text);

        /** Returns the fields to add behind a line. */
        List<String> behind(int line);
    }

    private enum Place {
        LINE_START,
        /** At the first character of a field. */
        FIELD_START,
        FIELD,
        QUOTED,
        /** After a quote that ends the field, or is the first of two. */
        CLOSED,
        /** In a run of blanks that divides fields, or ends the line. */
        BETWEEN,
        SKIPPED
    }

    private static final String EMPTY_AMONG_BLANKS = "NA";

    private final Writer out;
    private final char delimiter;
    private final boolean runs;
    private final int comment;
    private final Changes changes;

    private final StringBuilder field = new StringBuilder();
    private Place place = Place.LINE_START;
    private int line;
    private int number;

    /**
     * @param out takes the copy
     * @param delimiter of fields; a blank means any run of blanks
     * @param comment first character of lines to skip; −1 for none
     */
    CsvCopy(Writer out, char delimiter, int comment, Changes changes) {
        this.out = out;
        this.delimiter = delimiter;
        this.runs = delimiter == ' ';
        this.comment = comment;
        this.changes = changes;
    }

    /** Copies a text that was read before, to its end or to that of the changes; returns the number of lines of data. */
    int copy(Reader text) throws IOException {
        char[] some = new char[1 << 13];
        for (int got = text.read(some, 0, some.length); got >= 0; got = text.read(some, 0, some.length)) {
            for (int i = 0; i < got; i++) {
                if (place == Place.LINE_START && !isBetweenLines(some[i]) && changes.endsBefore(line)) {
                    return line;
                }
                take(some[i]);
            }
        }
        if (place != Place.LINE_START && place != Place.SKIPPED) {
            endLine();
        }
        return line;
    }

    /** Returns whether a character at the start of a line is not yet a part of data. */
    private boolean isBetweenLines(char c) {
        return isEnd(c) || c == comment || isDroppedFirst(c);
    }

    private static boolean isEnd(char c) {
        return c == '\n' || c == '\r';
    }

    /** As {@link CsvLines} drops blanks. */
    private boolean isDroppedFirst(char c) {
        return (runs || comment >= 0) && (c == ' ' || c == '\t') && (runs || c != delimiter);
    }

    private boolean divides(char c) {
        return c == delimiter || runs && c == '\t';
    }

    private void take(char c) throws IOException {
        switch (place) {
            case LINE_START -> {
                if (c == comment) {
                    place = Place.SKIPPED;
                    out.write(c);
                } else if (isBetweenLines(c)) {
                    out.write(c);
                } else {
                    begin(c);
                }
            }
            case SKIPPED -> {
                place = isEnd(c) ? Place.LINE_START : Place.SKIPPED;
                out.write(c);
            }
            case QUOTED -> {
                place = c == '"' ? Place.CLOSED : Place.QUOTED;
                field.append(c);
            }
            case BETWEEN -> {
                if (isEnd(c)) {
                    endLine();
                    out.write(c);
                } else if (divides(c)) {
                    out.write(c);
                } else {
                    begin(c);
                }
            }
            case FIELD_START -> begin(c);
            case FIELD, CLOSED -> {
                if (c == '"' && place == Place.CLOSED) {
                    place = Place.QUOTED;
                    field.append(c);
                } else {
                    inside(c);
                }
            }
        }
    }

    /** Takes the first character of a field. */
    private void begin(char c) throws IOException {
        if (c == '"') {
            place = Place.QUOTED;
            field.append(c);
        } else {
            inside(c);
        }
    }

    private void inside(char c) throws IOException {
        if (isEnd(c)) {
            endLine();
            out.write(c);
        } else if (divides(c)) {
            endField();
            out.write(c);
            place = runs ? Place.BETWEEN : Place.FIELD_START;
        } else {
            place = Place.FIELD;
            field.append(c);
        }
    }

    private void endField() throws IOException {
        String raw = field.toString();
        field.setLength(0);
        boolean quoted = raw.startsWith("\"");
        String text =
                quoted ? raw.substring(1, Math.max(1, raw.lastIndexOf('"'))).replace("\"\"", "\"") : raw;
        String other = changes.instead(line, number, text.strip());
        out.write(other == null ? raw : quoted ? quoted(other) : between(raw, other));
        number++;
    }

    /** Returns a text in the blanks that are around a field. */
    private String between(String raw, String text) {
        String bare = raw.strip();
        if (needsQuotes(text, number == 0) || bare.isEmpty()) {
            return field(text);
        }
        int at = raw.indexOf(bare);
        return raw.substring(0, at) + text + raw.substring(at + bare.length());
    }

    private void endLine() throws IOException {
        if (place != Place.BETWEEN) {
            endField();
        }
        for (String text : changes.behind(line)) {
            out.write(delimiter);
            number = Math.max(1, number);
            out.write(field(runs && text.isEmpty() ? EMPTY_AMONG_BLANKS : text));
        }
        line++;
        number = 0;
        place = Place.LINE_START;
    }

    private String field(String text) {
        return needsQuotes(text, number == 0) ? quoted(text) : text;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private boolean needsQuotes(String text, boolean first) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || isEnd(c) || divides(c)) {
                return true;
            }
        }
        return !text.equals(text.strip())
                || first && !text.isEmpty() && (text.charAt(0) == comment || "#%".indexOf(text.charAt(0)) >= 0);
    }
}
