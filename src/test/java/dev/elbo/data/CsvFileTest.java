package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Header;
import dev.elbo.error.ElboException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFileTest {
    @TempDir
    private Path folder;

    /** Options from words: {@code header=no columns=a,2-3 label=c …}. */
    private static CsvOptions options(String words) {
        CsvOptions made = CsvOptions.DEFAULT;
        for (String word : words.isEmpty() ? new String[0] : words.split(" ")) {
            String value = word.substring(word.indexOf('=') + 1);
            String[] list = value.split(",");
            made = switch (word.substring(0, word.indexOf('='))) {
                case "header" -> made.withHeader(Header.valueOf(value));
                case "delimiter" -> made.withDelimiter(Delimiter.valueOf(value));
                case "decimal" -> made.withDecimal(Decimal.valueOf(value));
                case "columns" -> made.withColumns(list);
                case "ignored" -> made.withIgnoredColumns(list);
                case "label" -> made.withLabelColumn(value);
                case "names" -> made.withNames(List.of(list));
                default -> throw new IllegalArgumentException(word);
            };
        }
        return made;
    }

    private static Dataset read(String text, String options) {
        return read(text.getBytes(StandardCharsets.UTF_8), options);
    }

    private static Dataset read(byte[] bytes, String options) {
        return CsvFile.read(
                "f.csv", new ByteArrayInputStream(bytes), ReadOptions.DEFAULT.withCsv(options(options)), Progress.NONE);
    }

    private static String rows(Dataset data) {
        return Stream.iterate(0, i -> i < data.size(), i -> i + 1)
                .map(i -> Arrays.toString(data.row(i)))
                .collect(Collectors.joining());
    }

    static Stream<Arguments> readable() {
        return Stream.of(
                Arguments.of("1,2\n3,4\n", "", "[1.0, 2.0][3.0, 4.0]", null),
                Arguments.of("1,2\n3,4", "", "[1.0, 2.0][3.0, 4.0]", null),
                Arguments.of("a,b\n1,2\n", "", "[1.0, 2.0]", "a b"),
                Arguments.of("a,b\r\n1,2\r\n", "", "[1.0, 2.0]", "a b"),
                Arguments.of("a,b\r1,2\r", "", "[1.0, 2.0]", "a b"),
                Arguments.of("a;b\n1,5;-2,25e1\n", "decimal=COMMA", "[1.5, -22.5]", "a b"),
                Arguments.of("1,5\n2,5\n", "decimal=COMMA", "[1.5][2.5]", null),
                Arguments.of("a\tb\n1\t2\n", "", "[1.0, 2.0]", "a b"),
                Arguments.of("a;b\n1.5;2\n", "", "[1.5, 2.0]", "a b"),
                Arguments.of(" 1 , +2.50 \n.5,3.\n", "", "[1.0, 2.5][0.5, 3.0]", null),
                Arguments.of("\"a\"\"x\",\"b\nc\"\n\"1\",\"2\"\n", "", "[1.0, 2.0]", "a\"x b\nc"),
                Arguments.of("\n\na,b\n\n1,2\n\n\n", "", "[1.0, 2.0]", "a b"),
                Arguments.of("5\n6\n\n", "", "[5.0][6.0]", null),
                Arguments.of("1,2\n3,4\n", "header=YES", "[3.0, 4.0]", "1 2"),
                Arguments.of("2019,b\n3,4\n", "header=YES", "[3.0, 4.0]", "2019 b"),
                Arguments.of("a,b,c\n1,x,3\n", "columns=c,a", "[3.0, 1.0]", "c a"),
                Arguments.of("a,b,c\n1,x,3\n", "columns=3,1", "[3.0, 1.0]", "c a"),
                Arguments.of("1,2,3,4\n", "columns=2-4", "[2.0, 3.0, 4.0]", null),
                Arguments.of("a,b,c\n1,x,3\n", "ignored=b", "[1.0, 3.0]", "a c"),
                Arguments.of("1,x,3\n4,,6\n", "ignored=2", "[1.0, 3.0][4.0, 6.0]", null),
                Arguments.of("a,b,b\n1,2,3\n", "ignored=3", "[1.0, 2.0]", "a b"),
                Arguments.of("c,b,a\n1,x,3\n", "names=a,c", "[3.0, 1.0]", "a c"),
                Arguments.of("1,2\n", "names=a,c", "[1.0, 2.0]", null),
                Arguments.of("n,b,a\n1,2,3\n", "names=a,c columns=a,b", "[3.0, 2.0]", "a b"),
                Arguments.of("1e3,1E-2,-0\n", "", "[1000.0, 0.01, -0.0]", null));
    }

    @ParameterizedTest
    @MethodSource("readable")
    void isRead(String text, String options, String rows, String columns) {
        Dataset data = read(text, options);
        assertEquals(rows, rows(data));
        assertEquals(Optional.ofNullable(columns), data.columns().map(names -> String.join(" ", names)));
    }

    static Stream<Arguments> refusable() {
        String text = "a,b\n1,2\n3,4\n";
        return Stream.of(
                Arguments.of("a,b\n1,2\n3\n", "", "line 3 has 1 field, line 1 has 2"),
                Arguments.of("a,b\n1,2,3\n", "", "line 2 has 3 fields, line 1 has 2"),
                Arguments.of("a,b\n\n1,\"x\n2\"\n", "", "line 3, column 2 ('b'): is 'x?2', not a number"),
                Arguments.of("a,b\n1,\"2\n\"\n3\n", "ignored=2", "line 4 has 1 field"),
                Arguments.of("a,b\n1,\n", "", "line 2, column 2 ('b'): is empty; fill it in"),
                Arguments.of("1,2\n , \n", "", "line 2, column 1: is empty"),
                Arguments.of("5\n\n6\n", "", "line 2 is empty"),
                Arguments.of("a,b\n1,NaN\n", "", "line 2, column 2 ('b'): is 'NaN', not a finite number"),
                Arguments.of("a,b\n-inf,1\n", "", "line 2, column 1 ('a'): is '-inf', not a finite number"),
                Arguments.of("a,b\n1,x\n", "", "line 2, column 2 ('b'): is 'x', not a number; withIgnoredColumns(2)"),
                Arguments.of("a,b\n1,0x10\n", "", "is '0x10', not a number"),
                Arguments.of("a,b\n1,1f\n", "", "is '1f', not a number"),
                Arguments.of("a,b\n1,1e\n", "", "is '1e', not a number"),
                Arguments.of("a,b\n1,1 2\n", "", "is '1 2', not a number"),
                Arguments.of("a,b\n1,-\n", "", "is '-', not a finite number"),
                Arguments.of("a;b\n1,5;2\n", "", "CsvOptions.Decimal.COMMA reads decimal commas"),
                Arguments.of("1,x\n2,3\n", "", "CsvOptions.Header.YES takes the first line for names"),
                Arguments.of("a,b\n", "", "has no rows of numbers below its header"),
                Arguments.of("", "", "has no rows of numbers"),
                Arguments.of("\n\n", "", "has no rows of numbers"),
                Arguments.of("a,a\n1,2\n", "", "line 1: columns 1 and 2 are both called 'a'"),
                Arguments.of("a,a\n1,2\n", "columns=a", "columns 1 and 2 are both called 'a'"),
                Arguments.of(",a\n1,2\n", "", "line 1, column 1: has no name"),
                Arguments.of(text, "columns=c", "has no column 'c' (withColumns); it has 'a', 'b'"),
                Arguments.of(text, "columns=1-3", "has no column 3 (withColumns(1-3)); it has 2"),
                Arguments.of(text, "columns=1,a", "column 1 ('a') is chosen twice"),
                Arguments.of(text, "columns=a,b label=b", "is both the label and an input"),
                Arguments.of(text, "ignored=1-2", "none of its 2 columns is left"),
                Arguments.of(text, "label=x", "has no column 'x' (withLabelColumn)"),
                Arguments.of(text, "names=b,y,z", "has no column 'y', 'z', which the model takes; it has 'a', 'b'"),
                Arguments.of("l,b\n,2\n", "label=l", "line 2, column 1 ('l'): the label is empty"),
                Arguments.of("a,b\n1,\"2\n", "", "line 2 is not CSV: Unclosed quoted field"),
                Arguments.of("a,b\n1,\"2\"x\n", "", "line 2 is not CSV: Unexpected character after closing quote"),
                Arguments.of("a\u0000b\n", "", "line 1, column 1: holds the control character U+0000"));
    }

    @ParameterizedTest
    @MethodSource("refusable")
    void isRefusedByLineAndColumn(String text, String options, String said) {
        ElboException e = assertThrows(ElboException.class, () -> read(text, options));
        assertEquals(ElboException.Kind.DATA, e.kind());
        assertTrue(e.getMessage().startsWith("f.csv: "), e.getMessage());
        assertTrue(e.getMessage().contains(said), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"columns=0", "columns=3-2", "ignored=0", "label=1-2", "header=NO columns=a", "columns=,a"})
    void optionsThatNoFileCanFulfilAreRefused(String words) {
        assertThrows(IllegalArgumentException.class, () -> options(words));
    }

    @Test
    void decimalCommasAndCommasForDelimitersContradict() {
        assertThrows(IllegalArgumentException.class, () -> options("delimiter=COMMA decimal=COMMA"));
    }

    @ParameterizedTest
    @CsvSource({"UTF-8, efbbbf", "UTF-16LE, fffe", "UTF-16BE, feff"})
    void byteOrderMarksAreRead(String charset, String mark) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(java.util.HexFormat.of().parseHex(mark));
        bytes.write("größe,b\n1,2\n".getBytes(Charset.forName(charset)));
        assertEquals(
                List.of("größe", "b"), read(bytes.toByteArray(), "").columns().orElseThrow());
    }

    @Test
    void otherEncodingsAreRefused() {
        byte[] latin = "größe,b\n1,2\n".getBytes(StandardCharsets.ISO_8859_1);
        ElboException e = assertThrows(ElboException.class, () -> read(latin, ""));
        assertTrue(e.getMessage().contains("line 1, byte 0xF6 is not UTF-8; convert it"), e.getMessage());
    }

    @Test
    void wordsAreNumberedInSortedOrder() {
        Dataset words = read("x,kind\n1,rose\n2,Tulip\n3,rose\n4,ash\n", "label=kind");
        assertArrayEquals(new int[] {2, 0, 2, 1}, words.labels().orElseThrow());
        assertEquals(List.of("Tulip", "ash", "rose"), words.labelNames().orElseThrow());
        assertEquals(List.of("x"), words.columns().orElseThrow());
        Dataset numbers = read("7,1\n-3,2\n7,3\n", "label=1");
        assertArrayEquals(new int[] {7, -3, 7}, numbers.labels().orElseThrow());
        assertTrue(numbers.labelNames().isEmpty());
    }

    @Test
    void theFirstLineIsNoHeaderForAWordInTheLabelColumn() {
        Dataset iris = read("5.1,3.5,setosa\n4.9,3.0,virginica\n", "label=3");
        assertEquals("[5.1, 3.5][4.9, 3.0]", rows(iris));
    }

    @Test
    void severalFilesMakeOneDataSetByTheNamesOfTheFirst() throws IOException {
        Path one = Files.writeString(folder.resolve("one.csv"), "a,b,l\n1,2,x\n3,4,z\n");
        Path two = Files.writeString(folder.resolve("two.csv"), "l,b,a\ny,6,5\n");
        ReadOptions options = ReadOptions.DEFAULT.withCsv(options("label=l"));
        Dataset both = Datasets.standard()
                .open(List.of(one.toString(), two.toString()), options, Progress.NONE)
                .train();
        assertEquals("[1.0, 2.0][3.0, 4.0][5.0, 6.0]", rows(both));
        assertArrayEquals(new int[] {0, 2, 1}, both.labels().orElseThrow());
        assertEquals(List.of("x", "y", "z"), both.labelNames().orElseThrow());
        assertEquals(List.of("a", "b"), both.columns().orElseThrow());
        Path three = Files.writeString(folder.resolve("three.csv"), "l,b\n1,6\n");
        ElboException e = assertThrows(
                ElboException.class,
                () -> Datasets.standard().open(List.of(one.toString(), three.toString()), options, Progress.NONE));
        assertTrue(e.getMessage().contains("three.csv: has no column 'a'"), e.getMessage());
    }

    @Test
    void packedFilesAreReadToTheirEnd() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("a,b\n1,2\n".getBytes(StandardCharsets.US_ASCII));
        }
        Path good = Files.write(folder.resolve("good.csv.gz"), packed.toByteArray());
        assertEquals("[1.0, 2.0]", rows(CsvFile.read(good, ReadOptions.DEFAULT, Progress.NONE)));
        assertEquals(
                "[1.0, 2.0]",
                rows(Datasets.standard().open(good.toString(), Progress.NONE).train()));
        byte[] broken = packed.toByteArray();
        broken[broken.length - 6] ^= 1;
        Path bad = Files.write(folder.resolve("bad.csv.gz"), broken);
        assertThrows(ElboException.class, () -> CsvFile.read(bad, ReadOptions.DEFAULT, Progress.NONE));
    }

    /** Text without an end: reading must stop by itself, and early. */
    private static InputStream endless(String start, String again) {
        return new InputStream() {
            private final byte[] head = start.getBytes(StandardCharsets.US_ASCII);
            private final byte[] body = again.getBytes(StandardCharsets.US_ASCII);
            private long at;

            @Override
            public int read() {
                long place = at++;
                return place < head.length ? head[(int) place] : body[(int) ((place - head.length) % body.length)];
            }
        };
    }

    @ParameterizedTest
    @CsvSource({"9, line 1 holds a field of more than", "'9,', line 1 is longer than", "'\n', line 1 holds a field"})
    void endlessLinesAreRefused(String again, String said) {
        String quote = again.equals("\n") ? "\"" : "";
        for (String start : List.of(quote, "a,b\n" + quote)) {
            ElboException e = assertThrows(
                    ElboException.class,
                    () -> CsvFile.read("f.csv", endless(start, again), ReadOptions.DEFAULT, Progress.NONE));
            String expected = start.equals(quote) ? said : said.replace("line 1", "line 2");
            assertTrue(e.getMessage().contains(expected), e.getMessage());
        }
    }

    @Test
    void tooManyDifferentLabelsAreNoClasses() {
        StringBuilder text = new StringBuilder("x,id\n");
        for (int i = 0; i <= CsvLabels.MOST; i++) {
            text.append("1,").append(i).append('\n');
        }
        ElboException e = assertThrows(ElboException.class, () -> read(text.toString(), "label=id"));
        assertTrue(e.getMessage().contains("line 65538, column 2 ('id'): more than 65536"), e.getMessage());
    }

    @Test
    void thoseWhoDescribeDataSeeWhatIsMissing() {
        byte[] text = "a,b,c\n1,,NaN\n-inf,1e99,null\n".getBytes(StandardCharsets.US_ASCII);
        Dataset data = CsvFile.read(
                "f.csv", new ByteArrayInputStream(text), ReadOptions.DEFAULT.withAnyValue(true), Progress.NONE);
        assertEquals("[1.0, NaN, NaN, -Infinity, 1.0E99, NaN]", Arrays.toString(Exact.values(data)));
        byte[] words = "a,b\n1,x\n".getBytes(StandardCharsets.US_ASCII);
        assertThrows(
                ElboException.class,
                () -> CsvFile.read(
                        "f.csv",
                        new ByteArrayInputStream(words),
                        ReadOptions.DEFAULT.withAnyValue(true),
                        Progress.NONE));
    }

    @Test
    void randomEditsOnlyEverGiveTheTypedError() {
        byte[] good = "\ufeffa,\"b \"\"x\"\"\",kind\r\n1,2.5,x\r\n-3e2,\"4\",y\r\n\r\n.5,+6,x\r\n"
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(3);
        byte[] likely = "\n\r,;\t\"'0e.-+NaN\0\u00ff ".getBytes(StandardCharsets.ISO_8859_1);
        int accepted = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] edited = random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int edits = random.nextInt(4); edits > 0 && edited.length > 0; edits--) {
                edited[random.nextInt(edited.length)] =
                        random.nextBoolean() ? (byte) random.nextInt() : likely[random.nextInt(likely.length)];
            }
            try {
                Dataset data = read(edited, i % 2 == 0 ? "label=3" : "ignored=3");
                assertTrue(data.range().max() < Float.POSITIVE_INFINITY);
                accepted++;
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind());
            }
        }
        assertTrue(accepted > 100 && accepted < 4_900, accepted + " accepted");
    }

    /** What a model does not take is said, but for what somebody asked to leave out. */
    @Test
    void columnsThatAModelDoesNotTakeAreNamed() {
        byte[] text = "id,b,kind,a,more\n1,2,x,3,4\n".getBytes(StandardCharsets.US_ASCII);
        Notes notes = new Notes();
        CsvOptions ofModel = CsvOptions.DEFAULT.withNames(List.of("a", "b"));
        for (CsvOptions options : List.of(
                ofModel,
                ofModel.withIgnoredColumns("id").withLabelColumn("kind"),
                CsvOptions.DEFAULT.withColumns("a"))) {
            CsvFile.read("f.csv", new ByteArrayInputStream(text), ReadOptions.DEFAULT.withCsv(options), notes);
        }
        assertEquals(
                List.of("note: f.csv: not used: 'id', 'kind', 'more'", "note: f.csv: not used: 'more'"), notes.lines);
    }
}
