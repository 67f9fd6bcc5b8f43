package dev.elbo.data;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Thousands;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Decimal numbers in characters: sign, digits with or without separators of thousands, decimals, exponent, with blanks and (in
 * quotes) ends of line around them, and nothing else that Java or a locale takes for a number.
 */
record CsvNumbers(Decimal sign, Thousands thousands) {
    /** Both exact in float64, so that one multiplication or division rounds once: to the nearest, as is right. */
    private static final long LARGEST_EXACT = 1L << 53;
    /** The largest integer that digits are kept in; the nearest float64 is an integer of the same type. */
    private static final long LARGEST = Long.MAX_VALUE - 1023;

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    /** Digits of an exponent that are parsed here; the JDK parses longer ones. */
    private static final int EXPONENT = 3;

    /** All notations of numbers, the plain ones first. */
    private static final List<CsvNumbers> WAYS = Arrays.stream(Thousands.values())
            .flatMap(thousands -> Arrays.stream(Decimal.values())
                    .filter(sign -> !thousands.is(sign.character))
                    .map(sign -> new CsvNumbers(sign, thousands)))
            .toList();

    /**
     * Parses the nearest float64, infinite beyond its range; NaN if the characters are not a number. Each separator of
     * thousands has three digits after it and one to three before it, and is never among the decimals.
     */
    double parse(char[] text, int offset, int length) {
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
        char decimal = sign.character;
        long mantissa = 0;
        int decimals = 0;
        int digits = 0;
        // digits when the last separator was met
        int separated = 0;
        boolean afterPoint = false;
        boolean kept = true;
        for (; at < end; at++) {
            char c = text[at];
            if (c >= '0' && c <= '9') {
                kept &= mantissa <= (LARGEST - 9) / 10;
                mantissa = kept ? 10 * mantissa + (c - '0') : mantissa;
                digits++;
                decimals += afterPoint ? 1 : 0;
            } else if (c == decimal && !afterPoint) {
                afterPoint = true;
            } else if (!afterPoint && thousands.is(c)) {
                if (separated == 0 ? digits == 0 || digits > 3 : digits != separated + 3) {
                    return Double.NaN;
                }
                separated = digits;
            } else {
                break;
            }
        }
        if (digits == 0 || separated > 0 && digits - decimals != separated + 3) {
            return Double.NaN;
        }
        int exponent = 0;
        if (at < end) {
            if (!isExponent(text, at, end)) {
                return Double.NaN;
            }
            int first = at + (isSign(text[at + 1]) ? 2 : 1);
            kept &= end - first <= EXPONENT;
            for (int i = first; kept && i < end; i++) {
                exponent = 10 * exponent + (text[i] - '0');
            }
            exponent = text[at + 1] == '-' ? -exponent : exponent;
        }
        exponent -= decimals;
        double value = kept && Math.abs(exponent) < POWERS.length ? nearest(mantissa, exponent) : Double.NaN;
        if (Double.isNaN(value)) {
            return slowly(text, start, end);
        }
        return negative ? -value : value;
    }

    /** The float64 nearest to mantissa · 10^exponent, exponents from −22 to 22; NaN if two are about as near. */
    private static double nearest(long mantissa, int exponent) {
        double power = POWERS[Math.abs(exponent)];
        double leading = mantissa;
        double value = exponent < 0 ? leading / power : leading * power;
        if (mantissa <= LARGEST_EXACT) {
            return value;
        }
        // What the two roundings left out, and a bound of what was left out of that.
        double rest = mantissa - (long) leading;
        double first = exponent < 0 ? Math.fma(-value, power, leading) / power : Math.fma(leading, power, -value);
        double second = exponent < 0 ? rest / power : rest * power;
        double bound = (Math.abs(first) + Math.abs(second)) * 0x1p-50;
        double low = value + (first + second - bound);
        double high = value + (first + second + bound);
        return low == high ? low : Double.NaN;
    }

    private double parse(String text) {
        return parse(text.toCharArray(), 0, text.length());
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private static boolean isSign(char c) {
        return c == '-' || c == '+';
    }

    private static boolean isExponent(char[] text, int from, int end) {
        int at = from + 1;
        if (at < end && isSign(text[at])) {
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

    private double slowly(char[] text, int start, int end) {
        char[] plain = new char[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            if (!thousands.is(text[i])) {
                plain[length++] = text[i] == sign.character ? '.' : text[i];
            }
        }
        return Double.parseDouble(new String(plain, 0, length));
    }

    /** Returns whether a field would be a number with other options. */
    static boolean isNumber(String field) {
        return WAYS.stream().anyMatch(way -> !Double.isNaN(way.parse(field)));
    }

    /** Describes the options with which a field that is not a number would be one; empty if there are none. */
    String instead(String field) {
        StringJoiner options = new StringJoiner(", ");
        Set<Decimal> known = EnumSet.noneOf(Decimal.class);
        Set<Double> values = new HashSet<>();
        for (CsvNumbers way : WAYS) {
            double value = way.parse(field);
            // Signs that are not needed make no other way.
            if (!Double.isNaN(value) && known.add(way.sign) && values.add(value)) {
                String shown = value == Math.rint(value) && Math.abs(value) < LARGEST_EXACT
                        ? Long.toString((long) value)
                        : Double.toString(value);
                options.add(option(way) + " (" + shown + ")");
            }
        }
        return options.toString();
    }

    private String option(CsvNumbers way) {
        if (way.thousands == thousands) {
            return way.sign == Decimal.COMMA
                    ? "CsvOptions.Decimal.COMMA reads decimal commas"
                    : "CsvOptions.Decimal.POINT reads decimal points";
        }
        String separators = "CsvOptions.Thousands." + way.thousands;
        return way.sign == sign
                ? separators + " reads this separator of thousands"
                : "CsvOptions.Decimal." + way.sign + " and " + separators + " read both signs";
    }
}
