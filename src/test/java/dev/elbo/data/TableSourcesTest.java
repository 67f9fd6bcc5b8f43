package dev.elbo.data;

import static dev.elbo.data.TextTable.read;
import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One table of rows from several sources. */
class TableSourcesTest {
    private static final float NAN = Float.NaN;

    @TempDir
    private Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static Split open(List<String> files, TableOptions options, Progress progress) {
        return Datasets.standard().open(files, ReadOptions.DEFAULT.withTable(options), progress);
    }

    private static List<String> words(Dataset data, int column) {
        return data.table().orElseThrow().columns().get(column).words();
    }

    @Test
    void categoriesAndKindsAreThoseOfAllSources() throws IOException {
        String one = file("one.csv", "color,flag,n\nred,0,1\nblue,1,2.5\n");
        String two = file("two.csv", "n,color,flag\n3,green,2\n7,,1\n");
        Notes notes = new Notes();
        Dataset data = open(List.of(one, two), TableOptions.DEFAULT, notes).train();
        assertEquals(List.of("blue", "green", "red"), words(data, 0));
        assertEquals(List.of("0", "1", "2"), words(data, 1));
        assertEquals(
                List.of("color=blue", "color=green", "color=red", "flag=0", "flag=1", "flag=2", "n"),
                data.columns().orElseThrow());
        assertArrayEquals(
                new float[] {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 2.5f, 0, 1, 0, 0, 0, 1, 3, NAN, NAN, NAN, 0, 1, 0, 7
                },
                data.values());
        assertEquals(4, data.summary().orElseThrow().rows());
        assertEquals(List.of("note: " + two + ": 1 value is missing, in 1 of 3 columns: empty 1×"), notes.lines);
    }

    @Test
    void columnsThatASourceLacksOrHasMoreAreTold() throws IOException {
        String one = file("one.csv", "a,b\n1,x\n2,y\n");
        String more = file("more.csv", "c,b,a\n1,x,3\n2,z,1\n");
        Notes notes = new Notes();
        Dataset data = open(List.of(one, more), TableOptions.DEFAULT, notes).train();
        assertEquals(List.of("note: " + more + ": not used: 'c'"), notes.lines);
        assertEquals(4, data.size());
        String less = file("less.csv", "b,c\nx,3\n");
        refused(() -> open(List.of(one, less), TableOptions.DEFAULT, Progress.NONE), less, "has no column 'a'");
        String bare = file("bare.csv", "1,x\n3,z\n");
        assertEquals(
                List.of("x", "y", "z"),
                words(
                        open(List.of(one, bare), TableOptions.DEFAULT, Progress.NONE)
                                .train(),
                        1));
        String wide = file("wide.csv", "1,2,3\n3,x,1\n");
        refused(
                () -> open(List.of(one, wide), TableOptions.DEFAULT, Progress.NONE)
                        .train()
                        .table(),
                wide + ": has 3 columns, the table has 2: 'a', 'b'");
    }

    @Test
    void wordsOfOneSourceAndNumbersOfAnotherAreWords() {
        Dataset numbers = read("a,b\n1,0\n2.5,1\n3.5,0\n");
        assertEquals(
                Optional.of(ColumnKind.GAUSSIAN),
                numbers.table().orElseThrow().columns().get(0).kind());
        Split both = Split.of(numbers, read("a,b\nx,0\n"));
        assertEquals(List.of("1", "2.5", "3.5", "x"), words(both.train(), 0));
        StringBuilder many = new StringBuilder("a,b\n");
        for (int i = 0; i < 1100; i++) {
            many.append(i).append(",").append(i % 2).append("\n");
        }
        Split toMany = Split.of(read(many.toString()), read("a,b\nx,0\n"));
        refused(() -> toMany.train().table(), "line 2, column 1 ('a'): is 'x', a word in a column of more than 1000");
    }

    @Test
    void testAndValidationDataReadApartShareTheTable() {
        Split train = Split.of(read("a,b\nred,1\nblue,2\nred,3\nblue,4\n"));
        assertEquals(List.of("blue", "red"), words(train.train(), 0));
        assertEquals(1 + 4, train.train().features());
        // of one row alone no table can be made
        Dataset one = read("a,b\ngreen,2.5\n");
        refused(one::table, "t.csv: every column has one value only");
        Split tested = train.withTestSet(one);
        assertEquals(List.of("blue", "green", "red"), words(tested.train(), 0));
        assertEquals(tested.train().table(), tested.test().orElseThrow().table());
        assertArrayEquals(
                new float[] {0, 1, 0, 2.5f}, tested.test().orElseThrow().values());
        Split validated = tested.withValidationSet(read("b,a\n9,black\n"));
        assertEquals(List.of("black", "blue", "green", "red"), words(validated.train(), 0));
        assertArrayEquals(
                new float[] {1, 0, 0, 0, 9},
                validated.validation().orElseThrow().values());
        assertArrayEquals(
                new float[] {0, 0, 1, 0, 2.5f}, validated.test().orElseThrow().values());
        assertEquals(3, validated.train().size());
        assertSame(
                validated.train().sources().orElseThrow(),
                validated.withValidationSet(0.5).train().sources().orElseThrow());
    }

    @Test
    void heldOutRowsCountForTheTable() {
        StringBuilder text = new StringBuilder("a,b\n");
        for (int i = 0; i < 20; i++) {
            text.append("w").append(i).append(",").append(i % 3).append("\n");
        }
        Split split = Split.of(read(text.toString()));
        assertEquals(23, split.train().features());
        assertEquals(23, split.test().orElseThrow().features());
        assertEquals(20, split.withoutTestSet().train().size());
        assertEquals(23, split.withoutTestSet().train().features());
    }

    @Test
    void tablesThatDifferInColumnsAreRefused() {
        Split split = Split.of(read("a,b\nred,1\nblue,2\n"));
        refused(() -> split.withTestSet(read("a,c\nred,1\nblue,2\n")).train().table(), "has no column 'b'");
        refused(
                () -> split.withTestSet(read("a,b,c\nred,1,2\nblue,2,3\n"))
                        .train()
                        .table(),
                "has the column 'c'");
        refused(() -> split.withTestSet(Dataset.of("d", new float[] {1, 2, 3}, 3)), "d: is not a table, unlike t.csv");
        Dataset standardized = split.train().standardized(Standardization.perFeature(split.train()));
        refused(
                () -> Split.of(standardized, read("a,b\ngreen,1\n"))
                        .test()
                        .orElseThrow()
                        .values(),
                "'green'");
    }

    @Test
    void aTableThatIsGivenStays() {
        Table table = Table.builder()
                .categorical("a", "red", "blue", "green")
                .poisson("b")
                .build();
        Dataset given = Dataset.of("d", table, new float[] {1, 0, 0, 5});
        Split split = Split.of(given, read("b,a\n2,blue\n3,\n"));
        assertArrayEquals(
                new float[] {0, 1, 0, 2, NAN, NAN, NAN, 3},
                split.test().orElseThrow().values());
        refused(
                () -> Split.of(given, read("b,a\n2,black\n3,red\n"))
                        .test()
                        .orElseThrow()
                        .values(),
                "line 2",
                "'black'");
        refused(
                () -> Split.of(given, read("b,a\n2.5,blue\n3,red\n"))
                        .test()
                        .orElseThrow()
                        .values(),
                "line 2, column 1 ('b'): is 2.5; a poisson column");
        Table other = Table.builder()
                .categorical("a", "blue", "green", "red")
                .poisson("b")
                .build();
        refused(
                () -> Split.of(given, Dataset.of("o", other, new float[] {1, 0, 0, 5})),
                "d: has another table than the data beside it");
        assertEquals(Optional.empty(), given.summary());
    }

    @Test
    void readingWithFilesAndHoldingOutIsOneCall() throws IOException {
        String path = file("t.csv", "a,b,kind\n1,x,u\n2,y,v\n3,NA,u\n4.5,x,v\n");
        ReadOptions options = ReadOptions.DEFAULT
                .withCsv(CsvOptions.DEFAULT.withLabelColumn("kind"))
                .withTable(TableOptions.DEFAULT);
        Split split = Split.read(Path.of(path), options);
        assertEquals(3, split.train().size());
        assertEquals(List.of("u", "v"), split.test().orElseThrow().labelNames().orElseThrow());
        assertEquals(
                List.of("a", "b"),
                split.train().table().orElseThrow().columns().stream()
                        .map(TableColumn::name)
                        .toList());
        assertTrue(split.train().summary().isPresent());
        String bad = file("bad.csv", "a,b\n1,\n2,NA\n");
        refused(() -> Split.read(Path.of(bad), ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT)), "column 2 ('b')");
    }

    @Test
    void picturesAreNoTables() throws IOException {
        ReadOptions options = ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT);
        fails(
                ElboException.Kind.USAGE,
                () -> Datasets.standard().open(List.of("digits"), options, Progress.NONE),
                "digits: holds pictures; withTable reads tables");
        fails(
                ElboException.Kind.USAGE,
                () -> Datasets.standard().open(List.of(folder.toString()), options, Progress.NONE),
                "holds pictures");
        String path = file("t.csv", "a,b\n1,2\n");
        fails(
                ElboException.Kind.USAGE,
                () -> Split.read(
                        Path.of(path), options.withPictures(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, 255))),
                "pixelMax");
    }
}
