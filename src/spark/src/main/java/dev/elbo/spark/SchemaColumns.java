package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns of a DataFrame, found by the names that parameters hold. */
record SchemaColumns(StructType schema) {
    /** The most names that a message lists. */
    private static final int LISTED = 20;

    /** Returns the position of a column. */
    int find(String param, String name) {
        int found = Arrays.asList(schema.fieldNames()).indexOf(name);
        if (found < 0) {
            throw ElboException.data(param + ": there is no column " + Messages.quote(name) + "; there are "
                    + Messages.list(List.of(schema.fieldNames()), LISTED, each -> each));
        }
        return found;
    }

    /** Refuses a column of another type. */
    void require(String param, int column, Predicate<DataType> taken, String wanted) {
        StructField field = schema.fields()[column];
        if (!taken.test(field.dataType())) {
            throw ElboException.data(param + ": column " + Messages.quote(field.name()) + " is "
                    + field.dataType().simpleString() + ", not " + wanted);
        }
    }

    static boolean isVector(DataType type) {
        return type.equals(SQLDataTypes.VectorType());
    }

    static boolean holdsExamples(DataType type) {
        return isVector(type) || isArrayOf(type, DataTypes.FloatType) || isArrayOf(type, DataTypes.DoubleType);
    }

    static boolean isArrayOf(DataType type, DataType element) {
        return type instanceof ArrayType array && array.elementType().equals(element);
    }

    static boolean isNumber(DataType type) {
        return type instanceof NumericType || type instanceof BooleanType;
    }

    static boolean isWordOrNumber(DataType type) {
        return type instanceof StringType || isNumber(type);
    }
}
