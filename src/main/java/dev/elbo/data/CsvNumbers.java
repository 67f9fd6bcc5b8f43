package dev.elbo.data;

/**
 * Decimal numbers in characters: sign, digits, decimals, exponent, with blanks and (in quotes) ends of line around them, and nothing else that Java or a
 * locale takes for a number.
 */
final class CsvNumbers {
    /** Both exact in float32, so that one multiplication or division rounds once: to the nearest, as is right. */
    private static final int LARGEST_EXACT = 1 << 24;

    private static final float[] POWERS = {1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f};

    private final char decimal;

    CsvNumbers(char decimal) {
        this.decimal = decimal;
    }

    /** The nearest float32, infinite where there is none; NaN where the characters are no number. */
    float parse(char[] text, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && isBlank(text[at])) {
            at++;
        }
        while (at < end && isBlank(text[end - 1])) {
            end--;
        }
        int start = at;
        boolean negative = at < end && text[at] == '-';
        if (at < end && (text[at] == '-' || text[at] == '+')) {
            at++;
        }
        int mantissa = 0;
        int decimals = 0;
        int digits = 0;
        boolean afterPoint = false;
        boolean exact = true;
        for (; at < end; at++) {
            char c = text[at];
            if (c >= '0' && c <= '9') {
                mantissa = exact ? 10 * mantissa + (c - '0') : mantissa;
                exact = mantissa <= LARGEST_EXACT;
                digits++;
                decimals += afterPoint ? 1 : 0;
            } else if (c == decimal && !afterPoint) {
                afterPoint = true;
            } else {
                break;
            }
        }
        if (digits == 0) {
            return Float.NaN;
        }
        if (at < end) {
            return isExponent(text, at, end) ? slowly(text, start, end) : Float.NaN;
        }
        if (!exact || decimals >= POWERS.length) {
            return slowly(text, start, end);
        }
        float value = mantissa / POWERS[decimals];
        return negative ? -value : value;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private static boolean isExponent(char[] text, int from, int end) {
        int at = from + 1;
        if (at < end && (text[at] == '-' || text[at] == '+')) {
            at++;
        }
        if (text[from] != 'e' && text[from] != 'E' || at == end) {
            return false;
        }
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at == end;
    }

    private float slowly(char[] text, int start, int end) {
        return Float.parseFloat(new String(text, start, end - start).replace(decimal, '.'));
    }
}
