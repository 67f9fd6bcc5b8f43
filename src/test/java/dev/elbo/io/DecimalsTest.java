package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, -0",
        "1, 1",
        "-7, -7",
        "0.1, 0.1",
        "2.0E-3, 0.002",
        "1234567, 1234567",
        "1.00000001E-5, 0.00001",
        "1.5e-7, 1.5e-7",
        "3.4028235E38, 3.4028235e38",
        "1.4E-45, 1e-45",
        "2E22, 2e22",
        "1e15, 1000000000000000",
        "0.333333333, 0.33333334",
    })
    void theFewestDigits(float value, String text) {
        assertEquals(text, Decimals.text(value));
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.1", "1e23, 1e23", "4.9e-324, 5e-324", "2.2250738585072014E-308, 2.2250738585072014e-308"})
    void theFewestDigitsOfFloat64(double value, String text) {
        assertEquals(text, Decimals.text(value));
    }

    @Test
    void everyTextReadsBackAndNoneIsTooLong() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            float single = Float.intBitsToFloat(random.nextInt());
            double wide = Double.longBitsToDouble(random.nextLong());
            if (Float.isFinite(single)) {
                String text = Decimals.text(single);
                assertEquals(single, Float.parseFloat(text));
                assertTrue(isShortest(single, text), () -> text);
            }
            if (Double.isFinite(wide)) {
                assertEquals(wide, Double.parseDouble(Decimals.text(wide)));
            }
        }
    }

    /** Whether one digit less would read as another value. */
    private static boolean isShortest(float value, String text) {
        int digits = new BigDecimal(text).stripTrailingZeros().precision();
        return digits == 1
                || new BigDecimal(value).round(new MathContext(digits - 1)).floatValue() != value;
    }

    @Test
    void theLocaleHasNoSay() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertEquals("-1.5e-7", Decimals.text(-1.5e-7f));
        } finally {
            Locale.setDefault(before);
        }
    }
}
