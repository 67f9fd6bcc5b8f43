package dev.elbo.spark;

import dev.elbo.io.Messages;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import scala.collection.Seq;

/** A reader of the values of rows, in the order of the model's inputs. */
interface RowReader {
    /**
     * Reads a row.
     *
     * @param values receives the values
     * @param at the place of the first one
     * @return the problem of a row that the model cannot take, for a message; null if there is none
     */
    String read(Row row, double[] values, int at);

    /** Returns how many words were taken as missing values because the model's table lacks them. */
    default long unknownWords() {
        return 0;
    }

    /** Returns the number that a value is, a boolean being 0 or 1. */
    static double number(Object value) {
        return value instanceof Boolean yes ? (yes ? 1 : 0) : ((Number) value).doubleValue();
    }

    /**
     * A reader of columns of numbers, one for each input.
     *
     * @param columns positions in a row
     * @param names for messages
     */
    record Numbers(int[] columns, String[] names) implements RowReader {
        @Override
        public String read(Row row, double[] values, int at) {
            for (int i = 0; i < columns.length; i++) {
                Object value = row.get(columns[i]);
                double number = value == null ? Double.NaN : number(value);
                if (!Double.isFinite(number)) {
                    return "column " + Messages.quote(names[i]) + " is " + value;
                }
                values[at + i] = number;
            }
            return null;
        }
    }

    /**
     * A reader of a column of vectors or arrays.
     *
     * @param column position in a row
     * @param name for messages
     * @param width values of an example
     * @param gaps whether NaN is a missing value
     */
    record Whole(int column, String name, int width, boolean gaps) implements RowReader {
        @Override
        public String read(Row row, double[] values, int at) {
            Object value = row.get(column);
            if (value == null) {
                return "column " + Messages.quote(name) + " is null";
            }
            int size = value instanceof Vector vector ? vector.size() : ((Seq<?>) value).length();
            if (size != width) {
                return "column " + Messages.quote(name) + " has " + size + " values, but the model takes " + width;
            }
            if (value instanceof Vector vector) {
                double[] given = vector instanceof DenseVector dense ? dense.values() : vector.toArray();
                System.arraycopy(given, 0, values, at, width);
            } else if (!copy((Seq<?>) value, values, at)) {
                return "column " + Messages.quote(name) + " has a null among its values";
            }
            return problem(values, at);
        }

        private boolean copy(Seq<?> given, double[] values, int at) {
            for (int i = 0; i < width; i++) {
                Object each = given.apply(i);
                if (each == null) {
                    return false;
                }
                values[at + i] = ((Number) each).doubleValue();
            }
            return true;
        }

        private String problem(double[] values, int at) {
            for (int i = 0; i < width; i++) {
                double value = values[at + i];
                if (gaps ? Double.isInfinite(value) : !Double.isFinite(value)) {
                    return "column " + Messages.quote(name) + " has " + value + " at place " + i + " (from 0)";
                }
            }
            return null;
        }
    }
}
