package dev.elbo.io;

import java.util.Locale;

/** Formatted text that is the same in every locale. */
public final class Text {
    private Text() {}

    /**
     * {@return values formatted by {@link String#format(String, Object...)} with decimal points, whatever the locale}
     *
     * @param format as of {@link java.util.Formatter}
     * @param values of the format's specifiers
     */
    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
