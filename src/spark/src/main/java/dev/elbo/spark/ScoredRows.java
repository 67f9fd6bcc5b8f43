package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.model.Table;
import dev.elbo.net.Network;
import dev.elbo.serve.VaeService;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The rows of a partition with their outputs, in their order. A batch of them is in memory at a time. */
final class ScoredRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Scoring scoring;
    private final VaeService service;
    private final int partition;
    private final RowReader reader;
    private final RowClasses classes;
    private final Table table;
    private final boolean unitInterval;
    private final int width;
    private final int latent;

    /** The rows of the batch, and of each the place of its answer; −1 for an invalid one that is kept. */
    private final Row[] batch;

    private final int[] answers;
    /** The number in the partition of the row behind each answer. */
    private final long[] numbers;

    private final double[] x;
    private final String[] names;
    private final float[] codes;
    private final double[] scores;
    private final double[] made;
    private int count;
    private int next;

    private long taken;
    private long invalid;
    private String firstProblem;

    ScoredRows(Iterator<Row> rows, Scoring scoring, VaeService service, int partition) {
        this.rows = rows;
        this.scoring = scoring;
        this.service = service;
        this.partition = partition;
        table = service.inputs().table().orElse(null);
        width = service.spec().inputs();
        latent = service.spec().latent();
        reader = reader();
        classes = scoring.classes() < 0
                ? null
                : new RowClasses(
                        service.spec().classes(),
                        scoring.classes(),
                        scoring.output().fieldNames()[scoring.classes()]);
        unitInterval = scoring.score() != null
                && Network.of(service.spec()).likelihood().binary();
        int size = scoring.settings().batchSize();
        batch = new Row[size];
        answers = new int[size];
        numbers = new long[size];
        names = new String[size];
        x = new double[Math.multiplyExact(size, width)];
        codes = new float[scoring.latent() ? size * latent : 0];
        scores = new double[scoring.score() == null ? 0 : size];
        made = new double[scoring.reconstruction() ? x.length : 0];
    }

    private RowReader reader() {
        if (scoring.whole()) {
            return new RowReader.Whole(scoring.inputs()[0], scoring.names()[0], width, table != null);
        }
        return table == null
                ? new RowReader.Numbers(scoring.inputs(), scoring.names())
                : new TableRows(table, scoring.inputs(), scoring.unknownMissing());
    }

    int partition() {
        return partition;
    }

    /** Returns how many rows were taken so far. */
    long taken() {
        return taken;
    }

    /** Returns how many of them are invalid. */
    long invalid() {
        return invalid;
    }

    /** Returns the problem of the first invalid row. */
    String firstProblem() {
        return firstProblem;
    }

    long unknownWords() {
        return reader.unknownWords();
    }

    @Override
    public boolean hasNext() {
        while (next == count && rows.hasNext()) {
            fill();
        }
        return next < count;
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Row row = batch[next];
        batch[next] = null;
        return withOutputs(row, answers[next++]);
    }

    /** Takes the next batch and computes it; all of its rows may turn out to be left out. */
    private void fill() {
        count = 0;
        next = 0;
        int valid = 0;
        while (count < batch.length && rows.hasNext()) {
            Row row = rows.next();
            long number = taken++;
            String problem = read(row, valid);
            if (problem == null) {
                numbers[valid] = number;
                answers[count] = valid++;
                batch[count++] = row;
            } else if (refused(number, problem)) {
                answers[count] = -1;
                batch[count++] = row;
            }
        }
        compute(0, valid);
    }

    private String read(Row row, int place) {
        String problem = reader.read(row, x, place * width);
        if (problem == null && classes != null) {
            problem = classes.read(row, names, place);
        }
        if (problem == null && unitInterval) {
            for (int i = 0; i < width; i++) {
                double value = x[place * width + i];
                if (!(value >= 0 && value <= 1)) {
                    return "input " + i + " (from 0) is " + value
                            + ", but the model's Bernoulli likelihood needs values in [0, 1]";
                }
            }
        }
        return problem;
    }

    /**
     * Counts an invalid row.
     *
     * @return whether it is kept
     * @throws ElboException data, if it ends the job
     */
    private boolean refused(long number, String problem) {
        String line = "row " + number + " of partition " + partition + " (from 0): " + problem;
        if (scoring.invalid().equals(VaeParams.ERROR)) {
            throw ElboException.data(line + "; mend the row, or set handleInvalid to skip or keep");
        }
        invalid++;
        if (firstProblem == null) {
            firstProblem = line;
        }
        return scoring.invalid().equals(VaeParams.KEEP);
    }

    /** Computes answers. A row that fails them all is found by halves, since a single row costs as much as a batch. */
    private void compute(int from, int to) {
        if (from == to) {
            return;
        }
        try {
            answer(from, to);
        } catch (ElboException e) {
            boolean ofRow = e.kind() == ElboException.Kind.DATA || e.kind() == ElboException.Kind.NUMERIC;
            if (!ofRow) {
                throw e;
            }
            if (to - from > 1) {
                int middle = (from + to) >>> 1;
                compute(from, middle);
                compute(middle, to);
            } else {
                drop(from, e.getMessage().replaceFirst("^\\w+: row 0(, | \\(from 0\\) )", ""));
            }
        }
    }

    private void drop(int answer, String problem) {
        boolean kept = refused(numbers[answer], problem);
        int end = 0;
        for (int i = 0; i < count; i++) {
            boolean dropped = answers[i] == answer;
            if (!dropped || kept) {
                batch[end] = batch[i];
                answers[end++] = dropped ? -1 : answers[i];
            }
        }
        count = end;
    }

    private void answer(int from, int to) {
        int rows = to - from;
        double[] given = rows * width == x.length ? x : Arrays.copyOfRange(x, from * width, to * width);
        VaeService here = classes == null ? service : service.inClass(Arrays.copyOfRange(names, from, to));
        if (scoring.latent()) {
            System.arraycopy(here.encode(given), 0, codes, from * latent, rows * latent);
        }
        if (scoring.score() != null) {
            System.arraycopy(here.anomalyScores(given, scoring.score()), 0, scores, from, rows);
        }
        if (scoring.reconstruction()) {
            System.arraycopy(here.reconstruct(given), 0, made, from * width, rows * width);
        }
    }

    private Row withOutputs(Row row, int answer) {
        int given = row.size();
        Object[] cells = new Object[given + scoring.outputs()];
        for (int i = 0; i < given; i++) {
            cells[i] = row.get(i);
        }
        if (answer >= 0) {
            addOutputs(cells, given, answer);
        }
        return RowFactory.create(cells);
    }

    private void addOutputs(Object[] cells, int given, int answer) {
        int at = given;
        if (scoring.latent()) {
            double[] code = new double[latent];
            for (int i = 0; i < latent; i++) {
                code[i] = codes[answer * latent + i];
            }
            cells[at++] = Vectors.dense(code);
        }
        if (scoring.score() != null) {
            cells[at++] = scores[answer];
        }
        if (scoring.reconstruction()) {
            int start = answer * width;
            cells[at] = table == null
                    ? Vectors.dense(Arrays.copyOfRange(made, start, start + width))
                    : TableRows.row(table, made, start);
        }
    }
}
