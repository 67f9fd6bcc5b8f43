package dev.elbo.data;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Thousands;
import dev.elbo.io.Decimals;
import dev.elbo.io.Messages;
import dev.elbo.model.TableColumn;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The words of a column, found by their text, or by their value if all are numbers. */
final class ColumnWords {
    /** By code points, which differs from the order of Java's characters beyond U+FFFF. */
    static final Comparator<String> ALPHABETICAL = ColumnWords::compare;

    private static final CsvNumbers PLAIN = new CsvNumbers(Decimal.POINT, Thousands.NONE);
    private static final int LISTED = 8;

    private final TableColumn column;
    private final Map<String, Integer> byText = new HashMap<>();
    /** Empty unless all words are numbers, all different. */
    private final Map<Double, Integer> byNumber = new HashMap<>();

    ColumnWords(TableColumn column) {
        this.column = column;
        List<String> words = column.words();
        for (int i = 0; i < words.size(); i++) {
            byText.put(words.get(i), i);
            double number = number(words.get(i));
            if (Double.isFinite(number)) {
                byNumber.put(number, i);
            }
        }
        if (byNumber.size() < words.size()) {
            byNumber.clear();
        }
    }

    private static int compare(String a, String b) {
        int at = 0;
        while (at < a.length() && at < b.length() && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        if (at == a.length() || at == b.length()) {
            return Integer.compare(a.length(), b.length());
        }
        int start = at > 0 && Character.isHighSurrogate(a.charAt(at - 1)) ? at - 1 : at;
        return Integer.compare(a.codePointAt(start), b.codePointAt(start));
    }

    /** Returns the number that a text is in plain notation; NaN if it is none. */
    static double number(String text) {
        return PLAIN.parse(text.toCharArray(), 0, text.length()) + 0.0;
    }

    /** Returns the shortest text of a number among those of its type: float32 if it is one of these. */
    static String text(double number) {
        double value = number + 0.0;
        return (float) value == value ? Decimals.text((float) value) : Decimals.text(value);
    }

    /** Returns the place of the word that a text is, or that has its number; −1 if there is none. */
    int find(String text, double number) {
        Integer found = byText.get(text);
        return found != null ? found : find(number);
    }

    /** Returns the place of the word that is a number; −1 if there is none. */
    int find(double number) {
        if (byNumber.isEmpty() || !Double.isFinite(number)) {
            return -1;
        }
        Integer exact = byNumber.get(number + 0.0);
        // a float32 is not the number that its text is
        return exact != null ? exact : byNumber.getOrDefault(number(text(number)), -1);
    }

    /** Returns the problem of a text that is none of the words, for a message. */
    String unknown(String text) {
        return "is " + Messages.quote(text) + ", "
                + (column.isConstant()
                        ? "but the table has only "
                                + Messages.quote(column.words().get(0)) + " in this column"
                        : "none of the categories that the table has: "
                                + Messages.list(column.words(), LISTED, Messages::quote));
    }
}
