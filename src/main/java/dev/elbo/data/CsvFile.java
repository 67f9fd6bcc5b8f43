package dev.elbo.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Numbers in rows of text: CSV as RFC 4180 has it, in UTF-8 (or UTF-16 with a byte order mark), with either end of line, with
 * quoted fields, packed with gzip or not. Every field that is read must be a finite number or a label, every line must have
 * as many fields; what is not is refused with its line and column, both counted from 1. It takes no more memory than
 * {@link RowStore} and a line.
 */
final class CsvFile {
    /** Characters of a field; the fields of numbers are far below. */
    private static final int LONGEST_FIELD = 1 << 20;
    /** Characters of the first line by which the delimiter is chosen. */
    private static final int LOOK_AHEAD = 1 << 13;

    private static final Set<String> ENDINGS = Set.of("csv", "tsv", "txt");

    private CsvFile() {}

    /** Whether a name or a file's first bytes are those of text. */
    static boolean is(Content content) {
        if (content.folder()) {
            return false;
        }
        String name = content.path().getFileName().toString().toLowerCase(Locale.ROOT);
        String bare = content.gzip() && name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        if (ENDINGS.contains(bare.substring(bare.lastIndexOf('.') + 1))) {
            return true;
        }
        for (byte one : content.start()) {
            if (one >= 0 && one < ' ' && one != '\t' && one != '\n' && one != '\r') {
                return false;
            }
        }
        return content.start().length > 0;
    }

    /**
     * Reads a file.
     *
     * @param anyValue whether fields that are empty, NaN or infinite are let through, as NaN and infinities
     * @throws ElboException of kind DATA, naming line and column, where it cannot be trusted
     */
    static Dataset read(Path path, CsvOptions options, boolean anyValue) {
        try (InputFile in = InputFile.open(path)) {
            if (!Gunzip.is(in)) {
                return read(path.toString(), in.stream(0), options, anyValue);
            }
            try (Gunzip unpacked = new Gunzip(in)) {
                Dataset data = read(path.toString(), unpacked, options, anyValue);
                unpacked.requireEnd();
                return data;
            }
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param name what messages call it
     * @throws ElboException as {@link #read(Path, CsvOptions, boolean)}
     */
    static Dataset read(String name, InputStream content, CsvOptions options, boolean anyValue) {
        CsvRows rows = new CsvRows(name, options, anyValue);
        try {
            BufferedReader text = text(content);
            CsvReader<CsvRows> reader = CsvReader.builder()
                    .fieldSeparator(delimiter(text, options))
                    .skipEmptyLines(false)
                    .allowUnclosedQuote(false)
                    .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .maxBufferSize(LONGEST_FIELD)
                    .build(rows, text);
            for (CsvRows current : reader) {
                if (current.awaitsStart()) {
                    current.start();
                }
            }
            return rows.finish();
        } catch (CsvParseException e) {
            throw e.getCause() instanceof ElboException known ? known : refused(name, rows.line(), e);
        } catch (UncheckedIOException e) {
            throw failed(name, rows.line(), e.getCause());
        } catch (IOException e) {
            throw failed(name, rows.line(), e);
        } finally {
            rows.close();
        }
    }

    private static ElboException refused(String name, long line, CsvParseException e) {
        String said = e.getMessage().replaceAll(" \\(record starting at line \\d+\\)", "");
        String what = said.contains("buffer size")
                ? "holds a field of more than " + LONGEST_FIELD + " characters; is a quote missing, or is it no table?"
                : "is no CSV: " + Messages.line(said) + "; look for a quote too many or too few";
        return ElboException.data(name + ": line " + line + " " + what, e);
    }

    private static ElboException failed(String name, long line, IOException e) {
        if (e instanceof CharacterCodingException) {
            return ElboException.data(
                    name + ": behind line " + Math.max(0, line - 1)
                            + " is what is not UTF-8; convert it, for example with iconv -f latin1 -t utf-8",
                    e);
        }
        return ElboException.io(name + ": reading line " + line + " failed: " + Messages.reason(e), e);
    }

    /** The characters behind the byte order mark, if there is one; anything malformed is an error. */
    private static BufferedReader text(InputStream content) throws IOException {
        BufferedInputStream in = new BufferedInputStream(content, LOOK_AHEAD);
        in.mark(3);
        int first = in.read();
        int second = in.read();
        int third = in.read();
        in.reset();
        Charset charset = StandardCharsets.UTF_8;
        int mark = first == 0xef && second == 0xbb && third == 0xbf ? 3 : 0;
        if (first == 0xff && second == 0xfe || first == 0xfe && second == 0xff) {
            charset = first == 0xff ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
            mark = 2;
        }
        in.skipNBytes(mark);
        return new BufferedReader(new InputStreamReader(in, charset.newDecoder()), LOOK_AHEAD);
    }

    private static char delimiter(Reader text, CsvOptions options) throws IOException {
        if (options.delimiter() != CsvOptions.Delimiter.AUTO) {
            return options.delimiter().character();
        }
        char[] start = new char[LOOK_AHEAD];
        text.mark(LOOK_AHEAD);
        int length = Math.max(0, text.read(start));
        text.reset();
        boolean quoted = false;
        boolean semicolon = false;
        boolean any = false;
        for (int i = 0; i < length; i++) {
            char c = start[i];
            if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && c == '\t') {
                return '\t';
            } else if (!quoted && (c == '\n' || c == '\r') && any) {
                break;
            }
            semicolon |= !quoted && c == ';';
            any |= c > ' ';
        }
        return semicolon || options.decimal() == CsvOptions.Decimal.COMMA ? ';' : ',';
    }
}
