package dev.elbo.data;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.elbo.model.Table;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTextTest {
    private static final float NAN = Float.NaN;

    private static final Table TABLE = Table.builder()
            .gaussian("size")
            .constant("unit", "cm")
            .categorical("color", "red", "blue", "green")
            .bernoulli("ripe", "no", "yes")
            .poisson("seeds")
            .negativeBinomial("bugs")
            .build();

    private static final TableText TEXT = new TableText(TABLE);

    @Test
    void rowsOfTextComeBack() {
        String[] row = {"-0.1", "cm", "green", "yes", "3", "0"};
        float[] values = TEXT.encode(row);
        assertArrayEquals(new float[] {-0.1f, 0, 0, 1, 1, 3, 0}, values);
        assertArrayEquals(row, TEXT.decode(values));
        assertArrayEquals(row, TEXT.decode(TEXT.encodeExactly(row)));
        String[] gaps = {null, "cm", null, null, null, null};
        assertArrayEquals(
                new float[] {NAN, NAN, NAN, NAN, NAN, NAN, NAN}, TEXT.encode("NA", "?", "", null, " nan ", "null"));
        assertArrayEquals(gaps, TEXT.decode(TEXT.encode(gaps)));
    }

    @Test
    void digitsOfFloat64AreKeptIfAskedFor() {
        String[] row = {"1700000001.25", "cm", "red", "no", "16777217", "1"};
        assertArrayEquals(row, TEXT.decode(TEXT.encodeExactly(row)));
        assertEquals("1700000000", TEXT.decode(TEXT.encode(row))[0]);
        refused(() -> TEXT.encode("1e39", "cm", "red", "no", "1", "1"), "1e39 is more than float32 holds");
    }

    /** Means of a model: probabilities and expected counts. */
    @Test
    void meansBecomeTheLikeliestWordAndWholeCounts() {
        assertArrayEquals(
                new String[] {"0.25", "cm", "blue", "yes", "3", "0"},
                TEXT.decode(0.25f, 0.2f, 0.5f, 0.3f, 0.51f, 2.6f, 0.4f));
        assertArrayEquals(
                new String[] {"0", "cm", "red", "no", "2", "1000000"},
                TEXT.decode(-0f, 0.4f, 0.4f, 0.2f, 0.5f, 2.5f, 1e6f));
        assertThrows(IllegalArgumentException.class, () -> TEXT.decode(1f, 2f));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "big,cm,red,no,1,1 | column 'size': is 'big', not a finite number",
                "1e999,cm,red,no,1,1 | column 'size': is '1e999', not a finite number",
                "1,mm,red,no,1,1 | column 'unit': is 'mm', but the table has only 'cm'",
                "1,cm,black,no,1,1 | column 'color': is 'black', none of the categories that the table has: 'red', 'blue'",
                "1,cm,red,1,1,1 | column 'ripe': is '1', none of the categories",
                "1,cm,red,no,-1,1 | column 'seeds': is '-1', not a count",
                "1,cm,red,no,1,2.5 | column 'bugs': is '2.5', not a count",
                "1,cm,red,no,1 | 5 texts are not a row of 6 columns"
            })
    void textsOfNoColumnAreRefused(String row, String message) {
        refused(() -> TEXT.encode(row.split(",")), message);
        refused(
                () -> Dataset.of("d", TABLE, List.of(new String[] {"1", "cm", "red", "no", "1", "1"}, row.split(","))),
                "d: row 1 (from 0): " + message);
    }

    @Test
    void optionsSayWhatIsMissing() {
        TableText text = new TableText(
                TABLE, TableOptions.DEFAULT.withUnknownMissing(true).withMissing("-99", "none"));
        assertArrayEquals(
                new float[] {NAN, NAN, NAN, NAN, NAN, 1, NAN}, text.encode("-99.0", "mm", "black", "none", "1", "-99"));
    }

    @Test
    void dataAreMadeOfRowsOfText() {
        Dataset data =
                Dataset.of("d", TABLE, List.of(new String[] {"16777217", "cm", "red", "no", "1", "1"}, new String[] {
                    null, null, "blue", "yes", "2", "NA"
                }));
        assertArrayEquals(new float[] {16777216, 1, 0, 0, 0, 1, 1, NAN, 0, 1, 0, 1, 2, NAN}, data.values());
        assertEquals(16777217, data.mean()[0]);
        refused(() -> Dataset.of("d", TABLE, List.of()), "d: is empty");
    }

    @Test
    void wordsThatAreNumbersAreFoundByValue() {
        Table table = Table.builder()
                .categorical("n", "1", "2.5", "1000000")
                .bernoulli("code", "01", "1")
                .build();
        TableText text = new TableText(table);
        assertArrayEquals(new float[] {0, 0, 1, 0}, text.encode("1e6", "01"));
        assertArrayEquals(new float[] {1, 0, 0, 1}, text.encode("1.00", "1"));
        refused(() -> text.encode("1", "1.0"), "column 'code': is '1.0'");
    }
}
