package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** Rows that the model cannot take end the job, are left out or get null, and are counted. */
class InvalidRowsTest {
    private static final double[][] ROWS = Models.numbers(40);

    private static VaeModel model(String handling) {
        return VaeModel.ofFile(Models.ofNumbers().toString())
                .setBackend("cpu")
                .setBatchSize(8)
                .setHandleInvalid(handling);
    }

    /** Rows 3, 17, 18 and 39 are invalid: null, too short, NaN, and only the service sees that 1e300 is too far. */
    private static Dataset<Row> frame() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS.length; i++) {
            double[] row = ROWS[i].clone();
            row[4] = i == 18 ? Double.NaN : row[4];
            row[0] = i == 39 ? 1e300 : row[0];
            Object cell = i == 3 ? null : Vectors.dense(i == 17 ? Arrays.copyOf(row, 5) : row);
            rows.add(RowFactory.create(i, cell));
        }
        return Frames.of(Frames.schema("id", DataTypes.IntegerType, "features", SQLDataTypes.VectorType()), rows)
                .coalesce(1);
    }

    private static double[] expected() {
        return Sessions.numbers(model("error").transform(Frames.vectors(ROWS).coalesce(1)), "score");
    }

    private static final List<Integer> INVALID = List.of(3, 17, 18, 39);

    @Test
    void errorNamesRowColumnAndValue() {
        Dataset<Row> frame = frame();
        refused(
                frame,
                "row 3 of partition 0 (from 0): column 'features' is null; mend the row, or set handleInvalid to");
        refused(
                frame.where("id > 3"),
                "row 13 of partition 0",
                "column 'features' has 5 values, but the model takes 6");
        refused(frame.where("id > 17"), "row 0 of partition 0", "column 'features' has NaN at place 4 (from 0)");
        refused(frame.where("id > 30"), "row 8 of partition 0", "column 0 (from 0) is 1.0E300, which is too far");
        Dataset<Row> columns = Frames.columns(ROWS, Models.NAMES).selectExpr("a", "b", "c", "d", "e", "nullif(f, f) f");
        Sessions.refused(
                Kind.DATA,
                () -> model("error")
                        .setInputCols("a", "b", "c", "d", "e", "f")
                        .transform(columns)
                        .count(),
                "row 0 of partition ",
                "column 'f' is null");
    }

    private static void refused(Dataset<Row> frame, String... words) {
        Sessions.refused(Kind.DATA, () -> model("error").transform(frame).collect(), words);
    }

    @Test
    void skipLeavesThemOutAndSaysSo() {
        List<String> warnings = new ArrayList<>();
        List<Row> rows = warned(warnings, () -> model("skip").transform(frame()).collectAsList());
        assertEquals(36, rows.size());
        double[] expected = expected();
        for (Row row : rows) {
            int id = row.getInt(0);
            assertFalse(INVALID.contains(id));
            assertEquals(expected[id], row.getDouble(3), 1e-4, "row " + id);
        }
        assertEquals(
                List.of(
                        "4 of 40 rows of partition 0 are invalid and left out; the first: row 3 of partition 0 (from 0):"
                                + " column 'features' is null"),
                warnings);
    }

    @Test
    void keepGivesNull() {
        List<String> warnings = new ArrayList<>();
        List<Row> rows = warned(
                warnings,
                () -> model("keep")
                        .setReconstructionCol("usual")
                        .transform(frame())
                        .collectAsList());
        assertEquals(40, rows.size());
        Dataset<Row> valid = model("error")
                .setReconstructionCol("usual")
                .transform(Frames.vectors(ROWS).coalesce(1))
                .cache();
        List<Row> expected = valid.collectAsList();
        for (int i = 0; i < 40; i++) {
            Row row = rows.get(i);
            assertEquals(i, row.getInt(0), "the order stays");
            for (int column = 2; column < 5; column++) {
                assertEquals(INVALID.contains(i), row.isNullAt(column), "row " + i);
            }
            if (!INVALID.contains(i)) {
                assertEquals(expected.get(i).getDouble(3), row.getDouble(3), 1e-4, "row " + i);
                for (int column : new int[] {2, 4}) {
                    Sessions.assertClose(
                            ((Vector) expected.get(i).get(column)).toArray(),
                            ((Vector) row.get(column)).toArray(),
                            1e-5);
                }
            }
        }
        assertEquals(1, warnings.size());
        assertTrue(
                warnings.get(0).startsWith("4 of 40 rows of partition 0 are invalid and get null; "), warnings.get(0));
    }

    @Test
    void aPartitionOfInvalidRowsAloneIsEmptyOrNull() {
        Dataset<Row> nothing = frame().where("id = 3 or id = 17");
        assertEquals(0, model("skip").transform(nothing).count());
        assertEquals(2, model("keep").transform(nothing).where("score is null").count());
        assertEquals(0, model("error").transform(frame().where("id > 100")).count());
    }

    @Test
    void valuesOutsideOfTheUnitIntervalHaveNoBernoulliScore() {
        double[][] rows = Models.pixels(5);
        rows[2][1] = 1.5;
        VaeModel model = VaeModel.ofFile(Models.ofPixels().toString()).setBackend("cpu");
        Dataset<Row> frame = Frames.vectors(rows).coalesce(1);
        Sessions.refused(
                Kind.DATA,
                () -> model.transform(frame).count(),
                "row 2 of partition 0",
                "input 1 (from 0) is 1.5",
                "[0, 1]");
        assertEquals(4, model.setHandleInvalid("skip").transform(frame).count());
        assertEquals(5, model.setScoreCol("").transform(frame).count(), "codes need no such values");
    }

    @Test
    void classesThatAreNoneAreInvalid() {
        List<Row> rows = List.of(
                RowFactory.create(Vectors.dense(ROWS[0]), "cat"),
                RowFactory.create(Vectors.dense(ROWS[1]), "cow"),
                RowFactory.create(Vectors.dense(ROWS[2]), null));
        Dataset<Row> frame = Frames.of(
                        Frames.schema("features", SQLDataTypes.VectorType(), "kind", DataTypes.StringType), rows)
                .coalesce(1);
        VaeModel model = VaeModel.ofFile(Models.ofClasses().toString())
                .setClassCol("kind")
                .setBackend("cpu");
        Sessions.refused(
                Kind.DATA,
                () -> model.transform(frame).count(),
                "row 1 of partition 0 (from 0): column 'kind' is 'cow', none of the model's classes ");
        Dataset<Row> kept = model.setHandleInvalid("keep").transform(frame);
        assertEquals(2, kept.where("score is null").count());
    }

    /** Runs work and collects its warnings, which name no class of Spark. */
    static <T> T warned(List<String> warnings, java.util.function.Supplier<T> work) {
        Logger logger = (Logger) LogManager.getLogger(VaeModel.class.getName());
        AbstractAppender appender = new AbstractAppender("warnings", null, null, true, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                synchronized (warnings) {
                    warnings.add(event.getMessage().getFormattedMessage());
                }
            }
        };
        appender.start();
        Level before = logger.getLevel();
        logger.addAppender(appender);
        logger.setAdditive(false);
        logger.setLevel(Level.WARN);
        try {
            return work.get();
        } finally {
            logger.setLevel(before);
            logger.setAdditive(true);
            logger.removeAppender(appender);
        }
    }
}
