package dev.elbo.io;

import java.util.Locale;

/** Formatted text that is the same in every locale. */
public final class Text {
    private Text() {}

    /**
     * Formats values as {@link String#format(String, Object...)} does, with decimal points whatever the machine's locale.
     *
     * @param format as of {@link java.util.Formatter}
     * @param values of the format's specifiers
     * @return the text
     */
    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
