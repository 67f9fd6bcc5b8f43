package dev.elbo.data;

import java.io.IOException;
import java.io.Reader;

/**
 * A text filter for a reader of CSV, which keeps the number of lines: a run of blanks between two fields becomes one
 * blank where blanks divide fields, and those at a line's ends are dropped; nothing is left of a line that is skipped
 * but the character that it begins with, without the blanks before it. Quoted text stays as it is.
 */
final class CsvLines extends Reader {
    private enum Place {
        LINE_START,
        FIELD_START,
        FIELD,
        QUOTED,
        /** After a quote that ends the field, or is the first of two. */
        CLOSED,
        SKIPPED
    }

    private final Reader text;
    private final char delimiter;
    private final boolean runs;
    private final int comment;

    private final char[] from = new char[1 << 13];
    /** One more: the blank for a run that began before. */
    private final char[] tidy = new char[from.length + 1];

    private int next;
    private int limit;
    private Place place = Place.LINE_START;
    private boolean blank;

    /** Filters a text: a blank as delimiter means any run of blanks; a {@code comment} of −1 skips no line. */
    CsvLines(Reader text, char delimiter, int comment) {
        this.text = text;
        this.delimiter = delimiter;
        this.runs = delimiter == ' ';
        this.comment = comment;
    }

    @Override
    public int read(char[] into, int start, int length) throws IOException {
        while (next == limit) {
            int got = text.read(from, 0, from.length);
            if (got < 0) {
                return -1;
            }
            next = 0;
            limit = tidy(got);
        }
        int some = Math.min(length, limit - next);
        System.arraycopy(tidy, next, into, start, some);
        next += some;
        return some;
    }

    /** {@return the number of characters left of so many} */
    private int tidy(int length) {
        int made = 0;
        for (int i = 0; i < length; i++) {
            char c = from[i];
            if (place == Place.QUOTED) {
                place = c == '"' ? Place.CLOSED : place;
            } else if (c == '\n' || c == '\r') {
                place = Place.LINE_START;
                blank = false;
            } else if (place == Place.SKIPPED) {
                continue;
            } else if (isDropped(c)) {
                blank = place != Place.LINE_START;
                continue;
            } else if (place == Place.LINE_START && c == comment) {
                place = Place.SKIPPED;
            } else {
                if (blank) {
                    tidy[made++] = ' ';
                    blank = false;
                    place = Place.FIELD_START;
                }
                place = after(c);
            }
            tidy[made++] = c;
        }
        return made;
    }

    private boolean isDropped(char c) {
        return (c == ' ' || c == '\t') && (runs || place == Place.LINE_START && c != delimiter);
    }

    private Place after(char c) {
        if (c == '"' && place != Place.FIELD) {
            return Place.QUOTED;
        }
        return c == delimiter ? Place.FIELD_START : Place.FIELD;
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
