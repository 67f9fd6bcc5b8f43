package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Decimals;
import dev.elbo.io.Messages;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleFunction;

/**
 * The rows of a table as text, a text for each column, constant ones too, and as values at the table's places, which {@link
 * Dataset#of(String, Table, float[])} describes. Values are in the unit of the data, not standardised.
 */
public final class TableText {
    private final Table table;
    private final List<ColumnWords> words;
    private final MissingWords missing;
    private final boolean unknownMissing;
    private final int features;

    /**
     * Creates a map between texts and values.
     *
     * @param table the columns
     */
    public TableText(Table table) {
        this(table, TableOptions.DEFAULT);
    }

    /**
     * Creates a map between texts and values.
     *
     * @param table the columns
     * @param options more words for missing values, and whether words that the table does not know are missing values
     */
    public TableText(Table table, TableOptions options) {
        this.table = Objects.requireNonNull(table, "table");
        this.words = table.columns().stream().map(ColumnWords::new).toList();
        this.missing = new MissingWords(options.missing());
        this.unknownMissing = options.unknownMissing();
        this.features = table.features();
    }

    /**
     * Finds the values of a row.
     *
     * @param texts one for each column of the table; null or a word for it is a missing value
     * @return values at the table's places, rounded to float32
     * @throws ElboException of kind DATA if there are more or fewer texts than columns, or one is no value of its column, naming it
     */
    public float[] encode(String... texts) {
        double[] exact = encodeExactly(texts);
        float[] values = new float[exact.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) exact[i];
            if (Float.isInfinite(values[i])) {
                throw ElboException.data("value " + Decimals.text(exact[i])
                        + " is more than float32 holds (3.4e38); rescale the column");
            }
        }
        return values;
    }

    /**
     * Finds the values of a row in float64, which standardising needs if float32 does not hold all digits.
     *
     * @param texts as for {@link #encode}
     * @return values at the table's places
     * @throws ElboException as there
     */
    public double[] encodeExactly(String... texts) {
        List<TableColumn> columns = table.columns();
        if (texts.length != columns.size()) {
            throw ElboException.data(texts.length + " texts are not a row of " + columns.size() + " columns");
        }
        double[] values = new double[features];
        int at = 0;
        for (int i = 0; i < texts.length; i++) {
            TableColumn column = columns.get(i);
            double value = value(i, texts[i]);
            boolean group =
                    column.kind().filter(kind -> kind == ColumnKind.CATEGORICAL).isPresent();
            Arrays.fill(values, at, at + column.size(), group && !Double.isNaN(value) ? 0 : value);
            if (group && !Double.isNaN(value)) {
                values[at + (int) value] = 1;
            }
            at += column.size();
        }
        return values;
    }

    private double value(int index, String given) {
        TableColumn column = table.columns().get(index);
        String text = given == null ? "" : given.strip();
        double number = ColumnWords.number(text);
        if (missing.is(text) || missing.is(number)) {
            return Double.NaN;
        }
        if (!column.words().isEmpty()) {
            int place = words.get(index).find(text, number);
            if (place < 0 && !unknownMissing) {
                throw refused(
                        column, words.get(index).unknown(text) + "; withUnknownMissing takes such values as missing");
            }
            return place < 0 ? Double.NaN : place;
        }
        ColumnKind kind = column.kind().orElseThrow();
        if (!Double.isFinite(number)) {
            throw refused(column, "is " + Messages.quote(text) + ", not a finite number");
        }
        if (kind.isCount() && !Places.isCount(number)) {
            throw refused(column, "is " + Messages.quote(text) + ", not a count, a whole number from 0 on");
        }
        return number;
    }

    private static ElboException refused(TableColumn column, String problem) {
        return ElboException.data("column " + Messages.quote(column.name()) + ": " + problem);
    }

    /**
     * Finds the texts of a row of values, such as the means that a model gives: of words the likeliest one, the first if several
     * are, of counts the nearest whole number.
     *
     * @param values at the table's places
     * @return one for each column of the table, null for a missing value
     * @throws IllegalArgumentException if there are not as many values as places
     */
    public String[] decode(float... values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return decode(wide, value -> Decimals.text((float) value));
    }

    /**
     * Finds the texts of a row as {@link #decode(float...)} does, with all digits of float64.
     *
     * @param values at the table's places
     * @return one for each column of the table, null for a missing value
     * @throws IllegalArgumentException if there are not as many values as places
     */
    public String[] decode(double... values) {
        return decode(values, Decimals::text);
    }

    private String[] decode(double[] values, DoubleFunction<String> number) {
        if (values.length != features) {
            throw new IllegalArgumentException(values.length + " values are not a row of " + features + " places");
        }
        List<TableColumn> columns = table.columns();
        String[] texts = new String[columns.size()];
        int at = 0;
        for (int i = 0; i < texts.length; i++) {
            texts[i] = text(columns.get(i), values, at, number);
            at += columns.get(i).size();
        }
        return texts;
    }

    private static String text(TableColumn column, double[] values, int at, DoubleFunction<String> number) {
        if (column.isConstant()) {
            return column.words().get(0);
        }
        double value = values[at];
        if (Double.isNaN(value)) {
            return null;
        }
        return switch (column.kind().orElseThrow()) {
            case GAUSSIAN -> number.apply(value + 0.0);
            case BERNOULLI -> column.words().get(value > 0.5 ? 1 : 0);
            case CATEGORICAL -> column.words().get(likeliest(values, at, column.size()));
            case POISSON, NEGATIVE_BINOMIAL -> number.apply(Math.max(0, Math.rint(value)));
        };
    }

    private static int likeliest(double[] values, int at, int size) {
        int best = 0;
        for (int i = 1; i < size; i++) {
            best = values[at + i] > values[at + best] ? i : best;
        }
        return best;
    }
}
