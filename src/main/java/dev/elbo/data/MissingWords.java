package dev.elbo.data;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Thousands;
import dev.elbo.io.Messages;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The texts that stand for a missing value in a table: the usual ones in any case of their letters, others as they are given. */
final class MissingWords {
    private static final Set<String> USUAL = Set.of("", "na", "n/a", "#n/a", "nan", "-nan", "null", "?");
    private static final int MAX_LENGTH = 4;

    /** Texts that stand for a missing value as often as they are words of their own. */
    private static final Pattern DOUBTFUL = Pattern.compile(
            "-{1,3}|\\.{1,3}|\\*|none|nil|missing|unknown|n\\.a\\.?|\\(null\\)|<na>", Pattern.CASE_INSENSITIVE);

    private static final Set<String> INFINITE = Set.of("inf", "infinity");

    private final Set<String> others;
    private final double[] numbers;

    /** @param others besides the usual ones; one that is a number stands for that number in any notation */
    MissingWords(List<String> others) {
        this.others = others.stream().map(String::strip).collect(Collectors.toSet());
        CsvNumbers plain = new CsvNumbers(Decimal.POINT, Thousands.NONE);
        this.numbers = this.others.stream()
                .mapToDouble(text -> plain.parse(text.toCharArray(), 0, text.length()))
                .filter(Double::isFinite)
                .toArray();
    }

    boolean is(String text) {
        return text.length() <= MAX_LENGTH && USUAL.contains(text.toLowerCase(Locale.ROOT)) || others.contains(text);
    }

    boolean is(double value) {
        for (double number : numbers) {
            if (number == value) {
                return true;
            }
        }
        return false;
    }

    static boolean isDoubtful(String text) {
        return DOUBTFUL.matcher(text).matches();
    }

    /** Returns whether a text names an infinite number. */
    static boolean isInfinite(String text) {
        String bare = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        return INFINITE.contains(bare.toLowerCase(Locale.ROOT));
    }

    /** Returns a text for a message: quoted, the empty one in a word. */
    static String shown(String text) {
        return text.isEmpty() ? "empty" : Messages.quote(text);
    }
}
