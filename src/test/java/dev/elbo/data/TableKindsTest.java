package dev.elbo.data;

import static dev.elbo.data.TextTable.column;
import static dev.elbo.data.TextTable.first;
import static dev.elbo.data.TextTable.read;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.TableColumn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kinds of columns by the rules. */
class TableKindsTest {
    private static List<String> values(String list) {
        return new ArrayList<>(List.of(list.split(" ")));
    }

    private static String told(TableColumn column) {
        return column.kind().map(ColumnKind::label).orElse("constant") + " " + String.join(" ", column.words());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 1 1 0 | bernoulli 0 1",
                "1 0.0 1.0 -0 | bernoulli 0 1",
                "3.7 5.2 3.7 | bernoulli 3.7 5.2",
                "10 9 9 | bernoulli 9 10",
                "yes no yes | bernoulli no yes",
                "Y N | bernoulli N Y",
                "True False | bernoulli False True",
                "t f f | bernoulli f t",
                "on off | bernoulli off on",
                "positive negative | bernoulli negative positive",
                "b a b | bernoulli a b",
                "yes Yes | bernoulli Yes yes",
                "0 unsure | bernoulli 0 unsure",
                "red green blue red | categorical blue green red",
                "1 2 x | categorical 1 2 x",
                "10 9 A 1.0 1 | categorical 1 1.0 10 9 A",
                "yes no maybe | categorical maybe no yes",
                "3 1 2 1.0 | categorical 1 2 3",
                "-1 0 1 | categorical -1 0 1",
                "1e6 3 20 | categorical 3 20 1000000",
                "1 2 3 4 5 6 7 8 9 10 11 12 | categorical 1 2 3 4 5 6 7 8 9 10 11 12",
                "1 2 3 4 5 6 7 8 9 10 11 12 13 | gaussian",
                "1 2.5 3 | gaussian",
                "0.5 0.25 0.125 | gaussian",
                "same same | constant same",
                "0.0 0 -0.00 | constant 0",
                "2024 2025 2026 | categorical 2024 2025 2026",
                "a-b a-c | bernoulli a-b a-c",
                "inf nought inf | bernoulli inf nought"
            })
    void kindsFollowFromTheValuesWhateverTheirOrder(String list, String expected) {
        List<String> values = values(list);
        for (int seed = 0; seed < 3; seed++) {
            TableColumn column =
                    read(column(values)).table().orElseThrow().columns().get(0);
            assertEquals("x", column.name());
            assertEquals(expected.strip(), told(column).strip());
            Collections.shuffle(values, new Random(seed));
        }
    }

    @Test
    void wordsAreInTheOrderOfCodePoints() {
        String beyond = new String(Character.toChars(0x1f600));
        TableColumn column = read(column(List.of(beyond, "\uff5e", "a", "Z", "\u00e4")))
                .table()
                .orElseThrow()
                .columns()
                .get(0);
        assertEquals(List.of("Z", "a", "\u00e4", "\uff5e", beyond), column.words());
    }

    @Test
    void rowsAreThePlacesOfTheTable() {
        Dataset data = read("a,c,k,b\n1.5,red,7,no\n-2,blue,7,yes\n0.1,green,7,yes\n");
        assertEquals(
                List.of("a", "c=blue", "c=green", "c=red", "b"), data.columns().orElseThrow());
        assertArrayEquals(new float[] {1.5f, 0, 0, 1, 0, -2, 1, 0, 0, 1, 0.1f, 0, 1, 0, 1}, data.values());
        assertEquals(5, data.features());
        assertArrayEquals(
                new float[] {0.1f, 0, 1, 0, 1, 1.5f, 0, 0, 1, 0},
                data.subset("s", new int[] {2, 0}).values());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 2 3 | gaussian | gaussian",
                "1 2 | gaussian | gaussian",
                "0 1 5 | poisson | poisson",
                "0 1 | negative-binomial | negative-binomial",
                "1 2.5 3 | categorical | categorical 1 2.5 3",
                "1 2 | categorical | categorical 1 2",
                "a b | categorical | categorical a b",
                "1 1.0 2 | bernoulli | bernoulli 1 2",
                "4 4 | poisson | constant 4",
                "2024-01-01 2024-01-02 2024-01-03 | categorical | categorical 2024-01-01 2024-01-02 2024-01-03"
            })
    void kindsThatAreAskedForWin(String list, String kind, String expected) {
        TableOptions asked = TableOptions.DEFAULT.withKind("x", ColumnKind.of(kind));
        Dataset data = read(column(values(list)), asked);
        assertEquals(expected, told(data.table().orElseThrow().columns().get(0)).strip());
        TableOptions numbered = TableOptions.DEFAULT.withKind("1", ColumnKind.of(kind));
        assertEquals(data.table(), read(column(values(list)), numbered).table());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 -1 3 | poisson | line 3, column 1 ('x'): is -1; a poisson column holds counts",
                "1 2 2.5 | negative-binomial | line 4, column 1 ('x'): is 2.5; a negative-binomial column holds counts",
                "1 two | poisson | line 3, column 1 ('x'): is 'two', not a number; poisson (withKind) needs numbers",
                "1 2 3 | bernoulli | column 1 ('x'): has 3 different values, '1', '2', '3'; bernoulli (withKind) needs two",
                "a a a | bernoulli | column 1 ('x'): has 1 different values, 'a'; bernoulli",
                "1 b 3 | gaussian | line 3, column 1 ('x'): is 'b', not a number; gaussian (withKind) needs numbers"
            })
    void kindsThatAreAskedForNeedTheirValues(String list, String kind, String message) {
        TableOptions asked = TableOptions.DEFAULT.withKind("x", ColumnKind.of(kind));
        refused(() -> read(column(values(list)), asked).table(), "t.csv: " + message);
    }

    @Test
    void kindsAreOfColumnsThatAreThere() {
        refused(
                () -> read("a,b\n1,2\n", TableOptions.DEFAULT.withKind("c", ColumnKind.GAUSSIAN)),
                "t.csv: has no column 'c' (withKind); it has 'a', 'b'");
    }

    @Test
    void aNameThatIsANumberIsANameFirst() {
        String text = "\"2\",b\nx,1\ny,2\nz,3\n";
        ReadOptions options = ReadOptions.DEFAULT
                .withCsv(CsvOptions.DEFAULT.withHeader(CsvOptions.Header.YES))
                .withTable(TableOptions.DEFAULT.withKind("2", ColumnKind.CATEGORICAL));
        Dataset data = read("t.csv", text, options, Progress.NONE);
        assertEquals("as asked", first(data).reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-01-31 2024-02-01 2023-12-24",
                "2024-01-31T10:00:00Z 2024-02-01T00:00 2023-12-24",
                "31.01.2024 1.2.2024 24.12.23",
                "1/31/2024 12/1/2024 3/3/2024",
                "31/01/2024 02/01/2024 03/01/2024",
                "2024/01/31 2024/02/01 2024/03/01",
                "31-Jan-2024 1-Feb-2024 2-Feb-2024",
                "10:30 11:45 23:59:59"
            })
    void datesAreRefusedWithARemedy(String list) {
        List<String> values = values(list);
        values.add(1, "NA");
        refused(
                () -> read(column(values)).table(),
                "t.csv: line 2, column 1 ('x'): is '" + values.get(0) + "', a date or time",
                "days since a date",
                "withIgnoredColumns(1)");
    }

    @Test
    void manyDatesAreRefusedAsDates() {
        List<String> dates = IntStream.range(0, 1100)
                .mapToObj(i -> (2000 + i / 12 / 28) + "-" + (1 + i / 28 % 12) + "-" + (1 + i % 28))
                .toList();
        refused(() -> read(column(dates)), "a date or time", "days since a date");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1.2.3 1.2.4 2.0.1", "12-34 56-78 90-12", "2024-13-01 2024-01-32 2024-00-01", "a-1 b-2 c-3"})
    void codesAreNotDates(String list) {
        assertEquals(
                Optional.of(ColumnKind.CATEGORICAL),
                first(read(column(values(list)))).kind());
    }

    private static List<String> words(int count) {
        return IntStream.range(0, count).mapToObj(i -> "w" + i).toList();
    }

    @Test
    void aThousandWordsAreCategoriesAndNotOneMore() {
        assertEquals(1001, read(column(words(1000))).features());
        refused(
                () -> read(column(words(1001))),
                "t.csv: line 2, column 1 ('x'): is 'w0', a word in a column of more than 1000 different values",
                "withIgnoredColumns(1)");
    }

    @Test
    void aWordAmongManyNumbersIsRefusedWhereverItStands() {
        List<String> numbers = IntStream.range(0, 1500).mapToObj(i -> i + ".5").collect(Collectors.toList());
        for (int at : new int[] {0, 700, 1200}) {
            List<String> some = new ArrayList<>(numbers);
            some.add(at, "oops");
            refused(
                    () -> read(column(some)),
                    "line " + (at + 2) + ", column 1 ('x'): is 'oops', a word in a column of more than 1000",
                    "withMissing('oops')");
            Dataset data = read(column(some), TableOptions.DEFAULT.withMissing("oops"));
            assertTrue(Float.isNaN(data.row(at)[0]));
            assertEquals(1499.5f, data.row(1500)[0]);
            assertEquals(700.5f, data.row(at <= 700 ? 701 : 700)[0]);
        }
        refused(
                () -> read(column(numbers), TableOptions.DEFAULT.withKind("x", ColumnKind.CATEGORICAL))
                        .table(),
                "has more than 1000 different values, too many for a column that is categorical (withKind)");
    }

    @Test
    void manyNumbersKeepAllDigits() {
        List<String> stamps = IntStream.range(0, 2000)
                .mapToObj(i -> (1_700_000_000L + i) + "")
                .toList();
        Dataset data = read(column(stamps));
        Dataset standardized = data.standardized(Standardization.perFeature(data));
        assertEquals(
                standardized.row(1500)[0] - standardized.row(1499)[0],
                standardized.row(1)[0] - standardized.row(0)[0],
                1e-6);
        assertEquals(1_700_000_999.5, data.mean()[0]);
        refused(
                () -> read(
                                column(Stream.concat(stamps.stream(), Stream.of("-3"))
                                        .toList()),
                                TableOptions.DEFAULT.withKind("x", ColumnKind.POISSON))
                        .table(),
                "line 2002, column 1 ('x'): is -3; a poisson column");
    }

    @Test
    void numbersInAnotherNotationAreNoWords() {
        refused(
                () -> read(column(List.of("\"1,5\"", "\"2,5\"", "\"3\""))).table(),
                "line 2, column 1 ('x'): is '1,5'; CsvOptions.Decimal.COMMA reads decimal commas (1.5)");
        ReadOptions comma = ReadOptions.DEFAULT
                .withCsv(CsvOptions.DEFAULT.withDecimal(Decimal.COMMA).withDelimiter(Delimiter.SEMICOLON))
                .withTable(TableOptions.DEFAULT);
        Dataset data = read("t.csv", "x;y\n1,5;0,5\n2,5;1,5\n3;1,5\n", comma, Progress.NONE);
        assertEquals(
                List.of("0.5", "1.5"),
                data.table().orElseThrow().columns().get(1).words());
        assertArrayEquals(new float[] {1.5f, 0, 2.5f, 1, 3, 1}, data.values());
    }

    @Test
    void columnsWithoutValuesAndTablesWithoutVariationAreRefused() {
        refused(
                () -> read("a,b\n1,NA\n2,\n").table(),
                "t.csv: column 2 ('b'): has no value in any row; leave the column out (withIgnoredColumns(2))");
        refused(() -> read("a,b\n1,x\n1,x\n").table(), "t.csv: every column has one value only");
    }

    @Test
    void textsThatAreNoWordsAreRefused() {
        refused(
                () -> read("a,b\n1," + "x".repeat(201) + "\n"),
                "line 2, column 2 ('b'): is a text of 201 characters; a category has at most 200");
        refused(() -> read("a,b\n1,x\u0007\n"), "line 2, column 2 ('b'): holds the control character U+0007");
    }

    @Test
    void theSummarySaysKindsAndReasons() {
        TableSummary summary = read("a,b,c,d,e\n1,x,1.5,k,NA\n2,y,-7,k,3.5\n3,x,4,k,\n")
                .summary()
                .orElseThrow();
        assertEquals(3, summary.rows());
        assertEquals(
                List.of(
                        "a categorical: whole numbers, 3: 1, 2, 3, 0",
                        "b bernoulli: two values, 2: x, y, 0",
                        "c gaussian: numbers, -7 to 4, 0",
                        "d constant: one value: kept, not modelled, k, 0",
                        "e constant: one value: kept, not modelled, 3.5, 2"),
                summary.columns().stream()
                        .map(column -> column.name() + " "
                                + column.kind().map(ColumnKind::label).orElse("constant") + ": " + column.reason()
                                + ", "
                                + column.values() + ", " + column.gaps())
                        .toList());
        assertEquals(
                "'x' is no number, unlike 2 of the values",
                first(read("a,b\n1,0\nx,1\n2,0\n")).reason());
    }
}
