package dev.elbo.data;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A line of text before its fields are interpreted.
 *
 * @param number of the line, from 1
 * @param fields without the blanks around them
 * @param mark the character that the line begins with where comments begin with it, too: {@code #} or {@code %};
 *     otherwise 0
 */
record CsvLine(long number, List<String> fields, char mark) {
    /** The text of spreadsheets for an error in place of a value, such as {@code #DIV/0!}. */
    private static final Pattern ERROR = Pattern.compile("#(?:N/A|[A-Z0-9/]+[!?])(?s:.*)");

    CsvLine {
        fields = List.copyOf(fields);
    }

    /** The {@link #mark} of a line that begins with this field. */
    static char mark(char[] text, int offset, int length, boolean quoted) {
        int at = offset;
        int end = offset + length;
        while (at < end && (text[at] == ' ' || text[at] == '\t')) {
            at++;
        }
        // '%' alone is a name or a unit
        boolean marked = !quoted && at < end && (text[at] == '#' || text[at] == '%' && at + 1 < end);
        if (!marked) {
            return 0;
        }
        return ERROR.matcher(new String(text, at, end - at).strip()).matches() ? 0 : text[at];
    }

    /** Returns the problem of a line that begins with a mark, for messages. */
    static String skipped(char mark) {
        return "begins with '" + mark + "'; withComment('" + mark + "') skips such lines";
    }

    /** Returns whether the line may be a comment, or names of columns behind a mark. */
    boolean isMarked() {
        return mark == '#';
    }

    List<String> behind(String field) {
        return Stream.concat(Stream.of(field), fields.stream()).toList();
    }

    List<String> rest() {
        return fields.subList(1, fields.size());
    }
}
