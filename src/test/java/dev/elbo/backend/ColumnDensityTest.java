package dev.elbo.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against values of 40 digits, rounded. */
class ColumnDensityTest {
    @ParameterizedTest
    @CsvSource({
        "0,       0.5,     1.64872127070012815",
        "3,       1.0,     1.51004129768710024",
        "1000000, 13.8125, 12.3538792661083496",
        "1000000, -10,     22815518.3847035696",
        "17,      15,      3268795.87754556078",
    })
    void poisson(double x, double o, double expected) {
        assertClose(expected, ColumnDensity.poisson(x, o), x);
    }

    @ParameterizedTest
    @CsvSource({
        "0,       0.5,      1.0,     1.28867485138745025",
        "3,       1.0,      -9.0,    10.0997974838211989",
        "1000000, 13.8125,  13.8125, 10.4364773547792349",
        "1000000, 13.8125,  -9.25,   23.0664402333279414",
        "5,       -13.8125, 2.0,     72.7101147903439058",
        "0,       16.0,     13.8125, 2286941.89463044191",
    })
    void negativeBinomial(double x, double o, double s, double expected) {
        assertClose(expected, ColumnDensity.negativeBinomial(x, o, s), x);
    }

    /** What cancels in float64 are terms of some x ln x. */
    private static void assertClose(double expected, double found, double x) {
        assertEquals(expected, found, 1e-13 * (1 + Math.abs(expected) + 40 * x));
    }

    @ParameterizedTest
    @CsvSource({"-31", "-1e9", "31", "1e9"})
    void logMeansAreClamped(double o) {
        double bound = Math.copySign(ColumnOps.MAX_LOG_MEAN, o);
        assertEquals(ColumnDensity.poisson(4, bound), ColumnDensity.poisson(4, o));
        assertEquals(ColumnDensity.negativeBinomial(4, bound, 0), ColumnDensity.negativeBinomial(4, o, 0));
        assertTrue(Double.isNaN(ColumnDensity.poisson(4, Double.NaN)), "NaN stays");
    }
}
