package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Decimals;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A copy of a table of text, with gaps filled and further columns, in the notation and the encoding of the text. */
final class CsvTableCopy implements CsvCopy.Changes {
    private final Path source;
    private final String file;
    private final ReadOptions options;
    private final Table table;
    private final int rows;
    private final TableCopy.Gaps gaps;
    private final List<TableCopy.Beside> beside;
    private final boolean single;
    private final CsvNumbers numbers;
    private final MissingWords missing;
    private final boolean unknownMissing;
    private final int[] filled;
    /** The first lines, which are names. */
    private int names;
    /** For each field of a line its column in the table; −1 if it has none. */
    private int[] columns;

    CsvTableCopy(
            Path source,
            ReadOptions options,
            Table table,
            int rows,
            TableCopy.Gaps gaps,
            List<TableCopy.Beside> beside,
            boolean single) {
        this.source = source;
        this.file = source.toString();
        this.options = options;
        this.table = table;
        this.rows = rows;
        this.gaps = gaps;
        this.beside = beside;
        this.single = single;
        this.numbers = new CsvNumbers(options.csv().decimal(), options.csv().thousands());
        TableOptions of = options.table().orElseThrow();
        this.missing = new MissingWords(of.missing());
        this.unknownMissing = of.unknownMissing();
        this.filled = new int[table.columns().size()];
    }

    /** Writes all; returns for each column of the table the number of gaps that were filled. */
    int[] write(OutputStream out) throws IOException {
        try (InputFile in = InputFile.open(source)) {
            CsvLayout layout = CsvLayout.of(in, options);
            names = layout.header().isPresent() ? 1 : 0;
            columns = layout.columns(table);
            layout.header().ifPresent(this::requireNew);
            Gunzip.Reader<Integer> reader = content -> copy(content, layout.delimiter(), out);
            if (Gunzip.read(in, reader, reader) - names < rows) {
                throw TableCopy.changed(file);
            }
        }
        return filled;
    }

    private void requireNew(List<String> header) {
        for (TableCopy.Beside each : beside) {
            if (header.contains(each.name())) {
                throw ElboException.data(file + ": has a column " + Messages.quote(each.name())
                        + " already, which would be added; leave it out of the file, or rename it");
            }
        }
    }

    private int copy(InputStream content, char delimiter, OutputStream out) throws IOException {
        CsvText text = new CsvText(file, content);
        out.write(text.mark());
        Writer writer =
                new BufferedWriter(new OutputStreamWriter(out, text.charset().newEncoder()));
        int comment = options.csv().comment().map(c -> (int) c).orElse(-1);
        int lines = new CsvCopy(writer, delimiter, comment, this).copy(text);
        writer.flush();
        // of a packed file, up to its checksum
        content.transferTo(OutputStream.nullOutputStream());
        return lines;
    }

    @Override
    public boolean endsBefore(int line) {
        return line - names >= rows;
    }

    @Override
    public String instead(int line, int field, String text) {
        int column = field < columns.length ? columns[field] : -1;
        if (line < names || column < 0) {
            return null;
        }
        boolean isMissing = missing.is(text) || missing.is(numbers.parse(text.toCharArray(), 0, text.length()));
        TableColumn of = table.columns().get(column);
        double value = of.isConstant() ? isMissing ? 0 : Double.NaN : gaps.value(line - names, column);
        if (Double.isNaN(value)) {
            return null;
        }
        if (!isMissing && !unknownMissing) {
            throw TableCopy.changed(file);
        }
        filled[column]++;
        return of.words().isEmpty() ? number(value) : word(of.words().get((int) value));
    }

    private String number(double value) {
        double positive = value + 0.0;
        return (single ? Decimals.text((float) positive) : Decimals.text(positive))
                .replace('.', options.csv().decimal().character);
    }

    /** A number that is a word is in plain notation. */
    private String word(String word) {
        boolean isNumber = Double.isFinite(ColumnWords.number(word));
        return isNumber ? word.replace('.', options.csv().decimal().character) : word;
    }

    @Override
    public List<String> behind(int line) {
        List<String> fields = new ArrayList<>();
        for (TableCopy.Beside each : beside) {
            double value = line < names ? 0 : each.values().value(line - names, each.column());
            fields.add(line < names ? each.name() : Double.isNaN(value) ? "" : number(value));
        }
        return fields;
    }
}
