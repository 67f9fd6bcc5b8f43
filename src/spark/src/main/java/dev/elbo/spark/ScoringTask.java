package dev.elbo.spark;

import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The work of a task: the rows of a partition, one batch after the other. */
final class ScoringTask implements MapPartitionsFunction<Row, Row> {
    private static final Logger LOG = LoggerFactory.getLogger(VaeModel.class);

    private final Scoring scoring;
    private final Broadcast<ModelContent.Bytes> model;
    private final LongAccumulator invalid;

    ScoringTask(Scoring scoring, Broadcast<ModelContent.Bytes> model, LongAccumulator invalid) {
        this.scoring = scoring;
        this.model = model;
        this.invalid = invalid;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return rows;
        }
        TaskContext task = TaskContext.get();
        Services.Lease lease = Executor.lend(scoring.settings(), model);
        try {
            ScoredRows scored = new ScoredRows(rows, scoring, lease.service(), task.partitionId());
            task.addTaskCompletionListener((TaskCompletionListener) ended -> {
                lease.close();
                report(scored);
            });
            return scored;
        } catch (Throwable thrown) {
            lease.close();
            throw thrown;
        }
    }

    private void report(ScoredRows scored) {
        if (scored.invalid() > 0) {
            invalid.add(scored.invalid());
            LOG.warn(
                    "{} of {} rows of partition {} are invalid and {}; the first: {}",
                    scored.invalid(),
                    scored.taken(),
                    scored.partition(),
                    scoring.invalid().equals(VaeParams.SKIP) ? "left out" : "get null",
                    scored.firstProblem());
        }
        if (scored.unknownWords() > 0) {
            LOG.warn(
                    "{} words of partition {} are not in the table of the model and taken as missing values",
                    scored.unknownWords(),
                    scored.partition());
        }
    }
}
