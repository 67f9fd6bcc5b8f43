package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a DataFrame that a training takes, in the order in which {@link #select} puts them: the examples, the indicator of
 * validation rows and the number that orders the rows, the last two if they are named.
 *
 * @param inputs names of the columns of the examples
 * @param whole whether one column holds whole examples
 * @param isFloat whether all values are float32
 * @param indicator name of the column that tells validation rows; "" for none
 * @param id name of the column that orders the rows; "" for none
 */
record FitPlan(String[] inputs, boolean whole, boolean isFloat, String indicator, String id) implements Serializable {
    /** Checks the columns of a DataFrame. */
    static FitPlan of(VaeEstimator params, StructType schema) {
        SchemaColumns columns = new SchemaColumns(schema);
        boolean named = params.isSet(params.inputCols());
        if (named && params.isSet(params.featuresCol())) {
            throw ElboException.usage("featuresCol and inputCols are both set; clear one of them");
        }
        String[] inputs = named ? params.getInputCols() : new String[] {params.getFeaturesCol()};
        if (inputs.length == 0) {
            throw ElboException.usage("inputCols names no column; name at least one, or set featuresCol");
        }
        if (new HashSet<>(List.of(inputs)).size() < inputs.length) {
            throw ElboException.usage("inputCols names a column twice: " + String.join(", ", inputs));
        }
        boolean isFloat = true;
        for (String input : inputs) {
            int column = columns.find(named ? "inputCols" : "featuresCol", input);
            DataType type = schema.fields()[column].dataType();
            if (named) {
                columns.require(
                        "inputCols",
                        column,
                        SchemaColumns::isNumber,
                        "numbers or booleans; words make a table," + " which elbo train takes");
                isFloat &= type.equals(DataTypes.FloatType);
            } else {
                columns.require(
                        "featuresCol", column, SchemaColumns::holdsExamples, "a vector or an array of float or double");
                isFloat = SchemaColumns.isArrayOf(type, DataTypes.FloatType);
            }
        }
        String indicator = params.getValidationIndicatorCol();
        if (!indicator.isEmpty()) {
            int column = columns.find("validationIndicatorCol", indicator);
            columns.require("validationIndicatorCol", column, BooleanType.class::isInstance, "booleans");
        }
        if (!params.getIdCol().isEmpty()) {
            columns.find("idCol", params.getIdCol());
        }
        return new FitPlan(inputs, !named, isFloat, indicator, params.getIdCol());
    }

    /** Returns the columns of the plan alone, sorted by the number of the rows, or by all values if there is none. */
    Dataset<Row> select(Dataset<?> data) {
        List<Column> taken = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            taken.add(column(inputs[i]).as("x" + i));
        }
        if (!indicator.isEmpty()) {
            taken.add(column(indicator).as("validation"));
        }
        if (!id.isEmpty()) {
            taken.add(column(id).as("id"));
        }
        Dataset<Row> selected = data.toDF().select(taken.toArray(Column[]::new));
        return selected.orderBy(order(selected.schema()));
    }

    private static Column column(String name) {
        return org.apache.spark.sql.functions.col("`" + name.replace("`", "``") + "`");
    }

    private Column[] order(StructType selected) {
        if (!id.isEmpty()) {
            return new Column[] {column("id")};
        }
        return Arrays.stream(selected.fields())
                .map((StructField field) -> SchemaColumns.isVector(field.dataType())
                        ? functions.vector_to_array(column(field.name()), "float64")
                        : column(field.name()))
                .toArray(Column[]::new);
    }

    /** Returns whether a selected row is one of the validation. */
    boolean isValidation(Row row) {
        if (indicator.isEmpty()) {
            return false;
        }
        if (row.isNullAt(inputs.length)) {
            throw ElboException.data(
                    named(row) + "column " + Messages.quote(indicator) + " is null; it must be true or false");
        }
        return row.getBoolean(inputs.length);
    }

    /** Returns the number that orders a selected row; null without one. */
    Object id(Row row) {
        return id.isEmpty() ? null : row.get(row.length() - 1);
    }

    /** Returns the beginning of a message on a selected row. */
    String named(Row row) {
        return id.isEmpty()
                ? "a row: "
                : "the row of " + Messages.quote(id) + " " + Messages.line(String.valueOf(id(row))) + ": ";
    }

    /** Returns a reader of selected rows of so many values. */
    RowReader reader(int width) {
        if (whole) {
            return new RowReader.Whole(0, inputs[0], width, false);
        }
        int[] places = new int[inputs.length];
        Arrays.setAll(places, i -> i);
        return new RowReader.Numbers(places, inputs);
    }
}
