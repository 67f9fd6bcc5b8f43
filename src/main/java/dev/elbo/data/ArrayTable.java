package dev.elbo.data;

import dev.elbo.model.TableColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Rows of numbers as rows of a table: NaN is a missing value, columns are called x0, x1 and so on. */
final class ArrayTable {
    private ArrayTable() {}

    static Split of(Split numbers, TableOptions options, Progress progress) {
        return new Split(
                of(numbers.train(), options, progress),
                numbers.test().map(data -> of(data, options, progress)),
                numbers.validation().map(data -> of(data, options, progress)),
                numbers.complete());
    }

    private static Dataset of(Dataset numbers, TableOptions options, Progress progress) {
        if (numbers.image().isPresent()) {
            throw DataFormat.noTable(numbers.name());
        }
        String name = numbers.name();
        int width = numbers.features();
        List<String> names = options.table()
                .map(table -> table.columns().stream().map(TableColumn::name).toList())
                .orElseGet(() ->
                        IntStream.range(0, width).mapToObj(TableCells::made).toList());
        RawTable.requireWidth(name, width, names);
        MissingWords missing = new MissingWords(options.missing());
        List<RawColumn> columns = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            columns.add(
                    RawColumn.ofNumbers(names.get(i), new ColumnPlace(name, i + 1, Optional.empty(), false), missing));
        }
        long[] empty = {0};
        numbers.rows().visitExactly(1, (from, rows, values) -> {
            for (int row = 0, at = 0; row < rows; row++) {
                boolean any = false;
                for (int i = 0; i < width; i++, at++) {
                    any |= columns.get(i).see(values[at], from + row);
                }
                empty[0] += any ? 0 : 1;
            }
            return true;
        });
        RawTable table =
                new RawTable(name, numbers.rows(), columns, options.table().isPresent(), empty[0]);
        return table.dataset(numbers.labels(), options, progress).withLabelNames(numbers.labelNames());
    }
}
