package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Header;
import dev.elbo.data.CsvOptions.Thousands;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.ZipArchive;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/** Two bytes say how the text behind them is read. */
@Tag("fuzz")
class CsvFileFuzzTest {
    /** A field of the first line may have one character, and becomes a name, a label, and an entry of a map. */
    private static final long PER_BYTE = 512;

    private static final int COMMA_DECIMALS = 1 << 4;
    private static final int ANY_VALUE = 1 << 5;
    private static final int PACKED = 1 << 6;
    /** Pipes, or blanks where the delimiter would be a comma or a tab. */
    private static final int MORE_DELIMITERS = 1 << 7;

    private static final int WISHES = 1 << 8;
    private static final int COMMENTS = 1 << 10;
    private static final int THOUSANDS = 1 << 11;

    static Stream<byte[]> seeds() {
        return Stream.of(
                seed(0, "1,2\n3,4\n"),
                seed(PACKED, "a;b\r\n-1.5;+2e-3\r\n"),
                seed(COMMA_DECIMALS, "1,5;2\n3;.5\n"),
                seed(ANY_VALUE, "x,y\nNaN,\n-inf,N/A\n1e99,-\n"),
                seed(WISHES, "y,x\n\"a \"\"b\"\"\nc\",1\nd,2\n"),
                seed(2 * WISHES, "1\t2\t3\n4\t5\t6\n"),
                seed(3 * WISHES, "y,b,a\nred,1,2\nblue,3,4\n"),
                seed(0, "a,a\n1,2\n"),
                seed(0, ",".repeat(1000) + "\n"),
                seed(WISHES, "x,y\n" + "1,2\n".repeat(200)),
                seed(0, "\"never closed\n1,2"),
                seed(0, "1,2\n\n\n3,4\n\n"),
                seed(0, "1\n\n2\n"),
                seed(0, "12345678901234567890.12345678901234567890e-10\n1e-9999999999\n"),
                seed(0, "# a,b\n1,2\n"),
                seed(0, "  1.5\t -2\n3   4e-1  \n"),
                seed(MORE_DELIMITERS, "a|\"b|c\"\n1|2\n"),
                seed(MORE_DELIMITERS + 1, "\"a\" \"b c\"\n \"1\" 2\t3\n"),
                seed(MORE_DELIMITERS + 1, "# a, b\n 1  2\n"),
                seed(COMMENTS, "# x\n  #\"\n1,2\n#\r3,4"),
                seed(THOUSANDS, "a,b\n\"1,234.5\",2\n-1,\"12,345,678\"\n"),
                seed(THOUSANDS + COMMA_DECIMALS, "1.234,5;2\n"),
                seed(2 * THOUSANDS, "1 234.5;2\n"),
                seed(0, two("1,2\n3,", "4\n")),
                seed(0, "\ufeff1,2\n", StandardCharsets.UTF_8),
                seed(0, "\ufeff1,2\n", StandardCharsets.UTF_16LE),
                seed(0, "\ufeffa,b\n1,2\n", StandardCharsets.UTF_16BE),
                seed(0, new byte[] {'a', (byte) 0xe4, '\n', '1'}),
                seed(0, new byte[] {'a', 0, '\n'}),
                seed(0, IdxBytes.gzip(new byte[] {'1', '\n', '2', '\n'})),
                seed(0, IdxBytes.gzip("1,2\n".repeat(5_000).getBytes(StandardCharsets.US_ASCII))));
    }

    /** Two members of gzip. */
    private static byte[] two(String first, String second) {
        byte[] one = IdxBytes.gzip(first.getBytes(StandardCharsets.US_ASCII));
        byte[] other = IdxBytes.gzip(second.getBytes(StandardCharsets.US_ASCII));
        return ByteBuffer.allocate(one.length + other.length)
                .put(one)
                .put(other)
                .array();
    }

    private static byte[] seed(int bits, String text) {
        return seed(bits, text, StandardCharsets.UTF_8);
    }

    private static byte[] seed(int bits, String text, Charset charset) {
        return seed(bits, text.getBytes(charset));
    }

    private static byte[] seed(int bits, byte[] text) {
        return ByteBuffer.allocate(2 + text.length)
                .putShort((short) bits)
                .put(text)
                .array();
    }

    private static CsvOptions options(int bits) {
        CsvOptions options = CsvOptions.DEFAULT
                .withDelimiter(Delimiter.values()[bits & 3])
                .withHeader(Header.values()[(bits >> 2 & 3) % Header.values().length]);
        if ((bits & MORE_DELIMITERS) != 0) {
            options = options.withDelimiter((bits & 1) != 0 ? Delimiter.SPACE : Delimiter.PIPE);
        }
        if ((bits & COMMENTS) != 0) {
            options = options.withComment('#');
        }
        if ((bits & COMMA_DECIMALS) != 0) {
            options = options.withDelimiter(
                            options.delimiter() == Delimiter.COMMA ? Delimiter.SEMICOLON : options.delimiter())
                    .withDecimal(Decimal.COMMA);
        }
        Thousands thousands = List.of(
                        Thousands.NONE,
                        options.decimal() == Decimal.COMMA ? Thousands.POINT : Thousands.COMMA,
                        Thousands.SPACE,
                        Thousands.APOSTROPHE)
                .get(bits / THOUSANDS & 3);
        options = options.withThousands(thousands);
        return switch (bits / WISHES & 3) {
            case 0 -> options;
            case 1 -> options.withLabelColumn("1");
            case 2 -> options.withColumns("3", "1-2").withIgnoredColumns("2");
            default -> options.withHeader(Header.YES).withLabelColumn("y").withNames(List.of("a", "b"));
        };
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        if (content.length < 2) {
            return;
        }
        int bits = ByteBuffer.wrap(content).getShort();
        byte[] text = Arrays.copyOfRange(content, 2, content.length);
        boolean isGzip = text.length > 1 && text[0] == 0x1f && text[1] == (byte) 0x8b;
        int length = isGzip ? Math.toIntExact(text.length * ZipArchive.DENSEST) : text.length;
        boolean anyValue = (bits & ANY_VALUE) != 0;
        Path file = Hostile.file("hostile", (bits & PACKED) != 0 ? IdxBytes.gzip(text) : text);
        Hostile.read(
                        length,
                        PER_BYTE,
                        file.toString(),
                        () -> CsvFile.read(
                                file, ReadOptions.DEFAULT.withCsv(options(bits)).withAnyValue(anyValue), Progress.NONE))
                .ifPresent(data -> again(data, anyValue));
    }

    private static void again(Dataset data, boolean anyValue) {
        double[] values = Exact.values(data);
        for (double value : values) {
            assertTrue(anyValue || Double.isFinite(value), "let through: " + value);
        }
        Path file = Hostile.file("again", written(data, values).getBytes(StandardCharsets.UTF_8));
        CsvOptions plain = CsvOptions.DEFAULT
                .withDelimiter(Delimiter.COMMA)
                .withHeader(data.columns().isPresent() ? Header.YES : Header.NO);
        CsvOptions options = data.labels().isEmpty() ? plain : plain.withLabelColumn("" + (data.features() + 1));
        Dataset same = CsvFile.read(file, ReadOptions.DEFAULT.withCsv(options).withAnyValue(anyValue), Progress.NONE);
        assertEquals(data.features(), same.features());
        assertArrayEquals(values, Exact.values(same));
        assertEquals(data.columns(), same.columns());
        assertEquals(data.labelNames(), same.labelNames());
        assertArrayEquals(data.labels().orElse(null), same.labels().orElse(null));
    }

    /** The values, and the labels in the last column. */
    private static String written(Dataset data, double[] values) {
        StringBuilder text = new StringBuilder();
        data.columns().ifPresent(names -> {
            names.forEach(name -> text.append(quoted(name)).append(','));
            end(text, data.labels().isPresent() ? Optional.of("label") : Optional.empty());
        });
        for (int row = 0; row < data.size(); row++) {
            for (int i = 0; i < data.features(); i++) {
                text.append(values[row * data.features() + i]).append(',');
            }
            int example = row;
            end(
                    text,
                    data.labels()
                            .map(labels -> data.labelNames()
                                    .map(names -> quoted(names.get(labels[example])))
                                    .orElse("" + labels[example])));
        }
        return text.toString();
    }

    private static void end(StringBuilder text, Optional<String> label) {
        label.ifPresentOrElse(text::append, () -> text.setLength(text.length() - 1));
        text.append('\n');
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
