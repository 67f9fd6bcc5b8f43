package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.util.Arrays;
import java.util.List;

/** The places of an example that is a row of a table: which column each belongs to, and which values it may have. */
public final class Places {
    private final String name;
    private final int features;
    private final List<TableColumn> modelled;

    private Places(String name, Table table) {
        this.name = name;
        this.features = table.features();
        this.modelled =
                table.columns().stream().filter(column -> !column.isConstant()).toList();
    }

    /** Returns for each place whether its values are real numbers, which have a unit. */
    static boolean[] gaussian(Table table) {
        List<ColumnKind> kinds = table.modelled().kinds();
        boolean[] gaussian = new boolean[kinds.size()];
        for (int i = 0; i < gaussian.length; i++) {
            gaussian[i] = kinds.get(i) == ColumnKind.GAUSSIAN;
        }
        return gaussian;
    }

    /** Refuses values that are none of their column, by row and column, both counted from 0. */
    static void require(String name, Table table, Rows rows) {
        Places places = new Places(name, table);
        rows.visitExactly(1, (from, count, values) -> {
            places.require(values, count, from);
            return true;
        });
    }

    /**
     * Requires that rows have values of their columns, as {@link Dataset#of(String, Table, float[])} does.
     *
     * @param name of the rows, for the error
     * @param table the columns
     * @param values (examples, places of the table) row-major, whole rows
     * @param firstRow number of the first row, for the error
     * @throws ElboException of kind DATA, naming row and column, both counted from 0
     */
    public static void require(String name, Table table, double[] values, long firstRow) {
        Places places = new Places(name, table);
        places.require(values, values.length / places.features, firstRow);
    }

    private void require(double[] values, int count, long firstRow) {
        for (int row = 0, at = 0; row < count; row++) {
            for (TableColumn column : modelled) {
                require(column, firstRow + row, values, at);
                at += column.size();
            }
        }
    }

    private void require(TableColumn column, long row, double[] values, int at) {
        ColumnKind kind = column.kind().orElseThrow();
        double value = values[at];
        if (kind == ColumnKind.CATEGORICAL) {
            requireGroup(column, row, values, at);
        } else if (Double.isInfinite(value)) {
            throw refused(column, row, at, "is " + Rows.shown(value) + "; remove or replace such values");
        } else if (kind == ColumnKind.BERNOULLI && !Double.isNaN(value) && value != 0 && value != 1) {
            throw refused(column, row, at, "is " + Rows.shown(value) + "; a bernoulli column holds 0 and 1");
        } else if (kind.isCount() && !Double.isNaN(value) && !isCount(value)) {
            throw refused(column, row, at, "is " + Rows.shown(value) + "; counts are whole numbers from 0 on");
        }
    }

    static boolean isCount(double value) {
        return value >= 0 && value == Math.rint(value) && !Double.isInfinite(value);
    }

    private void requireGroup(TableColumn column, long row, double[] values, int at) {
        int size = column.size();
        int missing = 0;
        int ones = 0;
        int zeros = 0;
        for (int i = at; i < at + size; i++) {
            missing += Double.isNaN(values[i]) ? 1 : 0;
            ones += values[i] == 1 ? 1 : 0;
            zeros += values[i] == 0 ? 1 : 0;
        }
        if (missing > 0 && missing < size) {
            throw refused(
                    column,
                    row,
                    at,
                    "has NaN in " + missing + " of its " + size
                            + " places; a category is missing as a whole: NaN in all of them");
        }
        if (missing == 0 && !(ones == 1 && zeros == size - 1)) {
            throw refused(
                    column,
                    row,
                    at,
                    "holds "
                            + Messages.list(
                                    Arrays.stream(values, at, at + size).boxed().toList(), 8, Rows::shown)
                            + "; one place of a category is 1, all others are 0");
        }
    }

    private ElboException refused(TableColumn column, long row, int at, String problem) {
        return ElboException.data(name + ": row " + row + ", column " + at % features + " (from 0, "
                + Messages.quote(column.name()) + ") " + problem);
    }
}
