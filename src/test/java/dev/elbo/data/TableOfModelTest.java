package dev.elbo.data;

import static dev.elbo.data.TextTable.read;
import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.error.ElboException;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows read with the table of a model. */
class TableOfModelTest {
    private static final float NAN = Float.NaN;

    private static final Table TABLE = Table.builder()
            .gaussian("size")
            .constant("unit", "cm")
            .categorical("color", "red", "blue", "green")
            .bernoulli("flag", "0", "1")
            .poisson("seeds")
            .build();

    private static final TableOptions OPTIONS = TableOptions.DEFAULT.withTable(TABLE);

    @Test
    void columnsAreFoundByNameAndOthersAreNoted() {
        Notes notes = new Notes();
        Dataset data = read(
                "t.csv",
                "flag,more,color,seeds,unit,size\n1.0,7,blue,3,cm,1.5\n0,8,NA,,cm,?\n",
                ReadOptions.DEFAULT.withTable(OPTIONS),
                notes);
        assertEquals(Optional.of(TABLE), data.table());
        assertArrayEquals(new float[] {1.5f, 0, 1, 0, 1, 3, NAN, NAN, NAN, NAN, 0, NAN}, data.values());
        assertEquals(
                List.of(
                        "note: t.csv: 3 values are missing, in 3 of 5 columns: empty 1×, '?' 1×, 'NA' 1×",
                        "note: t.csv: not used: 'more'"),
                notes.lines);
    }

    @Test
    void oneRowIsEnoughAndConstantsMayBeAbsent() {
        assertArrayEquals(
                new float[] {2, 1, 0, 0, 0, 0},
                read("size,color,flag,seeds\n2,red,0,0\n", OPTIONS).values());
    }

    @Test
    void withoutNamesColumnsAreInTheOrderOfTheTable() {
        assertArrayEquals(
                new float[] {2, 1, 0, 0, 0, 0}, read("2,cm,red,0,0\n", OPTIONS).values());
        refused(
                () -> read("2,red,0,0\n", OPTIONS),
                "t.csv: has 4 columns, the table has 5: 'size', 'unit', 'color', 'flag', 'seeds'");
        Table unnamed = Table.builder().gaussian("x0").bernoulli("x1", "a", "b").build();
        assertArrayEquals(
                new float[] {2, 1},
                read("p,q\n2,b\n", TableOptions.DEFAULT.withTable(unnamed)).values());
        assertArrayEquals(
                new float[] {2, 1},
                read("x1,x0\nb,2\n", TableOptions.DEFAULT.withTable(unnamed)).values());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size,unit,color,flag;1,cm,red,0 | has no column 'seeds', which the model takes",
                "1.5,cm,black,1,0 | line 3, column 3 ('color'): is 'black', none of the categories that the table has: 'red'",
                "1.5,cm,Red,1,0 | line 3, column 3 ('color'): is 'Red', none of the categories",
                "1.5,cm,red,2,0 | line 3, column 4 ('flag'): is '2', none of the categories that the table has: '0', '1'",
                "1.5,mm,red,1,0 | line 3, column 2 ('unit'): is 'mm', but the table has only 'cm' in this column",
                "big,cm,red,1,0 | line 3, column 1 ('size'): is 'big', not a number, in a column that is gaussian",
                "inf,cm,red,1,0 | line 3, column 1 ('size'): is 'inf', not a finite number",
                "1.5,cm,red,1,-1 | line 3, column 5 ('seeds'): is -1; a poisson column holds counts",
                "1.5,cm,red,1,2.5 | line 3, column 5 ('seeds'): is 2.5; a poisson column holds counts"
            })
    void valuesThatTheTableDoesNotKnowAreRefused(String row, String message) {
        String text =
                row.startsWith("size") ? row.replace(';', '\n') : "size,unit,color,flag,seeds\n2.5,cm,blue,0,1\n" + row;
        refused(() -> read(text + "\n", OPTIONS), "t.csv: " + message);
    }

    @Test
    void unknownWordsAreMissingIfAskedFor() {
        Notes notes = new Notes();
        Dataset data = read(
                "t.csv",
                "size,unit,color,flag,seeds\n1,cm,black,2,0\n2,mm,pink,1,1\n3,cm,red,0,2\n",
                ReadOptions.DEFAULT.withTable(OPTIONS.withUnknownMissing(true)),
                notes);
        assertArrayEquals(
                new float[] {1, NAN, NAN, NAN, NAN, 0, 2, NAN, NAN, NAN, 1, 1, 3, 1, 0, 0, 0, 2}, data.values());
        assertEquals(
                List.of(
                        "note: t.csv: line 3, column 2 ('unit'): is 'mm', which the table does not have; taken as missing",
                        "note: t.csv: line 2, column 3 ('color'): is 'black', which the table does not have; taken as"
                                + " missing, as are 1 more values of the column",
                        "note: t.csv: line 2, column 4 ('flag'): is '2', which the table does not have; taken as missing"),
                notes.lines);
        refused(
                () -> read("size,color,flag,seeds\nx,red,1,1\n", OPTIONS.withUnknownMissing(true)),
                "is 'x', not a number");
    }

    /** More numbers than are categories, all of which but one the table knows. */
    @Test
    void manyNumbersAreLookedUp() {
        String[] words = new String[1000];
        StringBuilder text = new StringBuilder("n,b\n");
        for (int i = 0; i < 1000; i++) {
            words[i] = Integer.toString(i);
            text.append(i).append(",x\n");
        }
        Table table =
                Table.builder().categorical("n", words).bernoulli("b", "x", "y").build();
        TableOptions options = TableOptions.DEFAULT.withTable(table);
        StringBuilder again = new StringBuilder(text);
        for (int i = 0; i < 1000; i++) {
            again.append(i).append(".0,y\n");
        }
        Dataset data = read(again.toString(), options);
        assertEquals(1, data.row(1999)[999]);
        assertEquals(1, data.row(999)[999]);
        assertEquals(1, data.row(1005)[5]);
        refused(
                () -> read(text + "1000,x\n", options),
                "t.csv: column 1 ('n'): row 1000 (from 0): is '1000', none of the categories that the table has");
        Dataset missing = read(text + "1000,x\n", options.withUnknownMissing(true));
        assertEquals(NAN, missing.row(1000)[0]);
        assertEquals(1, missing.row(999)[999]);
    }

    @Test
    void namesOfTheModelAreNamesWhateverTheColumnsHold() {
        Table table = Table.builder()
                .bernoulli("a", "a", "b")
                .bernoulli("b", "a", "b")
                .build();
        assertArrayEquals(
                new float[] {0, 1, 1, 0},
                read("a,b\na,b\nb,a\n", TableOptions.DEFAULT.withTable(table)).values());
        refused(() -> read("a,b\na,b\nb,a\n"), "line 1 is taken for names");
    }

    @Test
    void kindsAreThoseOfTheModel() {
        read("2,cm,red,0,0\n", OPTIONS.withKind("size", ColumnKind.GAUSSIAN));
        fails(
                ElboException.Kind.USAGE,
                () -> read("2,cm,red,0,0\n", OPTIONS.withKind("size", ColumnKind.POISSON)),
                "withKind: the table that is given has no poisson column 'size'");
    }
}
