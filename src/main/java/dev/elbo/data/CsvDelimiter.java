package dev.elbo.data;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Thousands;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The choice of the delimiter of a text's fields, by its first lines. */
final class CsvDelimiter {
    /** Candidates; the first that occurs is the delimiter. */
    private static final List<Delimiter> ORDER =
            List.of(Delimiter.TAB, Delimiter.SEMICOLON, Delimiter.COMMA, Delimiter.PIPE, Delimiter.SPACE);

    /** Delimiters of a text without any: a comma, so that a second column further down is one too many. */
    private static final List<Delimiter> NONE = List.of(Delimiter.COMMA, Delimiter.SEMICOLON, Delimiter.TAB);

    private static final Pattern BLANKS = Pattern.compile("[ \t]+");
    private static final Pattern WITH_COMMAS = grouped(",");
    private static final Pattern WITH_BLANKS = grouped("[ \u00a0\u202f]");

    private CsvDelimiter() {}

    private static Pattern grouped(String separator) {
        return Pattern.compile("(?<![\\d.,])\\d{1,3}(?:" + separator + "\\d{3})++(?!\\d)");
    }

    /**
     * Chooses what the options say, or else what the first lines of data hold: neither blank, nor skipped, nor begun by
     * a '#' as names of columns may be. Pipes and blanks divide only if they do so in the first two: one column may
     * have a name of two words.
     */
    static Delimiter of(CharSequence start, CsvOptions options) {
        if (options.delimiter() != Delimiter.AUTO) {
            return options.delimiter();
        }
        List<String> lines = lines(start, options);
        for (Delimiter one : ORDER) {
            if (isFree(one, options) && divides(one, lines)) {
                return one;
            }
        }
        boolean commas = options.thousands() != Thousands.COMMA;
        return NONE.stream()
                .filter(one -> isFree(one, options) && (commas || one != Delimiter.COMMA))
                .findFirst()
                .orElseThrow();
    }

    private static boolean divides(Delimiter one, List<String> lines) {
        return switch (one) {
            case SPACE -> all(lines, line -> BLANKS.split(line.strip()).length > 1);
            case PIPE -> all(lines, line -> line.indexOf('|') >= 0);
            default -> !lines.isEmpty() && lines.get(0).indexOf(one.character) >= 0;
        };
    }

    private static boolean all(List<String> lines, Predicate<String> condition) {
        return !lines.isEmpty() && lines.stream().allMatch(condition);
    }

    private static boolean isFree(Delimiter one, CsvOptions options) {
        boolean decimal = one == Delimiter.COMMA && options.decimal() == Decimal.COMMA;
        return !decimal && options.comment().filter(c -> c == one.character).isEmpty();
    }

    /** Returns the first two lines of data, without quoted text and without separators of thousands. */
    private static List<String> lines(CharSequence start, CsvOptions options) {
        List<String> lines = new ArrayList<>();
        String marked = "";
        int at = 0;
        while (at < start.length() && lines.size() < 2) {
            StringBuilder line = new StringBuilder();
            at = line(start, at, options, line);
            String bare = line.toString().strip();
            // one that was cut off says nothing about its end
            boolean cut = at == CsvText.LOOK_AHEAD && !lines.isEmpty();
            if (CsvLine.mark(bare.toCharArray(), 0, bare.length(), false) == '#') {
                marked = marked.isEmpty() ? bare.substring(1) : marked;
            } else if (!bare.isEmpty() && !cut) {
                lines.add(withoutThousands(line.toString(), options.thousands()));
            }
        }
        return lines.isEmpty() && !marked.isBlank() ? List.of(marked) : lines;
    }

    /** Adds a line without quoted text, or nothing for a line that is skipped; returns the start of the next line. */
    private static int line(CharSequence start, int from, CsvOptions options, StringBuilder line) {
        boolean quoted = false;
        boolean skipped = false;
        boolean marked = false;
        boolean begun = false;
        for (int at = from; at < start.length(); at++) {
            char c = start.charAt(at);
            if (!quoted && (c == '\n' || c == '\r')) {
                return at + 1;
            }
            if (!begun && c > ' ') {
                begun = true;
                skipped = options.comment().filter(mark -> mark == c).isPresent();
                marked = c == '#';
            }
            if (c == '"' && !marked && !skipped && (quoted || opens(line))) {
                quoted = !quoted;
                line.append(c);
            } else if (!quoted && !skipped) {
                line.append(c);
            }
        }
        return start.length();
    }

    /** Returns whether a quote behind this begins a field, or goes on with it. */
    private static boolean opens(CharSequence line) {
        return line.length() == 0 || "\t;,| \"".indexOf(line.charAt(line.length() - 1)) >= 0;
    }

    private static String withoutThousands(String line, Thousands thousands) {
        return switch (thousands) {
            case COMMA -> WITH_COMMAS.matcher(line).replaceAll("0");
            case SPACE -> WITH_BLANKS.matcher(line).replaceAll("0");
            default -> line;
        };
    }
}
