package dev.elbo.data;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;

/**
 * Numbers in rows of text: CSV as RFC 4180 has it, or with other delimiters, in UTF-8 (or UTF-16 with a byte order
 * mark), with either end of line, with quoted fields, packed with gzip or not. Every field that is read must be a
 * finite number or a label, of a table a number, a word or missing; every line must have as many fields; anything else
 * is refused with its line and column, both counted from 1. It takes no more memory than {@link RowStore} and a line, of
 * a table also the different texts of its columns.
 */
final class CsvFile {
    /** Characters of a field; the fields of numbers are far below. */
    private static final int MAX_FIELD_LENGTH = 1 << 20;

    private static final Set<String> ENDINGS = Set.of("csv", "tsv", "txt");

    private CsvFile() {}

    /** Returns whether a name or a file's first bytes are those of text. */
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
     * Reads a file; the options' part for text, the scale of pixels and whether NaN and infinities are let through
     * count. Content that cannot be trusted is an {@link ElboException} of kind DATA that names line and column.
     */
    static Dataset read(Path path, ReadOptions options, Progress progress) {
        try (InputFile in = InputFile.open(path)) {
            Gunzip.Reader<Dataset> reader = content -> read(path.toString(), content, options, progress);
            return Gunzip.read(in, reader, reader);
        }
    }

    static Dataset read(String name, InputStream content, ReadOptions options, Progress progress) {
        return take(name, content, options, (rows, lines) -> {
            // the rows take every record as it comes
            lines.forEach(record -> {});
            Dataset data = rows.finish(progress);
            rows.notUsed().note().ifPresent(progress::note);
            return data;
        });
    }

    /** Reads the first lines of a text that was read before. */
    static CsvLayout layout(String name, InputStream content, ReadOptions options) {
        return take(name, content, options, (rows, lines) -> {
            Iterator<CsvRows> each = lines.iterator();
            while (!rows.isBegun() && each.hasNext()) {
                each.next();
            }
            return rows.layout();
        });
    }

    private interface Use<T> {
        T of(CsvRows rows, CsvReader<CsvRows> lines);
    }

    private static <T> T take(String name, InputStream content, ReadOptions options, Use<T> use) {
        CsvText text;
        CsvOptions.Delimiter delimiter;
        try {
            text = new CsvText(name, content);
            delimiter = CsvDelimiter.of(text.start(), options.csv());
        } catch (IOException e) {
            throw failed(name, 1, e);
        }
        CsvRows rows = new CsvRows(name, options, delimiter);
        try {
            return use.of(rows, reader(text, options.csv(), delimiter.character, rows));
        } catch (CsvParseException e) {
            throw e.getCause() instanceof ElboException known ? known : refused(name, rows.line(), e);
        } catch (UncheckedIOException e) {
            throw failed(name, rows.line(), e.getCause());
        } finally {
            rows.close();
        }
    }

    private static CsvReader<CsvRows> reader(Reader text, CsvOptions options, char delimiter, CsvRows rows) {
        CsvReader.CsvReaderBuilder builder = CsvReader.builder()
                .fieldSeparator(delimiter)
                .skipEmptyLines(false)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .maxBufferSize(MAX_FIELD_LENGTH);
        options.comment()
                .ifPresent(c -> builder.commentStrategy(CommentStrategy.SKIP).commentCharacter(c));
        boolean plain = options.comment().isEmpty() && delimiter != CsvOptions.Delimiter.SPACE.character;
        int comment = options.comment().map(c -> (int) c).orElse(-1);
        return builder.build(rows, plain ? text : new CsvLines(text, delimiter, comment));
    }

    private static ElboException refused(String name, long line, CsvParseException e) {
        String said = e.getMessage().replaceAll(" \\(record starting at line \\d+\\)", "");
        String problem = said.contains("buffer size")
                ? "holds a field of more than " + MAX_FIELD_LENGTH
                        + " characters; is a quote missing, or is the file not a table?"
                : "is not CSV: " + Messages.line(said) + "; look for a missing or an extra quote";
        return ElboException.data(name + ": line " + line + " " + problem, e);
    }

    private static ElboException failed(String name, long line, IOException e) {
        return ElboException.io(name + ": reading line " + line + " failed: " + Messages.reason(e), e);
    }
}
