package dev.elbo.data;

import java.util.List;
import java.util.Optional;

/**
 * How numbers in rows of text are read.
 *
 * @param header whether the first line holds the names of the columns
 * @param delimiter what stands between two fields
 * @param decimal what stands before the decimals
 * @param thousands what stands between the thousands of a number
 * @param comment the character that lines to be skipped begin with, if any are
 * @param columns the columns to take, in the order wanted: names, numbers from 1, ranges of numbers like {@code 2-5}; empty
 *     for all
 * @param ignored columns to leave out, likewise
 * @param label the column of labels, a name or a number from 1
 * @param names where {@code columns} is empty and the file has a header: the names of the columns to take, in this order; a
 *     model's, so that it finds its inputs in files of another order. Empty for all
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
    /** All columns; header and delimiter as the first line says. */
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

    /**
     * Whether the first line holds names. AUTO: where columns are asked for by name, or none of its fields is a number. A '#'
     * before the names belongs to none of them.
     */
    public enum Header {
        /** As the first line looks. */
        AUTO,
        /** The first line holds names. */
        YES,
        /** The first line holds values. */
        NO
    }

    /**
     * What stands between two fields. AUTO: of tab, semicolon, comma, pipe and blanks the first that is in the first line which
     * does not begin with '#'.
     */
    public enum Delimiter {
        /** As the first line looks; no comma before decimal commas. */
        AUTO('\0', "auto"),
        /** {@code ,} */
        COMMA(',', "a comma"),
        /** {@code ;} */
        SEMICOLON(';', "a semicolon"),
        /** The character U+0009. */
        TAB('\t', "a tab"),
        /** {@code |} */
        PIPE('|', "a pipe"),
        /** One or more blanks and tabs; those at a line's ends divide nothing. */
        SPACE(' ', "blanks");

        private final char character;
        private final String words;

        Delimiter(char character, String words) {
            this.character = character;
            this.words = words;
        }

        char character() {
            return character;
        }

        String words() {
            return words;
        }
    }

    /** What stands before the decimals. */
    public enum Decimal {
        /** {@code 0.5} */
        POINT('.'),
        /** {@code 0,5} */
        COMMA(',');

        private final char character;

        Decimal(char character) {
            this.character = character;
        }

        char character() {
            return character;
        }
    }

    /** What stands between the thousands of a number. */
    public enum Thousands {
        /** Nothing: {@code 1234.5} */
        NONE("none", ""),
        /** {@code 1,234.5} */
        COMMA(",", ","),
        /** {@code 1.234,5} */
        POINT(".", "."),
        /** {@code 1 234.5}, the blank of any of the widths that are used for it. */
        SPACE("space", " \u00a0\u202f"),
        /** {@code 1'234.5} */
        APOSTROPHE("\"'\"", "'\u2019");

        private final String option;
        private final String characters;

        Thousands(String option, String characters) {
            this.option = option;
            this.characters = characters;
        }

        /** As the command line takes it. */
        String option() {
            return option;
        }

        boolean is(char c) {
            return characters.indexOf(c) >= 0;
        }
    }

    /**
     * Keeps copies of the lists.
     *
     * @throws IllegalArgumentException with the option's name first, where options contradict each other
     */
    public CsvOptions {
        columns = List.copyOf(columns);
        ignored = List.copyOf(ignored);
        names = List.copyOf(names);
        if (decimal == Decimal.COMMA && delimiter == Delimiter.COMMA) {
            throw new IllegalArgumentException("decimal comma: a comma is the delimiter too");
        }
        if (thousands.is(decimal.character())) {
            throw new IllegalArgumentException("thousands " + thousands.option()
                    + ": decimals have the same sign before them; give another --decimal");
        }
        comment.ifPresent(character -> requireComment(character, delimiter, decimal));
        columns.forEach(column -> CsvColumns.require("columns", column));
        ignored.forEach(column -> CsvColumns.require("ignore-columns", column));
        label.ifPresent(column -> CsvColumns.require("label-column", column));
        if (header == Header.NO && needsHeader(columns, ignored, label)) {
            throw new IllegalArgumentException("header no: columns have no names then, only numbers from 1");
        }
    }

    private static void requireComment(char comment, Delimiter delimiter, Decimal decimal) {
        boolean data = Character.isLetterOrDigit(comment)
                || Character.isWhitespace(comment)
                || Character.isISOControl(comment)
                || Character.isSurrogate(comment)
                || "\"+-".indexOf(comment) >= 0;
        if (data || comment == delimiter.character() || comment == decimal.character()) {
            throw new IllegalArgumentException(
                    "comment '" + comment + "': lines of data begin with it too; give a character such as # or %");
        }
    }

    /**
     * The same with another way to tell a header.
     *
     * @param other whether the first line holds the names of the columns
     * @return a copy with that change
     */
    public CsvOptions with(Header other) {
        return new CsvOptions(other, delimiter, decimal, thousands, comment, columns, ignored, label, names);
    }

    /**
     * The same with another delimiter.
     *
     * @param other what stands between two fields
     * @return a copy with that change
     * @throws IllegalArgumentException for a comma where decimals have one
     */
    public CsvOptions with(Delimiter other) {
        return new CsvOptions(header, other, decimal, thousands, comment, columns, ignored, label, names);
    }

    /**
     * The same with another decimal sign.
     *
     * @param other what stands before the decimals
     * @return a copy with that change
     * @throws IllegalArgumentException for a comma where fields are divided by one
     */
    public CsvOptions with(Decimal other) {
        return new CsvOptions(header, delimiter, other, thousands, comment, columns, ignored, label, names);
    }

    /**
     * The same with another separator of thousands.
     *
     * @param other what stands between the thousands of a number
     * @return a copy with that change
     * @throws IllegalArgumentException for the sign that stands before decimals
     */
    public CsvOptions with(Thousands other) {
        return new CsvOptions(header, delimiter, decimal, other, comment, columns, ignored, label, names);
    }

    /**
     * The same with lines that are skipped, or none.
     *
     * @param other the character that they begin with, behind blanks or not
     * @return a copy with that change
     * @throws IllegalArgumentException for a character that lines of data begin with
     */
    public CsvOptions withComment(Optional<Character> other) {
        return new CsvOptions(header, delimiter, decimal, thousands, other, columns, ignored, label, names);
    }

    /**
     * The same with other columns to take.
     *
     * @param others names, numbers from 1 or ranges of numbers, in the order wanted; empty for all
     * @return a copy with that change
     * @throws IllegalArgumentException for a column that no file can have
     */
    public CsvOptions withColumns(List<String> others) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, others, ignored, label, names);
    }

    /**
     * The same with other columns to leave out.
     *
     * @param others names, numbers from 1 or ranges of numbers
     * @return a copy with that change
     * @throws IllegalArgumentException for a column that no file can have
     */
    public CsvOptions withIgnored(List<String> others) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, columns, others, label, names);
    }

    /**
     * The same with another column of labels, or none.
     *
     * @param other a name or a number from 1
     * @return a copy with that change
     * @throws IllegalArgumentException for a column that no file can have
     */
    public CsvOptions withLabel(Optional<String> other) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, columns, ignored, other, names);
    }

    /**
     * The same for a model's inputs, which it knows by their names.
     *
     * @param others the names, in the order of the inputs; empty for all columns
     * @return a copy with that change
     */
    public CsvOptions withNames(List<String> others) {
        return new CsvOptions(header, delimiter, decimal, thousands, comment, columns, ignored, label, others);
    }

    /** Whether a column is asked for by a name. */
    boolean needsHeader() {
        return needsHeader(columns, ignored, label);
    }

    private static boolean needsHeader(List<String> columns, List<String> ignored, Optional<String> label) {
        return !columns.stream().allMatch(CsvColumns::isNumeric)
                || !ignored.stream().allMatch(CsvColumns::isNumeric)
                || !label.stream().allMatch(CsvColumns::isNumeric);
    }
}
