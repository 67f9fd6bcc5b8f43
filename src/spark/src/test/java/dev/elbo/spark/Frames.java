package dev.elbo.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** DataFrames of rows in memory. */
final class Frames {
    private Frames() {}

    static StructType schema(Object... namesAndTypes) {
        List<StructField> fields = new ArrayList<>();
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            fields.add(DataTypes.createStructField((String) namesAndTypes[i], (DataType) namesAndTypes[i + 1], true));
        }
        return new StructType(fields.toArray(StructField[]::new));
    }

    static Dataset<Row> of(StructType schema, List<Row> rows) {
        return Sessions.session().createDataFrame(rows, schema);
    }

    private static Dataset<Row> examples(double[][] values, DataType type, Function<double[], Object> cell) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            rows.add(RowFactory.create(i, cell.apply(values[i])));
        }
        return of(schema("id", DataTypes.IntegerType, "features", type), rows);
    }

    /** Returns the columns id, from 0, and features, vectors. */
    static Dataset<Row> vectors(double[][] values) {
        return examples(values, SQLDataTypes.VectorType(), Vectors::dense);
    }

    static Dataset<Row> doubles(double[][] values) {
        return examples(values, DataTypes.createArrayType(DataTypes.DoubleType), row -> row);
    }

    static Dataset<Row> floats(double[][] values) {
        return examples(values, DataTypes.createArrayType(DataTypes.FloatType), row -> {
            Float[] floats = new Float[row.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) row[i];
            }
            return floats;
        });
    }

    /** Returns the columns id and, of double, one for each name. */
    static Dataset<Row> columns(double[][] values, List<String> names) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            Object[] cells = new Object[names.size() + 1];
            cells[0] = i;
            for (int j = 0; j < names.size(); j++) {
                cells[j + 1] = values[i][j];
            }
            rows.add(RowFactory.create(cells));
        }
        Object[] types = new Object[2 * names.size() + 2];
        types[0] = "id";
        types[1] = DataTypes.IntegerType;
        for (int j = 0; j < names.size(); j++) {
            types[2 * j + 2] = names.get(j);
            types[2 * j + 3] = DataTypes.DoubleType;
        }
        return of(schema(types), rows);
    }
}
