package dev.elbo.io;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.Predicate;

/**
 * Numbers as decimal text: the fewest significant digits that read back as the same value, in the same characters from
 * every JDK and in every locale. (The JDK's own text has had fewer digits since version 19.)
 */
public final class Decimals {
    /** Digits that survive a round trip: any decimal with as many, read as float32, rounds back to itself. */
    private static final int FLOAT_DIGITS = 6;

    private static final int FLOAT_MAX_DIGITS = 9;
    private static final int DOUBLE_DIGITS = 15;
    private static final int DOUBLE_MAX_DIGITS = 17;

    /** Below this, whole numbers are written without decimals, which is quick. */
    private static final int WHOLE = 1 << 20;

    private static final int MIN_PLAIN_EXPONENT = -5;
    private static final int MAX_PLAIN_EXPONENT = 15;

    private Decimals() {}

    /**
     * {@return a float32 as text of at most 9 significant digits}
     *
     * @param value any; one that is not finite becomes {@code NaN}, {@code Infinity} or {@code -Infinity}
     */
    public static String text(float value) {
        // subnormal values have fewer bits, which a single digit may tell apart
        int digits = Math.abs(value) < Float.MIN_NORMAL ? 1 : FLOAT_DIGITS;
        return shortest(value, digits, FLOAT_MAX_DIGITS, text -> Float.parseFloat(text) == value);
    }

    /**
     * {@return a float64 as text of at most 17 significant digits}
     *
     * @param value any; one that is not finite becomes {@code NaN}, {@code Infinity} or {@code -Infinity}
     */
    public static String text(double value) {
        int digits = Math.abs(value) < Double.MIN_NORMAL ? 1 : DOUBLE_DIGITS;
        return shortest(value, digits, DOUBLE_MAX_DIGITS, text -> Double.parseDouble(text) == value);
    }

    private static boolean isSmallWhole(double value) {
        // −0.0 has a text of its own
        return value == (int) value && Math.abs(value) < WHOLE && (value != 0 || 1 / value > 0);
    }

    private static String shortest(double value, int digits, int most, Predicate<String> isSame) {
        if (isSmallWhole(value)) {
            return Integer.toString((int) value);
        }
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        if (value == 0) {
            return "-0";
        }
        BigDecimal exact = new BigDecimal(value);
        for (int n = digits; ; n++) {
            String text = text(exact.round(new MathContext(n)).stripTrailingZeros());
            if (n == most || isSame.test(text)) {
                return text;
            }
        }
    }

    private static String text(BigDecimal value) {
        int exponent = value.precision() - value.scale() - 1;
        if (exponent >= MIN_PLAIN_EXPONENT && exponent <= MAX_PLAIN_EXPONENT) {
            return value.toPlainString();
        }
        String digits = value.unscaledValue().abs().toString();
        return (value.signum() < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() == 1 ? "" : "." + digits.substring(1))
                + "e"
                + exponent;
    }
}
