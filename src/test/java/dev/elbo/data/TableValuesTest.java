package dev.elbo.data;

import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.model.Table;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of a table given as numbers, with NaN where a value is missing. */
class TableValuesTest {
    private static final float NAN = Float.NaN;

    private static final Table TABLE = Table.builder()
            .gaussian("size")
            .constant("unit", "cm")
            .categorical("color", "blue", "green", "red")
            .bernoulli("ripe", "no", "yes")
            .poisson("seeds")
            .build();

    private static Dataset data(float... values) {
        return Dataset.of("d", TABLE, values);
    }

    private static Dataset example() {
        return data(1, 0, 1, 0, 1, 3, NAN, 1, 0, 0, NAN, 200, 5, NAN, NAN, NAN, 0, NAN);
    }

    @Test
    void placesHaveTheNamesOfColumnsAndWords() {
        Dataset data = example();
        assertEquals(3, data.size());
        assertEquals(Optional.of(TABLE), data.table());
        assertEquals(
                List.of("size", "color=blue", "color=green", "color=red", "ripe", "seeds"),
                data.columns().orElseThrow());
        assertEquals(data.columns(), data.first(1).withLabels(7).columns());
        fails(ElboException.Kind.USAGE, () -> data.withColumns("a", "b", "c", "d", "e", "f"), "have names already");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "0,1,0,0,2,0 | row 1, column 4 (from 0, 'ripe') is 2.0; a bernoulli column holds 0 and 1",
                "0,1,0,0,0,2.5 | row 1, column 5 (from 0, 'seeds') is 2.5; counts are whole numbers from 0 on",
                "0,1,0,0,0,-1 | row 1, column 5 (from 0, 'seeds') is -1.0; counts are",
                "0,1,0,0,0,Infinity | row 1, column 5 (from 0, 'seeds') is Infinity; remove",
                "-Infinity,1,0,0,0,0 | row 1, column 0 (from 0, 'size') is -Infinity; remove",
                "0,1,NaN,0,0,0 | row 1, column 1 (from 0, 'color') has NaN in 1 of its 3 places",
                "0,0,0,0,0,0 | row 1, column 1 (from 0, 'color') holds 0.0, 0.0, 0.0; one place",
                "0,1,1,0,0,0 | row 1, column 1 (from 0, 'color') holds 1.0, 1.0, 0.0; one place",
                "0,1,0.5,0,0,0 | row 1, column 1 (from 0, 'color') holds 1.0, 0.5, 0.0; one place",
                "0,1,0,Infinity,0,0 | row 1, column 1 (from 0, 'color') holds 1.0, 0.0, Infinity; one place"
            })
    void valuesOfNoColumnAreRefusedByRowAndColumn(String row, String message) {
        float[] values = new float[12];
        values[1] = 1;
        String[] fields = row.split(",");
        for (int i = 0; i < fields.length; i++) {
            values[6 + i] = Float.parseFloat(fields[i]);
        }
        refused(() -> data(values), "d: " + message);
    }

    @Test
    void rowsAreWholeAndAtLeastOne() {
        refused(() -> data(), "d", "empty");
        refused(() -> data(1, 0, 1), "d: 3 values do not divide into rows of 6: row 0 (from 0) has 3");
    }

    @Test
    void statisticsAreOfWhatIsThere() {
        Dataset data = example();
        assertArrayEquals(new double[] {3, 0.5, 0.5, 0, 0.5, 101.5}, data.mean());
        assertArrayEquals(new double[] {4, 0.25, 0.25, 0, 0.25, 98.5 * 98.5}, data.variance());
        assertEquals(new Dataset.Range(0, 200), data.range());
        Dataset empty = data(NAN, NAN, NAN, NAN, NAN, NAN);
        assertArrayEquals(new double[6], empty.mean());
        assertArrayEquals(new double[6], empty.variance());
        assertTrue(data(NAN, 1, 0, 0, NAN, 0).isBinary());
        assertEquals(Optional.empty(), DataNotes.unscaled(Description.of(empty)));
    }

    @Test
    void onlyNumbersAreStandardizedAndGapsStay() {
        Dataset data = example();
        Standardization unit = Standardization.perFeature(data);
        assertArrayEquals(new double[] {3, 0, 0, 0, 0, 0}, unit.mean());
        assertArrayEquals(new double[] {2, 1, 1, 1, 1, 1}, unit.deviation());
        assertEquals(Math.log(2), unit.logDeviation());
        Dataset standardized = data.standardized(unit);
        assertArrayEquals(
                new float[] {-1, 0, 1, 0, 1, 3, NAN, 1, 0, 0, NAN, 200, 1, NAN, NAN, NAN, 0, NAN},
                standardized.values());
        assertEquals(Optional.of(TABLE), standardized.table());
        float[] back = standardized.values();
        unit.invert(back);
        assertArrayEquals(data.values(), back);
        float[] rows = data.values();
        unit.apply(rows);
        assertArrayEquals(standardized.values(), rows);
    }

    @Test
    void aColumnOfOneValueOrNoneKeepsItsUnit() {
        Table table = Table.builder().gaussian("a").gaussian("b").build();
        Dataset data = Dataset.of("d", table, new float[] {NAN, NAN, 0.1f, NAN, 0.1f, NAN, 0.1f, NAN});
        Standardization unit = Standardization.perFeature(data);
        assertArrayEquals(new double[] {1, 1}, unit.deviation());
        assertArrayEquals(new double[] {0.1f, 0}, unit.mean(), 1e-9);
    }

    @Test
    void unitsOfWordsAreRefused() {
        Dataset data = example();
        fails(
                ElboException.Kind.USAGE,
                () -> Standardization.shared(data),
                "d: each column of a table",
                "Standardization.perFeature");
        Standardization all = Standardization.fromJson("{\"mean\":[0],\"deviation\":[2]}", 6);
        String said = assertThrows(IllegalArgumentException.class, () -> data.standardized(all))
                .getMessage();
        assertTrue(said.contains("cannot be standardised"), said);
    }

    @Test
    void gapsStayGapsInDescriptionsAndRanges() {
        Description seen = Description.of(example());
        assertTrue(seen.isTrainable());
        assertEquals(6, seen.nan());
        assertArrayEquals(
                new double[] {3, 0.5, 0.5, 0, 0.5, 101.5}, seen.features().mean());
        // counts of 200 are no reason to standardise, nor is a word that no row has
        assertEquals(Optional.empty(), DataNotes.unscaled(seen));
        assertEquals(Optional.empty(), DataNotes.constant(seen));
        ValueRange range = ValueRange.of(seen);
        assertEquals(range, ValueRange.fromJson(range.toJson(), 6));
        assertEquals(Optional.empty(), range.outside(data(NAN, 0, 0, 1, 1, NAN)));
        assertTrue(range.outside(data(100, NAN, NAN, NAN, 1, 1))
                .orElseThrow()
                .startsWith("d: row 0, column 0 (from 0, 'size') is 100.0, far outside"));
    }

    @Test
    void theRangeOfAColumnWithoutValuesIsOpen() {
        ValueRange range = ValueRange.of(Description.of(data(NAN, 1, 0, 0, 1, 1)));
        assertEquals(range, ValueRange.fromJson(range.toJson(), 6));
        assertEquals(Optional.empty(), range.outside(data(1e30f, 0, 1, 0, 0, 0)));
    }

    @Test
    void unscaledNumbersAreNotedButNotConstantWords() {
        Description seen = Description.of(data(1000, 1, 0, 0, 1, 0, 1000, 1, 0, 0, 1, 0));
        assertTrue(DataNotes.unscaled(seen).orElseThrow().contains("column 0 (from 0, 'size') has mean 1000"));
        assertTrue(DataNotes.constant(seen).orElseThrow().contains("constant: column 0 (from 0, 'size');"));
    }

    @Test
    void fingerprintsDoNotDependOnTheBitsOfGaps() {
        float other = Float.intBitsToFloat(0xffc12345);
        assertEquals(
                data(NAN, 1, 0, 0, 1, 0).fingerprint(),
                data(other, 1, 0, 0, 1, 0).fingerprint());
        assertNotEquals(
                data(0, 1, 0, 0, 1, 0).fingerprint(), data(NAN, 1, 0, 0, 1, 0).fingerprint());
    }
}
