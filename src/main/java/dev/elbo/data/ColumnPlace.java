package dev.elbo.data;

import dev.elbo.io.Messages;
import java.util.Optional;

/**
 * A column of a source, for messages.
 *
 * @param source the name of the file
 * @param number of the column in it, from 1
 * @param header its name there, if it has one
 * @param lines whether the source is text, whose lines are counted from 1; otherwise an array, all of which is counted from 0
 */
record ColumnPlace(String source, int number, Optional<String> header, boolean lines) {
    /** Returns the column in its source. */
    String column() {
        return source + ": " + bare();
    }

    private String bare() {
        return lines
                ? "column " + number
                        + header.map(name -> " (" + Messages.quote(name) + ")").orElse("")
                : "column " + (number - 1) + " (from 0)";
    }

    /** Returns a cell in the source: its line, or its row in an array, and the column. */
    String at(long line) {
        return source + ": " + (lines ? "line " : "row ") + line + ", " + bare();
    }

    /** Returns how to do without the column. */
    String leftOut() {
        return lines
                ? "leave the column out (withIgnoredColumns(" + number + "))"
                : "leave the column out of the array";
    }
}
