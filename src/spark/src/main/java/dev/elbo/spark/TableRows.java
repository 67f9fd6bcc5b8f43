package dev.elbo.spark;

import dev.elbo.data.TableText;
import dev.elbo.error.ElboException;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a table as rows of Spark: words, numbers, booleans and nulls on the way in, a struct with the columns of the table
 * on the way out. {@link TableText} decides what a word or a number is, so that the command line says the same of a file.
 */
final class TableRows implements RowReader {
    /** Different values whose places a column keeps; more are looked up anew, so that memory stays bounded. */
    private static final int KEPT = 4096;

    private final boolean unknownMissing;
    private final Column[] columns;
    private long unknownWords;

    /**
     * Creates a reader.
     *
     * @param inputs position in a row of each column of the table; −1 for one that is not there
     */
    TableRows(Table table, int[] inputs, boolean unknownMissing) {
        this.unknownMissing = unknownMissing;
        TableColumn modelled = table.columns().stream()
                .filter(column -> !column.isConstant())
                .findFirst()
                .orElseThrow();
        columns = new Column[inputs.length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new Column(table.columns().get(i), modelled, inputs[i]);
        }
    }

    @Override
    public String read(Row row, double[] values, int at) {
        int place = at;
        for (Column column : columns) {
            try {
                if (column.input >= 0) {
                    column.read(row.get(column.input), values, place);
                }
            } catch (ElboException e) {
                return e.getMessage();
            }
            place += column.size;
        }
        return null;
    }

    @Override
    public long unknownWords() {
        return unknownWords;
    }

    /** A column of the table. */
    private final class Column {
        private final TableColumn column;
        private final int input;
        private final int size;
        private final TableText text;
        private final Map<Object, Places> kept = new HashMap<>();

        /** @param modelled any column with a place: a table of constant columns alone there is not */
        Column(TableColumn column, TableColumn modelled, int input) {
            this.column = column;
            this.input = input;
            this.size = column.size();
            this.text = new TableText(new Table(column.isConstant() ? List.of(column, modelled) : List.of(column)));
        }

        void read(Object value, double[] values, int at) {
            if (value == null) {
                Arrays.fill(values, at, at + size, Double.NaN);
                return;
            }
            if (column.words().isEmpty() && !(value instanceof String)) {
                double number = RowReader.number(value);
                if (isValue(number)) {
                    values[at] = number;
                    return;
                }
            }
            Places places = column.words().isEmpty() ? find(value) : kept.get(value);
            if (places == null) {
                places = find(value);
                if (kept.size() < KEPT) {
                    kept.put(value, places);
                }
            }
            unknownWords += places.unknown() ? 1 : 0;
            System.arraycopy(places.values(), 0, values, at, size);
        }

        private boolean isValue(double number) {
            boolean count = column.kind().orElseThrow().isCount();
            return Double.isFinite(number) && (!count || number >= 0 && number == Math.rint(number));
        }

        private Places find(Object value) {
            try {
                String[] texts = {word(value), null};
                return new Places(text.encodeExactly(column.isConstant() ? texts : new String[] {texts[0]}), false);
            } catch (ElboException e) {
                if (!unknownMissing || column.words().isEmpty()) {
                    throw ElboException.data(e.getMessage().replaceFirst("withUnknownMissing", "unknown = missing"));
                }
                double[] missing = new double[size];
                Arrays.fill(missing, Double.NaN);
                return new Places(missing, true);
            }
        }

        /** Returns the text of a value: of a boolean the word that is its name, in any case, or 0 or 1 if the column has these. */
        private String word(Object value) {
            if (!(value instanceof Boolean yes)) {
                return String.valueOf(value);
            }
            String digit = yes ? "1" : "0";
            return column.words().stream()
                    .filter(word -> word.equalsIgnoreCase(yes.toString()))
                    .findFirst()
                    .orElse(column.words().contains(digit) ? digit : yes.toString());
        }
    }

    /** The values at the places of a column. */
    private record Places(double[] values, boolean unknown) {}

    /** Returns the type of a reconstructed row: words are strings, counts whole numbers, other numbers double. */
    static StructType type(Table table) {
        return new StructType(table.columns().stream()
                .map(column -> DataTypes.createStructField(column.name(), type(column), false))
                .toArray(StructField[]::new));
    }

    private static DataType type(TableColumn column) {
        if (!column.words().isEmpty()) {
            return DataTypes.StringType;
        }
        return column.kind().orElseThrow().isCount() ? DataTypes.LongType : DataTypes.DoubleType;
    }

    /** Returns the row that means of the model are: of words the likeliest, of counts the nearest whole number. */
    static Row row(Table table, double[] values, int from) {
        List<TableColumn> columns = table.columns();
        Object[] cells = new Object[columns.size()];
        int at = from;
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cell(columns.get(i), values, at);
            at += columns.get(i).size();
        }
        return RowFactory.create(cells);
    }

    private static Object cell(TableColumn column, double[] values, int at) {
        if (column.isConstant()) {
            return column.words().get(0);
        }
        ColumnKind kind = column.kind().orElseThrow();
        if (kind.isCount()) {
            return (long) Math.max(0, Math.rint(values[at]));
        }
        if (column.words().isEmpty()) {
            return values[at] + 0.0;
        }
        int best = kind == ColumnKind.BERNOULLI && values[at] > 0.5 ? 1 : 0;
        for (int i = 1; i < column.size(); i++) {
            best = values[at + i] > values[at + best] ? i : best;
        }
        return column.words().get(best);
    }
}
