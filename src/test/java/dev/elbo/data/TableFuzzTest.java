package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Header;
import dev.elbo.fuzz.Hostile;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/** A byte says how the text behind it is read as a table. */
@Tag("fuzz")
class TableFuzzTest {
    /** A field may have one character, and is then a text with its count and line, a word of the table and a place. */
    private static final long PER_BYTE = 1024;

    private static final int COMMA_DECIMALS = 1 << 4;
    private static final int LABEL = 1 << 5;
    private static final int MISSING = 1 << 6;
    private static final int COUNTS = 1 << 7;

    static Stream<byte[]> seeds() {
        return Stream.of(
                seed(0, "a,b,c\n1,red,yes\n2.5,blue,no\nNA,,?\n"),
                seed(0, "red,small\nblue,large\nred,large\n"),
                seed(LABEL, "1,2,x\n3,4,y\n5.5,4,x\n"),
                seed(MISSING, "a,b\n-1,x\nunknown,y\n-1.0,z\n3,x\n"),
                seed(COUNTS, "a,b\n1,x\n7,y\n0,z\n"),
                seed(COUNTS, "a,b\n1,x\n-7,y\n0,z\n"),
                seed(COMMA_DECIMALS, "a;b\n1,5;x\n2,5;y\n3;\n"),
                seed(0, "a,b\n2024-01-31,1\n2024-02-01,2\n2024-02-03,3\n"),
                seed(0, "a,b\n1,inf\n2,3\n"),
                seed(0, "a,b\n1e999,x\n2,y\n"),
                seed(0, "a,b\n\"x\ny\",1\n\"x \"\"y\"\"\",0\nz,1\n"),
                seed(0, "a," + "b".repeat(300) + "\n1,2\n3," + "c".repeat(300) + "\n"),
                seed(0, ",".repeat(1000) + "\n" + "1,".repeat(1000) + "\n2" + ",0".repeat(1000) + "\n"),
                seed(0, "a,b\n" + numbers(1200) + "oops,1\n"),
                seed(0, "a,b\n" + numbers(1200) + "NA,\n"),
                seed(0, "a,b\n" + numbers(30).replace('0', 'o')),
                seed(4, "1,x\n2,y\n"),
                seed(1, "\"1,5\";\"2,5\"\n"));
    }

    private static String numbers(int count) {
        return Stream.iterate(0, i -> i + 1)
                .limit(count)
                .map(i -> i + "," + i % 2 + "\n")
                .collect(Collectors.joining());
    }

    private static byte[] seed(int bits, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + bytes.length).put((byte) bits).put(bytes).array();
    }

    private static ReadOptions options(int bits) {
        CsvOptions csv = CsvOptions.DEFAULT
                .withDelimiter(Delimiter.values()[bits & 3])
                .withHeader(Header.values()[(bits >> 2 & 3) % Header.values().length]);
        if ((bits & COMMA_DECIMALS) != 0) {
            csv = csv.withDelimiter(csv.delimiter() == Delimiter.COMMA ? Delimiter.SEMICOLON : csv.delimiter())
                    .withDecimal(Decimal.COMMA);
        }
        if ((bits & LABEL) != 0) {
            csv = csv.withLabelColumn("1");
        }
        TableOptions table = TableOptions.DEFAULT;
        if ((bits & MISSING) != 0) {
            table = table.withMissing("-1", "unknown");
        }
        if ((bits & COUNTS) != 0) {
            table = table.withKind("1", ColumnKind.POISSON);
        }
        return ReadOptions.DEFAULT.withCsv(csv).withTable(table);
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        if (content.length < 1) {
            return;
        }
        byte[] text = Arrays.copyOfRange(content, 1, content.length);
        Path file = Hostile.file("hostile", text);
        Hostile.read(text.length, PER_BYTE, file.toString(), () -> {
                    Dataset data = CsvFile.read(file, options(content[0]), Progress.NONE);
                    data.table();
                    // a few bytes may be categories of many rows
                    return data.first(100);
                })
                .ifPresent(TableFuzzTest::again);
    }

    /** What was read is read again from text that is made of it, by the table and without. */
    private static void again(Dataset data) {
        Table table = data.table().orElseThrow();
        TableText text = new TableText(table);
        double[] values = Exact.values(data);
        int width = data.features();
        StringBuilder written = new StringBuilder();
        line(written, table.columns().stream().map(TableColumn::name).toArray(String[]::new));
        for (int row = 0; row < data.size(); row++) {
            line(written, text.decode(Arrays.copyOfRange(values, row * width, (row + 1) * width)));
        }
        Path file = Hostile.file("again", written.toString().getBytes(StandardCharsets.UTF_8));
        ReadOptions options = ReadOptions.DEFAULT
                .withCsv(CsvOptions.DEFAULT.withDelimiter(Delimiter.COMMA).withHeader(Header.YES))
                .withTable(TableOptions.DEFAULT.withTable(table));
        Dataset same = CsvFile.read(file, options, Progress.NONE);
        assertEquals(data.columns(), same.columns());
        assertArrayEquals(values, Exact.values(same));
    }

    private static void line(StringBuilder text, String[] fields) {
        List<String> quoted = Arrays.stream(fields)
                .map(field -> field == null ? "NA" : '"' + field.replace("\"", "\"\"") + '"')
                .toList();
        text.append(String.join(",", quoted)).append('\n');
    }
}
