package dev.elbo.data;

import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Header;
import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A test of whether the first line of a text holds the names of its columns, going by that line and the next.
 *
 * @param words whether fields may be words and missing
 */
record CsvHeader(String file, CsvOptions options, Delimiter delimiter, boolean words) {
    /** The words for a missing value, for which there is no number to train on. */
    private static final Set<String> MISSING =
            Set.of("nan", "na", "n/a", "#n/a", "null", "none", "inf", "infinity", "-", "?", ".");
    /** The delimiters of names in a table whose numbers are divided by blanks. */
    private static final Pattern LIST = Pattern.compile("[,;|]");

    private boolean blanks() {
        return delimiter == Delimiter.SPACE;
    }

    /** Returns whether the next line is needed to decide. */
    boolean needsSecond(CsvLine first) {
        boolean open = options.header() == Header.AUTO && !options.needsHeader();
        return first.isMarked() || blanks() && options.header() != Header.NO || words && open;
    }

    /** Returns the names of the columns, none if the first line is a row; refuses a comment as first line. */
    Optional<List<String>> of(CsvLine first, Optional<CsvLine> second) {
        if (first.isMarked()) {
            Optional<List<String>> names = marked(first, second);
            if (names.isPresent()) {
                return names;
            }
        }
        // R leaves out the name of the column of row names.
        boolean nameless = blanks()
                && second.filter(line -> line.fields().size() == first.fields().size() + 1)
                        .isPresent();
        List<String> names = nameless ? first.behind("") : first.fields();
        boolean header = switch (options.header()) {
            case YES -> true;
            case NO -> false;
            case AUTO ->
                options.needsHeader()
                        || (words
                                ? areNamesOfWords(names, second, first.number())
                                : areNames(names, Optional.empty(), first.number()));
        };
        return header ? Optional.of(names) : Optional.empty();
    }

    /** Returns the names behind a '#'; none if '#' is the name of the first column, or the line is a row. */
    private Optional<List<String>> marked(CsvLine first, Optional<CsvLine> second) {
        int width =
                second.map(line -> line.fields().size()).orElse(first.fields().size());
        boolean alone = first.fields().get(0).equals("#");
        if (first.fields().size() == width && (alone && !blanks() || isRow(first))) {
            return Optional.empty();
        }
        List<String> names = behindMark(first, alone, width);
        String comment = file + ": line " + first.number() + " " + CsvLine.skipped('#');
        if (options.header() == Header.NO
                || second.filter(line -> line.isMarked() && (line.fields().size() != names.size() || !isRow(line)))
                        .isPresent()) {
            throw ElboException.data(comment);
        }
        if (second.isEmpty()) {
            return Optional.of(names);
        }
        if (names.size() != width) {
            throw ElboException.data(comment + " (as a header it would need " + width + " fields, as line "
                    + second.get().number() + " has, not " + names.size() + ")");
        }
        if (options.header() == Header.AUTO) {
            boolean prose = !options.needsHeader() && !areNames(names, Optional.empty(), first.number())
                    || second.filter(line -> areNames(line.fields(), Optional.of(names), first.number()))
                            .isPresent();
            if (prose) {
                throw ElboException.data(comment + " (CsvOptions.Header.YES takes it for the names of the columns)");
            }
        }
        return Optional.of(names);
    }

    /** Returns whether the mark is part of a label, or of a field that is not read, before numbers. */
    private boolean isRow(CsvLine line) {
        return !options.needsHeader()
                && options.header() != Header.YES
                && roles(line.fields(), Optional.empty(), line.number())[0] < 0
                && !areNames(line.fields(), Optional.empty(), line.number());
    }

    private int[] roles(List<String> fields, Optional<List<String>> header, long line) {
        return CsvColumns.of(file, options, fields.size(), header, line).roles();
    }

    private List<String> behindMark(CsvLine first, boolean alone, int width) {
        String bare = first.fields().get(0).substring(1).strip();
        if (blanks()) {
            String text = (bare + " " + String.join(" ", first.rest())).strip();
            List<String> list =
                    Arrays.stream(LIST.split(text, -1)).map(String::strip).toList();
            if (list.size() == width && width > 1) {
                return list;
            }
        }
        if (alone) {
            return first.rest();
        }
        List<String> names = new ArrayList<>(first.fields());
        // A model may know the column by a name with the mark.
        if (!options.names().contains(names.get(0))) {
            names.set(0, bare);
        }
        return names;
    }

    /** Returns whether no field to be read is a number, in any notation, and at least one is a word. */
    private boolean areNames(List<String> fields, Optional<List<String>> header, long line) {
        int[] roles = roles(fields, header, line);
        boolean word = false;
        for (int i = 0; i < roles.length; i++) {
            String field = fields.get(i);
            if (roles[i] >= 0 && !isMissing(field)) {
                if (CsvNumbers.isNumber(field)) {
                    return false;
                }
                word = true;
            }
        }
        return word;
    }

    /**
     * Returns whether no field to be read is a number, and one has a number below it, or all are there and differ: so a first
     * row of words is taken for names unless two of its words are the same.
     */
    private boolean areNamesOfWords(List<String> fields, Optional<CsvLine> second, long line) {
        int[] roles = roles(fields, Optional.empty(), line);
        List<String> below = second.map(CsvLine::fields).orElse(List.of());
        List<String> read = new ArrayList<>();
        boolean above = false;
        for (int i = 0; i < roles.length; i++) {
            String field = fields.get(i);
            if (roles[i] >= 0) {
                if (CsvNumbers.isNumber(field)) {
                    return false;
                }
                // the column of row numbers may have no name
                boolean name = !isMissing(field) || i == 0 && field.isEmpty();
                above |= name && i < below.size() && CsvNumbers.isNumber(below.get(i));
                read.add(field);
            }
        }
        return above || !read.contains("") && read.stream().distinct().count() == read.size();
    }

    /** Returns whether a field denotes a missing or infinite value. */
    static boolean isMissing(String field) {
        String bare = field.startsWith("-") || field.startsWith("+") ? field.substring(1) : field;
        return field.isEmpty()
                || MISSING.contains(field.toLowerCase(Locale.ROOT))
                || MISSING.contains(bare.toLowerCase(Locale.ROOT));
    }
}
