package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Header;
import dev.elbo.data.CsvOptions.Thousands;
import dev.elbo.error.ElboException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that are no plain CSV: blanks between the fields, comments, names behind a '#', separated thousands. */
class CsvFormsTest {
    @TempDir
    private Path folder;

    private static final CsvOptions PLAIN = CsvOptions.DEFAULT;
    private static final CsvOptions COMMENTS = PLAIN.withComment('#');
    private static final CsvOptions SPACE = PLAIN.withDelimiter(Delimiter.SPACE);
    private static final CsvOptions THOUSANDS = PLAIN.withThousands(Thousands.COMMA);

    private static Dataset read(String text, CsvOptions options) {
        return read(text.getBytes(StandardCharsets.UTF_8), options);
    }

    private static Dataset read(byte[] text, CsvOptions options) {
        return CsvFile.read(
                "f.txt", new ByteArrayInputStream(text), ReadOptions.DEFAULT.withCsv(options), Progress.NONE);
    }

    private static String rows(Dataset data) {
        return String.join(
                "",
                IntStream.range(0, data.size())
                        .mapToObj(i -> Arrays.toString(data.row(i)))
                        .toList());
    }

    static Stream<Arguments> readable() {
        CsvOptions ignored = PLAIN.withIgnoredColumns("1");
        return Stream.of(
                // blanks, pipes
                Arguments.of("6.3e-01 2.7e-01\n1.6e-01 8.1e-01\n", PLAIN, "[0.63, 0.27][0.16, 0.81]", null),
                Arguments.of("   1    2  \n  10   20\n", PLAIN, "[1.0, 2.0][10.0, 20.0]", null),
                Arguments.of("a b\n1 2\n", PLAIN, "[1.0, 2.0]", "a b"),
                Arguments.of("\"a b\" c\n1 2\n", PLAIN, "[1.0, 2.0]", "a b c"),
                Arguments.of("\"a\"\"  b\" \"c\nd\"\n \"1\" 2\n", PLAIN, "[1.0, 2.0]", "a\"  b c\nd"),
                Arguments.of("1 \t 2\n\t3\t4 \n\n \n5 6", SPACE, "[1.0, 2.0][3.0, 4.0][5.0, 6.0]", null),
                Arguments.of("1,5 2\n", PLAIN.withDecimal(Decimal.COMMA), "[1.5, 2.0]", null),
                Arguments.of("a|b\n1|2\n", PLAIN, "[1.0, 2.0]", "a b"),
                Arguments.of("1|2\n", PLAIN.withDelimiter(Delimiter.PIPE), "[1.0, 2.0]", null),
                Arguments.of("1, 2\n", PLAIN, "[1.0, 2.0]", null),
                Arguments.of("1 \t2\n", PLAIN, "[1.0, 2.0]", null),
                Arguments.of("new york,x\n1,2\n", PLAIN, "[1.0, 2.0]", "new york x"),
                Arguments.of("new york,1\n", ignored, "[1.0]", null),
                // one column
                Arguments.of("height (cm)\n1.5\n2", PLAIN, "[1.5][2.0]", "height (cm)"),
                Arguments.of("a|b\n1.5\n", PLAIN, "[1.5]", "a|b"),
                Arguments.of(" 1\n 2\n", PLAIN, "[1.0][2.0]", null),
                Arguments.of("# height\n1.5\n", PLAIN, "[1.5]", "height"),
                Arguments.of("# my height\n1.5\n", PLAIN, "[1.5]", "my height"),
                // row names as R writes them
                Arguments.of("\"a\" \"b\"\n\"1\" 2 3\n\"2\" 4 5\n", ignored, "[2.0, 3.0][4.0, 5.0]", "a b"),
                // names behind a '#'
                Arguments.of("# a,b\n1,2\n", PLAIN, "[1.0, 2.0]", "a b"),
                Arguments.of("\n #a;b\r\n1;2\r\n", PLAIN, "[1.0, 2.0]", "a b"),
                Arguments.of("#a b\n1 2\n3 4\n", PLAIN, "[1.0, 2.0][3.0, 4.0]", "a b"),
                Arguments.of("# a b\n 1  2\n", PLAIN, "[1.0, 2.0]", "a b"),
                Arguments.of("# a, b c\n1 2\n", PLAIN, "[1.0, 2.0]", "a b c"),
                Arguments.of("# 2019,2020\n1,2\n", PLAIN.withHeader(Header.YES), "[1.0, 2.0]", "2019 2020"),
                Arguments.of("# a,b\n1,x\n", PLAIN.withColumns("a"), "[1.0]", "a"),
                Arguments.of("#a,b\n1,2\n", PLAIN.withNames(List.of("b", "#a")), "[2.0, 1.0]", "b #a"),
                Arguments.of("#,a\n1,2\n", PLAIN, "[1.0, 2.0]", "# a"),
                Arguments.of("#\ta\tb\n1\t2\n", PLAIN, "[1.0, 2.0]", "a b"),
                Arguments.of("\"#a\",b\n1,2\n", PLAIN, "[1.0, 2.0]", "#a b"),
                Arguments.of("%,b\n1,2\n", PLAIN, "[1.0, 2.0]", "% b"),
                // a '#' that begins what is not read, or a label
                Arguments.of("#ff0000,1\n#00ff00,2\n", ignored, "[1.0][2.0]", null),
                Arguments.of("#x;1\n#y;2\n", PLAIN.withLabelColumn("1"), "[1.0][2.0]", null),
                Arguments.of("c,x\n#ff0000,1\n", PLAIN.withIgnoredColumns("c"), "[1.0]", "x"),
                Arguments.of("# c,x\n#r,1\n#g,2\n", PLAIN.withLabelColumn("1"), "[1.0][2.0]", "x"),
                // comments
                Arguments.of("# x, \"y\n  #z\na,b\n#\n1,2\n\t# 3,4", COMMENTS, "[1.0, 2.0]", "a b"),
                Arguments.of("# a,b\n1,2\n", COMMENTS, "[1.0, 2.0]", null),
                Arguments.of("#x;y\n#z\n 1   2\n#\n3 4\n", COMMENTS, "[1.0, 2.0][3.0, 4.0]", null),
                Arguments.of("\"a\n#b\",c\n1,2\n", COMMENTS, "[1.0, 2.0]", "a\n#b c"),
                Arguments.of("5\n# x\n6\n", COMMENTS, "[5.0][6.0]", null),
                Arguments.of("%x\n# a,b\n1,2\n", PLAIN.withComment('%'), "[1.0, 2.0]", "a b"),
                Arguments.of(";x\n1,2\n", PLAIN.withComment(';'), "[1.0, 2.0]", null),
                Arguments.of("5\" pipe,b\n1,2\n", PLAIN, "[1.0, 2.0]", "5\" pipe b"),
                // thousands
                Arguments.of(
                        "a,b\n\"6,520.00\",-1\n\"-6,327.11\",2\n", THOUSANDS, "[6520.0, -1.0][-6327.11, 2.0]", "a b"),
                Arguments.of("1,234.5\n12,345\n", THOUSANDS, "[1234.5][12345.0]", null),
                Arguments.of("1,234.5 2\n3 4,567\n", THOUSANDS, "[1234.5, 2.0][3.0, 4567.0]", null),
                Arguments.of(
                        "1.234,5;2\n",
                        PLAIN.withDecimal(Decimal.COMMA).withThousands(Thousands.POINT),
                        "[1234.5, 2.0]",
                        null),
                Arguments.of("1 234\n2\u202f345\n", PLAIN.withThousands(Thousands.SPACE), "[1234.0][2345.0]", null),
                Arguments.of("1'234.5,2\n", PLAIN.withThousands(Thousands.APOSTROPHE), "[1234.5, 2.0]", null));
    }

    @ParameterizedTest
    @MethodSource("readable")
    void isRead(String text, CsvOptions options, String rows, String columns) {
        Dataset data = read(text, options);
        assertEquals(rows, rows(data));
        assertEquals(Optional.ofNullable(columns), data.columns().map(names -> String.join(" ", names)));
    }

    static Stream<Arguments> refusable() {
        CsvOptions ignored = PLAIN.withIgnoredColumns("1");
        return Stream.of(
                Arguments.of("# made by me\n# a,b\n1,2\n", PLAIN, "line 1 begins with '#'; withComment('#') skips"),
                Arguments.of("# made by me\n1,2\n", PLAIN, "would need 2 fields, as line 2 has, not 1"),
                Arguments.of(
                        "# a,b\n1,2\n", PLAIN.withHeader(Header.NO), "line 1 begins with '#'; withComment('#') skips"),
                Arguments.of("# 1,2\n3,4\n", PLAIN, "line 1 begins with '#'; withComment('#') skips"),
                Arguments.of("# my,file\na,b\n1,2\n", PLAIN, "line 1 begins with '#'; withComment('#') skips"),
                Arguments.of("1,2\n# note\n3,4\n", PLAIN, "line 2 begins with '#'; withComment('#') skips such lines"),
                Arguments.of("1,2\n# x,y\n3,4\n", PLAIN, "line 2 begins with '#'; withComment('#') skips such lines"),
                Arguments.of("1,2\n % x,y\n3,4\n", PLAIN, "line 2 begins with '%'; withComment('%') skips such lines"),
                Arguments.of("x,1\n# note\n", ignored, "line 2 begins with '#'; withComment('#') skips such lines"),
                Arguments.of("x,1\n#y,z\n", ignored, "column 2: is 'z', not a number; withIgnoredColumns(2)"),
                Arguments.of("% x\n1,2\n3,4\n", PLAIN, "withComment('%') skips lines that begin with it"),
                Arguments.of("a,b\n#DIV/0!,1\n", PLAIN, "line 2, column 1 ('a'): is '#DIV/0!', not a number"),
                Arguments.of("a,b\n#N/A,1\n", PLAIN, "line 2, column 1 ('a'): is '#N/A', not a finite number"),
                Arguments.of("\"1,5\";2\n", PLAIN, "(1.5), CsvOptions.Header.YES takes the first line for names"),
                Arguments.of("b c\n#N/A\n", PLAIN, "line 2, column 1 ('b c'): is '#N/A', not a finite number"),
                Arguments.of("# only this\n", PLAIN, "has no rows of numbers below its header"),
                Arguments.of("# x\n# y\n", COMMENTS, "has no rows of numbers"),
                Arguments.of("#\n\na,a\n1,2\n", COMMENTS, "line 3: columns 1 and 2 are both called 'a'"),
                Arguments.of("#\n1,2\n3\n", COMMENTS, "line 3 has 1 field, line 2 has 2"),
                Arguments.of("\"a\" \"b\"\n\"1\" 2 3\n", PLAIN, "line 1, column 1: has no name"),
                Arguments.of("1 2\n3 4 5\n", PLAIN, "line 2 has 3 fields, line 1 has 2"),
                Arguments.of("a b\n1 2\n3\n", PLAIN, "line 3 has 1 field, line 1 has 2"),
                Arguments.of("1 2\t3\n", PLAIN, "is '1 2', not a number; CsvOptions.Delimiter.SPACE"),
                Arguments.of(
                        "a,b\n\"1,234.50\",2\n",
                        PLAIN,
                        "is '1,234.50', not a number; CsvOptions.Thousands.COMMA reads"),
                Arguments.of("\"1,234.50\",\"2,345\"\n1,2\n", PLAIN, "line 1, column 1: is '1,234.50', not a number"),
                Arguments.of("a,b\n\"12,34.5\",2\n", THOUSANDS, "is '12,34.5', not a number"),
                Arguments.of("a\n1,234\n", PLAIN, "line 2 has 2 fields, line 1 has 1"),
                Arguments.of("% made by\n% x y\n1 2\n", PLAIN, "is '%', not a number; withComment('%') skips lines"),
                Arguments.of("a,b\n1,1e999\n", PLAIN, "column 2 ('b'): is '1e999', more than float64 holds"));
    }

    @ParameterizedTest
    @MethodSource("refusable")
    void isRefusedWithTheOptionThatHelps(String text, CsvOptions options, String said) {
        ElboException e = assertThrows(ElboException.class, () -> read(text, options));
        assertEquals(ElboException.Kind.DATA, e.kind());
        assertTrue(e.getMessage().startsWith("f.txt: "), e.getMessage());
        assertTrue(e.getMessage().contains(said), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @Test
    void whatIsNotUtf8IsNamedWithItsLine() {
        Random random = new Random(4);
        for (int round = 0; round < 100; round++) {
            int lines = 1 + random.nextInt(round % 30 == 0 ? 20_000 : 20);
            StringBuilder text = new StringBuilder();
            String end = List.of("\n", "\r\n", "\r").get(round % 3);
            for (int i = 1; i < lines; i++) {
                text.append("1,2").append(end);
            }
            text.append(random.nextBoolean() ? "h\u00f6he,2" : "1,2\u00f6").append(random.nextBoolean() ? end : "");
            byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            ElboException e = assertThrows(ElboException.class, () -> read(bytes, PLAIN));
            assertEquals(
                    "f.txt: line " + lines
                            + ", byte 0xF6 is not UTF-8; convert it, for example with iconv -f latin1 -t utf-8",
                    e.getMessage());
        }
        byte[] odd = "\ufeff1,2\n3".getBytes(StandardCharsets.UTF_16LE);
        ElboException e = assertThrows(ElboException.class, () -> read(Arrays.copyOf(odd, odd.length - 1), PLAIN));
        assertTrue(e.getMessage().contains("line 2 is not UTF-16LE"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1", " ", "\"", "-", "+", ".", "\n"})
    void dataCannotBeComments(String character) {
        char comment = character.charAt(0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> PLAIN.withComment(comment));
        assertTrue(e.getMessage().startsWith("withComment("), e.getMessage());
    }

    @Test
    void signsMustDiffer() {
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withThousands(Thousands.POINT));
        assertThrows(
                IllegalArgumentException.class,
                () -> PLAIN.withDecimal(Decimal.COMMA).withThousands(Thousands.COMMA));
        CsvOptions pipes = PLAIN.withDelimiter(Delimiter.PIPE);
        assertThrows(IllegalArgumentException.class, () -> pipes.withComment('|'));
    }

    @Test
    void everyFormIsThePlainOne() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            CsvForms forms = new CsvForms(random);
            Dataset plain = read(forms.plain(), PLAIN);
            CsvForms.Form form = forms.other();
            try {
                Dataset other = read(form.text(), form.options());
                assertArrayEquals(plain.values(), other.values(), form.toString());
                assertEquals(plain.columns(), other.columns(), form.toString());
            } catch (ElboException e) {
                throw new AssertionError(form.toString(), e);
            }
        }
    }

    @Test
    void membersOfGzipCutAnywhereAreOneTable() throws IOException {
        Random random = new Random(8);
        for (int round = 0; round < 50; round++) {
            CsvForms forms = new CsvForms(random);
            byte[] text = forms.plain().getBytes(StandardCharsets.US_ASCII);
            ByteArrayOutputStream members = new ByteArrayOutputStream();
            int from = 0;
            while (from < text.length) {
                int to = from + random.nextInt(text.length - from + 1);
                members.writeBytes(IdxBytes.gzip(Arrays.copyOfRange(text, from, to)));
                from = to;
            }
            Path file = Files.write(folder.resolve("t.csv.gz"), members.toByteArray());
            assertArrayEquals(
                    read(text, PLAIN).values(),
                    Datasets.standard()
                            .open(file.toString(), Progress.NONE)
                            .train()
                            .values());
        }
    }

    @Test
    void randomDamageOnlyEverGivesTheTypedError() {
        Random random = new Random(9);
        byte[] likely = "\n\r,;\t|#%\"' 0e.-+x\0\u00ff".getBytes(StandardCharsets.ISO_8859_1);
        int refused = 0;
        for (int round = 0; round < 2_000; round++) {
            CsvForms.Form form = new CsvForms(random).other();
            byte[] bad = form.text().getBytes(StandardCharsets.UTF_8);
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                bad[random.nextInt(bad.length)] =
                        random.nextBoolean() ? (byte) random.nextInt() : likely[random.nextInt(likely.length)];
            }
            try {
                read(bad, form.options());
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind());
                assertEquals(1, e.getMessage().lines().count());
                refused++;
            }
        }
        assertTrue(refused > 500 && refused < 1_950, refused + " refused");
    }
}
