package dev.elbo.data;

import static dev.elbo.data.TextTable.first;
import static dev.elbo.data.TextTable.read;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.data.CsvOptions.Header;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Missing values in text, and what is told of them. */
class TableGapsTest {
    private static final float NAN = Float.NaN;

    @ParameterizedTest
    @ValueSource(
            strings = {"", "NA", "na", "n/a", "N/A", "#N/A", "NaN", "nan", "-nan", "null", "NULL", "?", " ", " NA "})
    void theUsualWordsAreMissing(String word) {
        Notes notes = new Notes();
        Dataset data = read(
                "t.csv",
                "a,b,c\n1.5," + word + ",x\n" + word + ",yes," + word + "\n3,no,y\n4.5,no,z\n",
                ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT),
                notes);
        assertArrayEquals(
                new float[] {1.5f, NAN, 1, 0, 0, NAN, 1, NAN, NAN, NAN, 3, 0, 0, 1, 0, 4.5f, 0, 0, 0, 1},
                data.values());
        String shown = word.isBlank() ? "empty" : "'" + word.strip() + "'";
        assertEquals(List.of("note: t.csv: 3 values are missing, in 3 of 3 columns: " + shown + " 3×"), notes.lines);
        assertEquals(Map.of(word.strip(), 1L), first(data).missing());
    }

    @Test
    void eachWordIsCounted() {
        Notes notes = new Notes();
        read("t.csv", "a,b\n1,NA\n,?\n?,NA\n2,x\n", ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT), notes);
        assertEquals(
                List.of(
                        "note: t.csv: 5 values are missing, in 2 of 2 columns: empty 1×, '?' 2×, 'NA' 2×",
                        "note: t.csv: 2 rows have no value at all, and nothing to learn from"),
                notes.lines);
    }

    @Test
    void otherWordsAreMissingIfAskedFor() {
        String text = "a,b\n1.5,x\n-999,none\n-999.0,y\n2,None\n3.5,x\n";
        Dataset plain = read(text);
        assertEquals(1 + 4, plain.features());
        Dataset data = read(text, TableOptions.DEFAULT.withMissing("-999", "none"));
        // numbers by value, words as they are given
        assertArrayEquals(
                new float[] {1.5f, 0, 1, 0, NAN, NAN, NAN, NAN, NAN, 0, 0, 1, 2, 1, 0, 0, 3.5f, 0, 1, 0},
                data.values());
    }

    @Test
    void doubtfulWordsAreNoted() {
        Notes notes = new Notes();
        Dataset data = read(
                "t.csv", "a,b\n1,x\n-,y\n2,unknown\n-,z\n", ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT), notes);
        assertEquals(
                List.of(
                        "note: t.csv: line 3, column 1 ('a'): is '-', taken for a word, here and in 1 more rows;"
                                + " withMissing('-') takes it as missing",
                        "note: t.csv: line 4, column 2 ('b'): is 'unknown', taken for a word;"
                                + " withMissing('unknown') takes it as missing"),
                notes.lines);
        assertEquals(List.of("-", "1", "2"), first(data).words());
    }

    @ParameterizedTest
    @CsvSource({"inf", "-inf", "Infinity", "+INF", "1e999"})
    void infinityIsAnErrorAmongNumbers(String word) {
        refused(
                () -> read("a,b\n1,2\n2.5," + word + "\n3.5,7\n").table(),
                "t.csv: line 3, column 2 ('b'): is '" + word + "', not a finite number",
                "withMissing('" + word + "')");
        StringBuilder many = new StringBuilder("a,b\n");
        for (int i = 0; i < 1200; i++) {
            many.append(i % 2).append(",").append(i).append("\n");
        }
        refused(() -> read(many + "0," + word + "\n"), "line 1202, column 2 ('b'): is '" + word + "', not a finite");
        refused(
                () -> read(many.toString().replace("0,10\n", "0," + word + "\n")),
                "line 12, column 2 ('b'): is '" + word + "', not a finite");
    }

    @Test
    void gapsAfterManyNumbersAreGaps() {
        StringBuilder text = new StringBuilder("a,b\n");
        for (int i = 0; i < 3000; i++) {
            text.append(i % 2)
                    .append(",")
                    .append(i % 10 == 0 ? "NA" : i % 10 == 1 ? "" : i + ".5")
                    .append("\n");
        }
        Dataset data = read(text.toString());
        TableSummary.Column column = data.summary().orElseThrow().columns().get(1);
        assertEquals(Map.of("NA", 300L, "", 300L), column.missing());
        assertEquals("2.5 to 2999.5", column.values());
        float[] values = data.values();
        for (int i = 0; i < 3000; i++) {
            assertEquals(i % 10 < 2 ? NAN : i + 0.5f, values[2 * i + 1]);
        }
    }

    @Test
    void labelsAreNotGaps() {
        ReadOptions options = ReadOptions.DEFAULT
                .withCsv(CsvOptions.DEFAULT.withLabelColumn("kind"))
                .withTable(TableOptions.DEFAULT);
        Dataset data = read("t.csv", "a,kind\n1,NA\n,x\n2,NA\n", options, Progress.NONE);
        assertEquals(List.of("NA", "x"), data.labelNames().orElseThrow());
        assertArrayEquals(new int[] {0, 1, 0}, data.labels().orElseThrow());
        assertArrayEquals(new float[] {0, NAN, 1}, data.values());
    }

    @Test
    void withoutATableGapsAndWordsAreRefusedWithTheWayOut() {
        refused(
                () -> read("t.csv", "a,b\n1,2\n,3\n", ReadOptions.DEFAULT, Progress.NONE),
                "line 3, column 1",
                "withTable takes gaps");
        refused(() -> read("t.csv", "a,b\n1,2\nNA,3\n", ReadOptions.DEFAULT, Progress.NONE), "withTable takes gaps");
        refused(() -> read("t.csv", "a,b\n1,2\nred,3\n", ReadOptions.DEFAULT, Progress.NONE), "withTable reads words");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a,b;1,2;3,4 | a b | 2",
                "a,b;x,2;y,3 | a b | 2",
                "color,size;red,small;blue,large | color size | 2",
                "red,red;blue,red;blue,green | x0 x1 | 3",
                "1,red;2,blue | x0 x1 | 2",
                "NA,red;1,blue;2,red | NA red | 2",
                ",red;x,blue;y,red | x0 x1 | 3",
                "Na,K;1,2;2,3 | Na K | 2"
            })
    void theFirstLineHoldsNamesUnlessItCannot(String text, String names, int rows) {
        Dataset data = read(text.replace(';', '\n') + "\n");
        assertEquals(
                List.of(names.split(" ")),
                data.summary().orElseThrow().columns().stream()
                        .map(TableSummary.Column::name)
                        .toList());
        assertEquals(rows, data.size());
    }

    @Test
    void namesOfRowNumbersAreMissed() {
        refused(() -> read("\"\",a\n1,x\n2,y\n"), "line 1, column 1: has no name (row numbers often have none)");
        refused(() -> read("a,a\n1,x\n2,y\n"), "line 1: columns 1 and 2 are both called 'a'");
    }

    @Test
    void aFirstLineThatMayBeEitherIsRefused() {
        String words = "red,small\nblue,large\nred,large\nblue,small\n";
        refused(() -> read(words), "line 1 is taken for names", "CsvOptions.Header.NO", "CsvOptions.Header.YES");
        String id = "id,1\n7,2\n8,3\n9,2\n";
        refused(
                () -> read(id),
                "line 1, column 1: is 'id', the only word in a column of numbers",
                "CsvOptions.Header.YES");
        for (String text : List.of(words, id)) {
            for (Header header : List.of(Header.YES, Header.NO)) {
                ReadOptions options = ReadOptions.DEFAULT
                        .withCsv(CsvOptions.DEFAULT.withHeader(header))
                        .withTable(TableOptions.DEFAULT);
                assertEquals(
                        header == Header.NO ? 4 : 3,
                        read("t.csv", text, options, Progress.NONE).size());
            }
        }
    }
}
