package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Thousands;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvNumbersTest {
    private static double parse(CsvNumbers numbers, String text) {
        // something else around it, as in a buffer
        char[] buffer = ("9" + text + "9").toCharArray();
        return numbers.parse(buffer, 1, text.length());
    }

    @Test
    void everyNumberIsTheNearestFloat64() {
        Random random = new Random(2);
        CsvNumbers numbers = new CsvNumbers(Decimal.POINT, Thousands.NONE);
        for (int i = 0; i < 200_000; i++) {
            String text = switch (i % 10) {
                case 0 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
                case 1 -> random.nextInt() + "." + random.nextInt(100_000);
                case 2 -> random.nextInt(100_000) + "e" + (random.nextInt(100) - 50);
                case 3 -> Float.toString(Float.intBitsToFloat(random.nextInt()));
                case 4 -> Long.toString(random.nextLong());
                case 5 -> (1L << 53) + random.nextInt(5) - 2 + "." + random.nextInt(10) + "E+" + random.nextInt(25);
                case 6 -> random.nextLong(1L << 53) + "e-" + random.nextInt(25);
                case 7 -> "0.000" + random.nextLong(1L << 54);
                case 8 -> String.format(Locale.ROOT, "%.18e", random.nextDouble());
                // half way between two, and beside it
                default ->
                    new BigDecimal(1 + 0x1p-52 * random.nextInt(1 << 20))
                            .add(new BigDecimal(0x1p-53))
                            .setScale(16 + random.nextInt(40), RoundingMode.values()[random.nextInt(7)])
                            .toPlainString();
            };
            double expected = Double.parseDouble(text);
            if (Double.isFinite(expected)) {
                assertEquals(expected, parse(numbers, text), text);
            }
        }
    }

    @Test
    void thousandsChangeNoValue() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            Thousands thousands = Thousands.values()[1 + random.nextInt(4)];
            Decimal decimal = thousands == Thousands.COMMA
                    ? Decimal.POINT
                    : thousands == Thousands.POINT ? Decimal.COMMA : Decimal.values()[random.nextInt(2)];
            String plain = Long.toString(random.nextLong() >> random.nextInt(63))
                    + (random.nextBoolean() ? "." + random.nextInt(1_000_000) : "")
                    + (random.nextInt(4) == 0 ? "e" + random.nextInt(9) : "");
            CsvNumbers numbers = new CsvNumbers(decimal, thousands);
            String grouped = CsvForms.grouped(plain, decimal, thousands);
            assertEquals(Double.parseDouble(plain), parse(numbers, grouped), grouped);
            assertEquals(
                    Double.parseDouble(plain),
                    parse(numbers, plain.replace('.', decimal.character)),
                    "separators may be left out");
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "POINT, COMMA, \"1,234,56\"",
                "POINT, COMMA, \"12,34\"",
                "POINT, COMMA, \"1234,567\"",
                "POINT, COMMA, \",123\"",
                "POINT, COMMA, \"-,123\"",
                "POINT, COMMA, \"1,,234\"",
                "POINT, COMMA, \"1,234,\"",
                "POINT, COMMA, \"1.5,000\"",
                "POINT, COMMA, \"1,23.4\"",
                "POINT, COMMA, \"1,23e4\"",
                "POINT, COMMA, \"1.234,5\"",
                "COMMA, POINT, 1.23",
                "POINT, SPACE, 1  234",
                "POINT, SPACE, 1 23",
                "POINT, APOSTROPHE, 1''234",
                "POINT, NONE, \"1,234\"",
                "POINT, NONE, 1 234"
            })
    void groupsMustBeRight(Decimal decimal, Thousands thousands, String text) {
        assertEquals(Double.NaN, parse(new CsvNumbers(decimal, thousands), text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "POINT | NONE  | 1,5       | CsvOptions.Decimal.COMMA reads decimal commas (1.5)",
                "POINT | NONE  | 1,234.50  | CsvOptions.Thousands.COMMA reads this separator of thousands (1234.5)",
                "POINT | NONE  | 1,234,567 | CsvOptions.Thousands.COMMA reads this separator of thousands (1234567)",
                "POINT | NONE  | 1.234,5   | CsvOptions.Decimal.COMMA and CsvOptions.Thousands.POINT read both signs (1234.5)",
                "POINT | NONE  | 1 234     | CsvOptions.Thousands.SPACE reads this separator of thousands (1234)",
                "POINT | NONE  | 1'234.5   | CsvOptions.Thousands.APOSTROPHE reads this separator of thousands (1234.5)",
                "COMMA | NONE  | 1.5       | CsvOptions.Decimal.POINT reads decimal points (1.5)",
                "COMMA | POINT | 1,234.5   | CsvOptions.Decimal.POINT and CsvOptions.Thousands.COMMA read both signs (1234.5)",
                "POINT | COMMA | 1,5       | CsvOptions.Decimal.COMMA and CsvOptions.Thousands.NONE read both signs (1.5)",
                "POINT | NONE  | 1,234     | CsvOptions.Decimal.COMMA reads decimal commas (1.234), CsvOptions.Thousands.COMMA reads this"
                        + " separator of thousands (1234)",
                "POINT | NONE  | x         | \"\"",
            })
    void theOptionsThatWouldReadAFieldAreNamed(Decimal decimal, Thousands thousands, String field, String said) {
        assertEquals(said, new CsvNumbers(decimal, thousands).instead(field));
    }
}
