package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The session that all tests share, and what they look for in its answers. */
public final class Sessions {
    private Sessions() {}

    /** Returns the session, with two cores, made by the first call and stopped with the process. */
    public static SparkSession session() {
        return SparkSession.builder()
                .master("local[2]")
                .appName("elbo-spark tests")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "localhost")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", "2")
                .config("spark.sql.streaming.stopTimeout", "10s")
                .getOrCreate();
    }

    static List<Row> rows(Dataset<Row> frame) {
        return frame.collectAsList();
    }

    static double[][] vectors(Dataset<Row> frame, String column) {
        return rows(frame.select(column)).stream()
                .map(row -> ((Vector) row.get(0)).toArray())
                .toArray(double[][]::new);
    }

    static double[] numbers(Dataset<Row> frame, String column) {
        return rows(frame.select(column)).stream()
                .mapToDouble(row -> row.getDouble(0))
                .toArray();
    }

    static void assertClose(double[][] expected, double[][] actual, double bound) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertClose(expected[i], actual[i], bound);
        }
    }

    /** Requires numbers within a bound relative to the larger of 1 and the number. */
    static void assertClose(double[] expected, double[] actual, double bound) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], bound * Math.max(1, Math.abs(expected[i])), "at " + i);
        }
    }

    static double[][] wide(float[][] rows) {
        return Arrays.stream(rows).map(Sessions::wide).toArray(double[][]::new);
    }

    static double[] wide(float[] row) {
        double[] wide = new double[row.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = row[i];
        }
        return wide;
    }

    /** Requires that work ends with an error of one line with all of some words, perhaps behind Spark's own words. */
    static void refused(ElboException.Kind kind, Runnable work, String... words) {
        Throwable thrown = null;
        try {
            work.run();
        } catch (Throwable e) {
            thrown = e;
        }
        assertTrue(thrown != null, "nothing was refused, for " + List.of(words));
        while (!(thrown instanceof ElboException) && thrown.getCause() != null) {
            thrown = thrown.getCause();
        }
        assertTrue(thrown instanceof ElboException, String.valueOf(thrown));
        assertEquals(kind, ((ElboException) thrown).kind(), thrown.getMessage());
        for (String word : words) {
            assertTrue(thrown.getMessage().contains(word), thrown.getMessage() + " lacks: " + word);
        }
        assertFalse(thrown.getMessage().contains("\n"), thrown.getMessage());
    }
}
