package dev.elbo.data;

import dev.elbo.io.InputFile;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the first lines of a text say of its columns.
 *
 * @param delimiter of fields; a blank means any run of blanks
 * @param header the names of all columns, if the first line has them
 * @param chosen the columns that are read
 */
record CsvLayout(char delimiter, Optional<List<String>> header, CsvColumns chosen) {
    /** Reads the first lines of a file, packed or not, that was read before with the same options. */
    static CsvLayout of(InputFile in, ReadOptions options) throws IOException {
        try (InputStream content = Gunzip.is(in) ? new Gunzip(in) : in.stream(0)) {
            return CsvFile.layout(in.path().toString(), content, options);
        }
    }

    /** Returns for each column of the text that of the table; −1 if it has none. */
    int[] columns(Table table) {
        List<String> names = table.columns().stream().map(TableColumn::name).toList();
        List<String> found = chosen.byModel() ? chosen.names().orElseThrow() : names;
        return Arrays.stream(chosen.roles())
                .map(role -> role < 0 ? -1 : names.indexOf(found.get(role)))
                .toArray();
    }
}
