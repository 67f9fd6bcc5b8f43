package dev.elbo.data;

import java.util.regex.Pattern;

/** Texts that are dates or times, in the notations that files have them in. */
final class Dates {
    private static final String DAY = "(?:0?[1-9]|[12]\\d|3[01])";
    private static final String MONTH = "(?:0?[1-9]|1[0-2])";
    private static final String YEAR = "(?:\\d{4}|\\d{2})";
    private static final String NAME = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?";
    private static final String TIME =
            "\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?(?: ?[ap]m)?(?: ?(?:z|utc|gmt|[+-]\\d{2}:?\\d{2}))?";

    private static final Pattern DATE = Pattern.compile(
            "(?:"
                    + String.join(
                            "|",
                            "\\d{4}([-/.])" + MONTH + "\\1" + DAY,
                            "(?:1[5-9]|2[01])\\d{2}-" + MONTH,
                            DAY + "([-/.])" + MONTH + "\\2" + YEAR,
                            MONTH + "/" + DAY + "/" + YEAR,
                            DAY + "[- .]{1,2}" + NAME + "[- ,]{1,2}" + YEAR,
                            NAME + "[- ]" + DAY + ",? " + YEAR)
                    + ")(?:[t ] ?" + TIME + ")?|" + TIME,
            Pattern.CASE_INSENSITIVE);

    private Dates() {}

    static boolean is(String text) {
        return text.length() >= 4 && text.length() <= 48 && DATE.matcher(text).matches();
    }
}
