package dev.elbo.data;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Options for reading text tables, such as CSV files.
 *
 * @param header whether the first line holds the names of the columns
 * @param delimiter the delimiter of fields
 * @param decimal the decimal sign
 * @param thousands the separator of thousands
 * @param comment the first character of lines to skip, if any
 * @param columns the columns to read, in this order: names, numbers from 1, ranges such as {@code 2-5}; empty for all
 * @param ignored the columns to leave out, likewise
 * @param label the column of labels, a name or a number from 1
 * @param names if {@code columns} is empty and the file has a header: the names of a model's inputs, to be read in this order
 *     whatever the file's; empty for all
 */
public record CsvOptions(
        Header header,
        Delimiter delimiter,
        Decimal decimal,
        Thousands thousands,
        Optional<Character> comment,
        List<String> columns,
        List<String> ignored,
        Optional<String> label,
        List<String> names) {
    /** All columns are read; the first line decides header and delimiter. */
    public static final CsvOptions DEFAULT = new CsvOptions(
            Header.AUTO,
            Delimiter.AUTO,
            Decimal.POINT,
            Thousands.NONE,
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of());

    /** The content of the first line: names or values. A '#' before the names is not part of a name. */
    public enum Header {
        /**
         * The first line holds names if columns are chosen by name, or none of its fields is a number. With {@link
         * ReadOptions#withTable} rows hold words too: the first line then holds names if none of its fields is a number, and a
         * number follows below one, or all fields are there and differ from each other.
         */
        AUTO,
        /** The first line holds names. */
        YES,
        /** The first line holds values. */
        NO
    }

    /** The delimiter of fields. */
    public enum Delimiter {
        /**
         * The first of tab, semicolon, comma (unless it is the decimal sign), pipe and blanks that occurs in the first line that
         * does not begin with '#'.
         */
        AUTO('\0'),
        /** {@code ,} */
        COMMA(','),
        /** {@code ;} */
        SEMICOLON(';'),
        /** The character U+0009. */
        TAB('\t'),
        /** {@code |} */
        PIPE('|'),
        /** One or more blanks and tabs; those at the ends of a line delimit nothing. */
        SPACE(' ');

        final char character;

        Delimiter(char character) {
            this.character = character;
        }
    }

    /** The decimal sign. */
    public enum Decimal {
        /** {@code 0.5} */
        POINT('.'),
        /** {@code 0,5} */
        COMMA(',');

        final char character;

        Decimal(char character) {
            this.character = character;
        }
    }

    /** The separator of thousands. */
    public enum Thousands {
        /** Nothing: {@code 1234.5} */
        NONE(""),
        /** {@code 1,234.5} */
        COMMA(","),
        /** {@code 1.234,5} */
        POINT("."),
        /** {@code 1 234.5}, with a space, a no-break space or a narrow no-break space. */
        SPACE(" \u00a0\u202f"),
        /** {@code 1'234.5} */
        APOSTROPHE("'\u2019");

        private final String characters;

        Thousands(String characters) {
            this.characters = characters;
        }

        boolean is(char c) {
            return characters.indexOf(c) >= 0;
        }
    }

    /**
     * Validates the components and copies the lists.
     *
     * @throws IllegalArgumentException if options contradict each other, beginning with the name of one
     */
    public CsvOptions {
        columns = List.copyOf(columns);
        ignored = List.copyOf(ignored);
        names = List.copyOf(names);
        if (decimal == Decimal.COMMA && delimiter == Delimiter.COMMA) {
            throw new IllegalArgumentException("CsvOptions.Decimal.COMMA: a comma is the delimiter too");
        }
        if (thousands.is(decimal.character)) {
            throw new IllegalArgumentException("CsvOptions.Thousands." + thousands
                    + ": decimals have the same sign before them; use another CsvOptions.Decimal");
        }
        comment.ifPresent(character -> requireComment(character, delimiter, decimal));
        columns.forEach(column -> CsvColumns.require("withColumns", column));
        ignored.forEach(column -> CsvColumns.require("withIgnoredColumns", column));
        label.ifPresent(column -> CsvColumns.require("withLabelColumn", column));
        if (header == Header.NO && needsHeader(columns, ignored, label)) {
            throw new IllegalArgumentException("CsvOptions.Header.NO: columns have no names then, only numbers from 1");
        }
    }

    private static void requireComment(char comment, Delimiter delimiter, Decimal decimal) {
        boolean data = Character.isLetterOrDigit(comment)
                || Character.isWhitespace(comment)
                || Character.isISOControl(comment)
                || Character.isSurrogate(comment)
                || "\"+-".indexOf(comment) >= 0;
        if (data || comment == delimiter.character || comment == decimal.character) {
            throw new IllegalArgumentException(
                    "withComment('" + comment + "'): lines of data begin with it too; give a character such as # or %");
        }
    }

    /** Copies with another rule for the first line: names or values; default {@link Header#AUTO}. */
    public CsvOptions withHeader(Header other) {
        return new CsvOptions(other, delimiter, decimal, thousands, comment, columns, ignored, label, names);
    }

    /** Copies with another delimiter of fields: not the decimal sign or comment character; default {@link Delimiter#AUTO}. */
    public CsvOptions withDelimiter(Delimiter other) {
        return new CsvOptions(header, other, decimal, thousands, comment, columns, ignored, label, names);
    }

    /** Copies with another decimal sign: not the delimiter or separator of thousands; default {@link Decimal#POINT}. */
    public CsvOptions withDecimal(Decimal other) {
        return new CsvOptions(header, delimiter, other, thousands, comment, columns, ignored, label, names);
    }

    /** Copies with another separator of thousands: any but the decimal sign; default {@link Thousands#NONE}. */
    public CsvOptions withThousands(Thousands other) {
        return new CsvOptions(header, delimiter, decimal, other, comment, columns, ignored, label, names);
    }

    /** Copies with a character whose lines are skipped: not one that data begin with, such as a digit; default: none. */
    public CsvOptions withComment(char other) {
        return new CsvOptions(
                header, delimiter, decimal, thousands, Optional.of(other), columns, ignored, label, names);
    }

    /** Copies with the columns to read, in this order: names, numbers from 1, ranges such as 2-5; default: all. */
    public CsvOptions withColumns(String... others) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, List.of(others), ignored, label, names);
    }

    /** Copies with columns left out: names, numbers from 1, ranges such as 2-5; default: none. */
    public CsvOptions withIgnoredColumns(String... others) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, columns, List.of(others), label, names);
    }

    /** Copies with a column of labels, which is no feature: a name or a number from 1; default: none. */
    public CsvOptions withLabelColumn(String other) {
        return new CsvOptions(
                header, delimiter, decimal, thousands, comment, columns, ignored, Optional.of(other), names);
    }

    /** Copies with the names of a model's inputs, which are read in this order if no columns are chosen; default: none. */
    public CsvOptions withNames(List<String> others) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, columns, ignored, label, others);
    }

    boolean needsHeader() {
        return needsHeader(columns, ignored, label);
    }

    private static boolean needsHeader(List<String> columns, List<String> ignored, Optional<String> label) {
        return !Stream.of(columns.stream(), ignored.stream(), label.stream())
                .allMatch(some -> some.allMatch(CsvColumns::isNumeric));
    }
}
