package dev.elbo.spark;

import dev.elbo.data.HeldOut;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.Serializable;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * The rows of a DataFrame in their order, each with its place in the training or the held-out part, as a data set in one process has
 * them. Numbers are found from the counts of the sorted partitions, and no process sees all rows.
 */
final class NumberedRows {
    private final FitPlan plan;
    private final String name;
    private final JavaRDD<Row> sorted;
    private final List<Count> counts;
    private final long training;
    private final long validation;

    /** The rows of a sorted partition. */
    private record Count(int partition, long training, long validation) implements Serializable {
        long all() {
            return training + validation;
        }
    }

    private NumberedRows(FitPlan plan, String name, JavaRDD<Row> sorted, List<Count> counts) {
        this.plan = plan;
        this.name = name;
        this.sorted = sorted;
        this.counts = counts;
        this.training = counts.stream().mapToLong(Count::training).sum();
        this.validation = counts.stream().mapToLong(Count::validation).sum();
    }

    /** Sorts and counts the rows, in a job. */
    static NumberedRows of(FitPlan plan, String name, Dataset<?> data) {
        JavaRDD<Row> sorted = plan.select(data).javaRDD();
        List<Count> counts = new ArrayList<>(sorted.mapPartitionsWithIndex(
                        (Integer partition, Iterator<Row> rows) ->
                                List.of(count(plan, partition, rows)).iterator(),
                        false)
                .collect());
        counts.sort(Comparator.comparingInt(Count::partition));
        NumberedRows numbered = new NumberedRows(plan, name, sorted, counts);
        long all = numbered.training + numbered.validation;
        if (all > Integer.MAX_VALUE) {
            throw ElboException.data(name + ": has " + all + " rows; at most 2^31 − 1 are trained on");
        }
        if (numbered.training == 0) {
            throw ElboException.data(
                    name + ": has no rows to train on" + (all == 0 ? "" : "; all are those of " + plan.indicator()));
        }
        return numbered;
    }

    private static Count count(FitPlan plan, int partition, Iterator<Row> rows) {
        long training = 0;
        long validation = 0;
        Object before = null;
        while (rows.hasNext()) {
            Row row = rows.next();
            Object id = plan.id(row);
            if (!plan.id().isEmpty() && (id == null || id.equals(before))) {
                // equal ones are neighbours in one partition
                throw ElboException.data("idCol: column " + Messages.quote(plan.id())
                        + (id == null ? " is null in a row" : " is " + Messages.line(id.toString()) + " in two rows")
                        + "; the order of the rows needs a different value in each");
            }
            before = id;
            if (plan.isValidation(row)) {
                validation++;
            } else {
                training++;
            }
        }
        return new Count(partition, training, validation);
    }

    /** Returns the training rows, of which a tenth is yet to be held out where no column tells others. */
    int training() {
        return plan.indicator().isEmpty() ? HeldOut.kept(name, (int) training) : (int) training;
    }

    /** Returns the rows that judge the epochs. */
    int heldOut() {
        return (int) (training + validation - training());
    }

    /** Returns the first row. */
    Row first() {
        return sorted.first();
    }

    /**
     * Returns the rows of each worker, in a partition each and in their order: values as {@code float[]} or {@code double[]} by keys
     * as {@link ShardPartitioner} has them.
     *
     * @param width values of a row
     */
    JavaPairRDD<Long, Object> byWorkers(int width, int shards, int workers) {
        long[] trainingBefore = new long[counts.size()];
        long[] validationBefore = new long[counts.size()];
        for (int i = 1; i < counts.size(); i++) {
            trainingBefore[i] = trainingBefore[i - 1] + counts.get(i - 1).training();
            validationBefore[i] = validationBefore[i - 1] + counts.get(i - 1).validation();
        }
        Keys keys = new Keys(plan, name, (int) training, width, trainingBefore, validationBefore);
        return JavaPairRDD.fromJavaRDD(sorted.mapPartitionsWithIndex(keys::of, false))
                .repartitionAndSortWithinPartitions(new ShardPartitioner(shards, workers));
    }

    /** The keys of the rows of a sorted partition. */
    private record Keys(
            FitPlan plan, String name, int training, int width, long[] trainingBefore, long[] validationBefore)
            implements Serializable {
        Iterator<Tuple2<Long, Object>> of(int partition, Iterator<Row> rows) {
            Places places = plan.indicator().isEmpty() ? Places.of(name, training) : null;
            RowReader reader = plan.reader(width);
            return new Iterator<>() {
                private long nextTraining = trainingBefore[partition];
                private long nextValidation = validationBefore[partition];

                @Override
                public boolean hasNext() {
                    return rows.hasNext();
                }

                @Override
                public Tuple2<Long, Object> next() {
                    Row row = rows.next();
                    double[] values = new double[width];
                    String problem = reader.read(row, values, 0);
                    if (problem != null) {
                        throw ElboException.data(
                                name + ": " + plan.named(row) + problem + "; remove or replace such rows");
                    }
                    long key = plan.isValidation(row)
                            ? ShardPartitioner.HELD_OUT + nextValidation++
                            : places == null ? nextTraining++ : places.key((int) nextTraining++);
                    return new Tuple2<>(key, plan.isFloat() ? floats(values) : values);
                }
            };
        }

        private static float[] floats(double[] values) {
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            return floats;
        }
    }

    /**
     * The places of rows of which a tenth is held out. There is one for each process and number of rows, of four bytes a row, while
     * memory is not needed for other things.
     */
    private record Places(int[] places, int kept) {
        private static SoftReference<Places> last = new SoftReference<>(null);

        static synchronized Places of(String name, int rows) {
            Places known = last.get();
            if (known == null || known.places.length != rows) {
                HeldOut order = HeldOut.of(name, rows);
                known = new Places(new int[rows], order.kept());
                for (int place = 0; place < rows; place++) {
                    known.places[order.permutation()[place]] = place;
                }
                last = new SoftReference<>(known);
            }
            return known;
        }

        long key(int row) {
            int place = places[row];
            return place < kept ? place : ShardPartitioner.HELD_OUT + place - kept;
        }
    }
}
