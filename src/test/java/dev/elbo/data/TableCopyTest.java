package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.error.ElboException;
import dev.elbo.model.Table;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in a file of a table stays as it is in its copy, to the byte; gaps are filled in its notation. */
class TableCopyTest {
    private static final Table TABLE = Table.builder()
            .gaussian("size")
            .categorical("colour", "red", "dark, blue", "so \"green\"", "1;2|3\t4", "two\nlines", "#5")
            .constant("unit", "kg")
            .bernoulli("half", "0.5", "1.5")
            .poisson("visits")
            .build();

    private static final TableCopy.Gaps NONE = (row, column) -> Double.NaN;

    @TempDir
    private Path folder;

    private static ReadOptions options(CsvOptions csv) {
        return ReadOptions.DEFAULT.withCsv(csv).withTable(TableOptions.DEFAULT.withTable(TABLE));
    }

    private static Dataset read(Path file, ReadOptions options) {
        return Datasets.standard()
                .open(List.of(file.toString()), options, Progress.NONE)
                .train();
    }

    private static byte[] copy(TableCopy copy, int rows, TableCopy.Gaps gaps, TableCopy.Beside... beside)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy.write(Channels.newChannel(out), false, rows, gaps, List.of(beside), true);
        return out.toByteArray();
    }

    private String copied(String text, CsvOptions csv, int rows, TableCopy.Gaps gaps, TableCopy.Beside... beside)
            throws IOException {
        Path file = Files.writeString(folder.resolve("table.csv"), text);
        return new String(copy(TableCopy.of(file, options(csv)), rows, gaps, beside), StandardCharsets.UTF_8);
    }

    /** A text in a random form, in pieces: those at odd places are gaps. */
    private static final class Form {
        private static final List<String> NAMES = List.of("half", "note", "size", "unit", "visits", "colour");
        private final Random random;
        private final Delimiter delimiter;
        private final Decimal decimal;
        private final Optional<Character> comment;
        private final String end;
        private final List<StringBuilder> pieces = new ArrayList<>(List.of(new StringBuilder()));
        final int rows;

        Form(Random random) {
            this.random = random;
            delimiter = Delimiter.values()[1 + random.nextInt(5)];
            decimal = delimiter == Delimiter.COMMA ? Decimal.POINT : Decimal.values()[random.nextInt(2)];
            comment = random.nextBoolean() ? Optional.of('!') : Optional.empty();
            end = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
            rows = 2 + random.nextInt(6);
            between();
            line(NAMES);
            for (int row = 0; row < rows; row++) {
                piece().append(end);
                between();
                line(List.of(
                        random.nextBoolean() ? number("0.5") : number("1.50"),
                        random.nextBoolean() && !blanks() ? "" : "anything",
                        number(random.nextInt(100) + "." + random.nextInt(10)),
                        random.nextInt(4) == 0 ? gap() : "kg",
                        Integer.toString(random.nextInt(5)),
                        TABLE.columns().get(1).words().get(random.nextInt(6))));
            }
            piece().append(random.nextBoolean() ? end : "");
        }

        CsvOptions options() {
            CsvOptions plain = CsvOptions.DEFAULT
                    .withDelimiter(delimiter)
                    .withDecimal(decimal)
                    .withIgnoredColumns("note");
            return comment.map(plain::withComment).orElse(plain);
        }

        String text() {
            return String.join("", pieces);
        }

        private boolean blanks() {
            return delimiter == Delimiter.SPACE;
        }

        private StringBuilder piece() {
            return pieces.get(pieces.size() - 1);
        }

        private String number(String plain) {
            return plain.replace('.', decimal == Decimal.COMMA ? ',' : '.');
        }

        /** Comments and blank lines. */
        private void between() {
            while (random.nextInt(3) == 0) {
                piece().append(comment.isPresent() && random.nextBoolean() ? " ! \"a, b" : "")
                        .append(end);
            }
        }

        private String gap() {
            List<String> all =
                    blanks() ? List.of("NA", "?", "\"\"", "\"nan\"") : List.of("", "NA", " ? ", "\"\"", "\"NA\"");
            return "GAP" + all.get(random.nextInt(all.size()));
        }

        private void line(List<String> fields) {
            piece().append(blanks() && random.nextBoolean() ? "\t " : "");
            for (int i = 0; i < fields.size(); i++) {
                String run = random.nextBoolean() ? "  " : "\t";
                piece().append(i == 0 ? "" : blanks() ? run : Character.toString(delimiter.character));
                boolean gap = fields != NAMES && i != 1 && random.nextInt(3) == 0;
                String field = gap ? gap() : fields.get(i);
                if (field.startsWith("GAP")) {
                    pieces.add(new StringBuilder(field.substring(3)));
                    pieces.add(new StringBuilder());
                } else {
                    boolean quoted = random.nextInt(5) == 0
                            || Pattern.compile("[;,|\"\\s!#]").matcher(field).find();
                    piece().append(quoted ? '"' + field.replace("\"", "\"\"") + '"' : field);
                }
            }
            piece().append(blanks() && random.nextBoolean() ? " " : "");
        }

        /** The text with anything in place of each gap. */
        Pattern pattern() {
            return Pattern.compile(
                    IntStream.range(0, pieces.size())
                            .mapToObj(i ->
                                    i % 2 == 0 ? Pattern.quote(pieces.get(i).toString()) : ".+?")
                            .collect(Collectors.joining()),
                    Pattern.DOTALL);
        }
    }

    private record Encoding(Charset charset, String mark) {}

    private static final List<Encoding> ENCODINGS = List.of(
            new Encoding(StandardCharsets.UTF_8, ""),
            new Encoding(StandardCharsets.UTF_8, "\ufeff"),
            new Encoding(StandardCharsets.UTF_16LE, "\ufeff"),
            new Encoding(StandardCharsets.UTF_16BE, "\ufeff"));

    /** Of a row and column something that depends on both, and is of the column's kind. */
    private static double filling(int row, int column) {
        return switch (column) {
            case 0 -> List.of(-0.375, 1.25e-7, 123456.0).get(row % 3);
            case 1 -> row % 6;
            case 3 -> row % 2;
            default -> 7 + row;
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void textStaysAndGapsAreFilled(int seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            Form form = new Form(random);
            Encoding encoding = ENCODINGS.get(random.nextInt(4));
            ReadOptions options = options(form.options());
            byte[] bytes = (encoding.mark + form.text()).getBytes(encoding.charset);
            Path file = Files.write(folder.resolve("a.csv"), bytes);
            Dataset given = read(file, options);
            TableCopy copy = TableCopy.of(file, options);
            assertTrue(copy.isText());
            float[] values = given.values();
            int[] places = {0, 1, -1, 7, 8};
            TableCopy.Gaps gaps =
                    (row, column) -> Float.isNaN(values[9 * row + places[column]]) ? filling(row, column) : Double.NaN;
            byte[] filled = copy(copy, form.rows, gaps);
            String text = new String(filled, encoding.charset);
            assertTrue(text.startsWith(encoding.mark));
            String bare = text.substring(encoding.mark.length());
            assertTrue(form.pattern().matcher(bare).matches(), form.text() + "\n->\n" + bare);
            Files.write(folder.resolve("b.csv"), filled);
            float[] again = read(folder.resolve("b.csv"), options).values();
            for (int at = 0; at < values.length; at++) {
                int place = at % 9;
                int column = place == 0 ? 0 : place < 7 ? 1 : place == 7 ? 3 : 4;
                double filling = filling(at / 9, column);
                double expected = column == 1 ? filling == place - 1 ? 1 : 0 : filling;
                assertEquals(Float.isNaN(values[at]) ? (float) expected : values[at], again[at], form.text() + bare);
            }
            // nothing is missing any more, constants neither
            assertArrayEquals(filled, copy(TableCopy.of(folder.resolve("b.csv"), options), form.rows, NONE));
        }
    }

    @Test
    void firstRowsAndFurtherColumns() throws IOException {
        String text = "size;unit;colour;half;visits;note\r\n1,5;kg;red;0,5;3;\r\n\r\n;;\"red\";;;x\r\n2;kg;;1,5;0;";
        CsvOptions csv = CsvOptions.DEFAULT.withDecimal(Decimal.COMMA).withIgnoredColumns("note");
        TableCopy.Beside[] beside = {
            new TableCopy.Beside("size (sd)", 0, (row, column) -> row == 1 ? 0.25 : Double.NaN),
            new TableCopy.Beside("a;b", 4, (row, column) -> row)
        };
        TableCopy.Gaps gaps =
                (row, column) -> row == 1 && column != 1 || column == 1 && row == 2 ? filling(row, column) : Double.NaN;
        assertEquals(
                "size;unit;colour;half;visits;note;size (sd);\"a;b\"\r\n1,5;kg;red;0,5;3;;;0\r\n\r\n"
                        + "1,25e-7;kg;\"red\";1,5;8;x;0,25;1\r\n2;kg;\"so \"\"green\"\"\";1,5;0;;;2",
                copied(text, csv, 3, gaps, beside));
        assertEquals(
                "size;unit;colour;half;visits;note\r\n1,5;kg;red;0,5;3;\r\n\r\n1,25e-7;kg;\"red\";1,5;8;x\r\n",
                copied(text, csv, 2, gaps));
        assertEquals("size;unit;colour;half;visits;note\r\n", copied(text, csv, 0, NONE));
        TableCopy.Beside there = new TableCopy.Beside("note", 0, NONE);
        ElboException e = assertThrows(ElboException.class, () -> copied(text, csv, 3, gaps, there));
        assertTrue(e.getMessage().contains("has a column 'note' already"), e.getMessage());
    }

    /** Columns are found as the reader finds them: by name in any order, or by their place where there are no names. */
    @Test
    void textsWithoutNames() throws IOException {
        String text = "1,red,kg,0.5,3\n,\"dark, blue\",kg,NA,1\n";
        CsvOptions csv = CsvOptions.DEFAULT.withHeader(CsvOptions.Header.NO);
        TableCopy.Gaps gaps =
                (row, column) -> row == 1 && (column == 0 || column == 3) ? filling(row, column) : Double.NaN;
        assertEquals("1,red,kg,0.5,3\n1.25e-7,\"dark, blue\",kg,1.5,1\n", copied(text, csv, 2, gaps));
        assertEquals(
                "1,red,kg,0.5,3,\n1.25e-7,\"dark, blue\",kg,1.5,1,2\n",
                copied(text, csv, 2, gaps, new TableCopy.Beside("-", 0, (row, c) -> row == 1 ? 2 : Double.NaN)));
    }

    @Test
    void packedTexts() throws IOException {
        String text = "size,unit,colour,half,visits\n,kg,red,0.5,3\n2,kg,red,0.5,3\n";
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        Path file = Files.write(folder.resolve("table.csv.gz"), packed.toByteArray());
        TableCopy copy = TableCopy.of(file, options(CsvOptions.DEFAULT));
        TableCopy.Gaps gaps = (row, column) -> row == 0 && column == 0 ? 4 : Double.NaN;
        String expected = "size,unit,colour,half,visits\n4,kg,red,0.5,3\n2,kg,red,0.5,3\n";
        assertEquals(expected, new String(copy(copy, 2, gaps), StandardCharsets.UTF_8));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] filled = copy.write(Channels.newChannel(out), true, 1, gaps, List.of(), true);
        assertArrayEquals(new int[] {1, 0, 0, 0, 0}, filled);
        byte[] plain = new GZIPInputStream(new ByteArrayInputStream(out.toByteArray())).readAllBytes();
        assertEquals(expected.substring(0, expected.indexOf("\n2") + 1), new String(plain, StandardCharsets.UTF_8));
    }

    /** What is filled must be missing, unless words that the table does not know may be. */
    @Test
    void aFileThatChangedIsRefused() throws IOException {
        String text = "size,unit,colour,half,visits\n1,kg,pink,0.5,3\n";
        Path file = Files.writeString(folder.resolve("table.csv"), text);
        TableCopy.Gaps gaps = (row, column) -> column == 1 ? 0 : Double.NaN;
        ReadOptions strict = options(CsvOptions.DEFAULT);
        assertThrows(ElboException.class, () -> copy(TableCopy.of(file, strict), 1, gaps));
        assertThrows(ElboException.class, () -> copy(TableCopy.of(file, strict), 2, NONE));
        TableOptions unknown = TableOptions.DEFAULT.withTable(TABLE).withUnknownMissing(true);
        byte[] copy = copy(TableCopy.of(file, strict.withTable(unknown)), 1, gaps);
        assertEquals(text.replace("pink", "red"), new String(copy, StandardCharsets.UTF_8));
        Files.writeString(file, "");
        assertEquals(
                ElboException.Kind.DATA,
                assertThrows(ElboException.class, () -> copy(TableCopy.of(file, strict), 1, NONE))
                        .kind());
    }

    @Test
    void moreTextsOfGaps() throws IOException {
        String text = "size,unit,colour,half,visits\n-99,-99,none,0.5,-99.0\n";
        Path file = Files.writeString(folder.resolve("table.csv"), text);
        ReadOptions options = ReadOptions.DEFAULT.withTable(
                TableOptions.DEFAULT.withTable(TABLE).withMissing("-99", "none"));
        assertTrue(Float.isNaN(read(file, options).values()[0]));
        TableCopy.Gaps gaps = (row, column) -> column == 3 ? Double.NaN : filling(row, column);
        assertEquals(
                "size,unit,colour,half,visits\n-0.375,kg,red,0.5,7\n",
                new String(copy(TableCopy.of(file, options), 1, gaps), StandardCharsets.UTF_8));
    }

    @Test
    void optionsWithoutATable() throws IOException {
        Path file = Files.writeString(folder.resolve("table.csv"), "a\n1\n");
        assertThrows(IllegalArgumentException.class, () -> TableCopy.of(file, ReadOptions.DEFAULT));
    }
}
