package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.group.GroupKey;
import dev.elbo.train.TrainingListener;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** One call of {@link VaeEstimator#fit}, on the driver. */
final class Fit {
    private static final Logger LOG = LoggerFactory.getLogger(VaeEstimator.class);

    private final VaeEstimator params;
    private final FitSettings settings;
    private final TrainingListener listener;
    private TrainingOutcome.Trained outcome;

    Fit(VaeEstimator params, TrainingListener listener) {
        this.params = params;
        this.settings = new FitSettings(params);
        this.listener = listener;
    }

    VaeModel run(Dataset<?> dataset) {
        if (dataset.isStreaming()) {
            throw ElboException.usage("the rows are a stream; a model is trained on rows that are all there");
        }
        SparkContext context = dataset.sparkSession().sparkContext();
        Cluster.check(context.conf(), List.of(params.getAllow()));
        FitPlan plan = FitPlan.of(params, dataset.schema());
        if (plan.id().isEmpty()) {
            LOG.warn("idCol is not set: the rows are sorted by all their values, and numbered in that order");
        }
        NumberedRows rows = NumberedRows.of(plan, params.getDataName(), dataset);
        if (rows.training() < params.getShards()) {
            throw ElboException.usage("shards is " + params.getShards() + ", more than the " + rows.training()
                    + " rows to train on; set fewer");
        }
        int workers = Cluster.workers(params.getWorkers(), params.getShards(), () -> Cluster.slots(context));
        int width = plan.whole() ? width(rows.first()) : plan.inputs().length;
        LOG.info(
                "{} rows of {} values to train on, {} held out; {} shards on {} workers",
                rows.training(),
                width,
                rows.heldOut(),
                params.getShards(),
                workers);
        outcome = train(context, plan, rows.byWorkers(width, params.getShards(), workers), width);
        LOG.info(
                "the first worker has exchanged {} bytes, in {} of {} s",
                outcome.exchanged(),
                Math.round(outcome.exchangeSeconds() * 10) / 10.0,
                Math.round(outcome.trainingSeconds() * 10) / 10.0);
        return model();
    }

    /** Returns what the first worker has returned, after {@link #run}. */
    TrainingOutcome.Trained outcome() {
        return outcome;
    }

    private static int width(Row first) {
        Object value = first.get(0);
        return value instanceof Vector vector ? vector.size() : value instanceof Seq<?> values ? values.length() : 1;
    }

    private TrainingOutcome.Trained train(
            SparkContext context, FitPlan plan, JavaPairRDD<Long, Object> rows, int width) {
        JavaSparkContext java = JavaSparkContext.fromSparkContext(context);
        Broadcast<byte[]> secret = java.broadcast(GroupKey.random(GroupKey.SECRET_BYTES));
        FitProgress progress = new FitProgress();
        context.register(progress, params.uid());
        FitConsole console = new FitConsole(progress.id(), listener);
        context.addSparkListener(console);
        try {
            boolean validated = !plan.indicator().isEmpty();
            TrainingTask task = new TrainingTask(settings, plan, width, validated, secret, hadoop(context), progress);
            // behind a shuffle, so that Spark runs all tasks again after one has failed
            List<TrainingOutcome> outcomes =
                    barrier(rows.rdd(), task).repartition(1).collect();
            // listeners hear of the end of tasks later than this
            console.see(progress.value());
            return trained(outcomes);
        } finally {
            context.removeSparkListener(console);
            secret.destroy();
        }
    }

    private static TrainingOutcome.Trained trained(List<TrainingOutcome> outcomes) {
        for (TrainingOutcome outcome : outcomes) {
            if (outcome instanceof TrainingOutcome.Failed failed) {
                throw failed.exception();
            }
        }
        return (TrainingOutcome.Trained) outcomes.get(0);
    }

    private static JavaRDD<TrainingOutcome> barrier(RDD<Tuple2<Long, Object>> rows, TrainingTask task) {
        ClassTag<TrainingOutcome> type = ClassTag$.MODULE$.apply(TrainingOutcome.class);
        Function1<Iterator<Tuple2<Long, Object>>, Iterator<TrainingOutcome>> work = new Work(task);
        return new JavaRDD<>(rows.barrier().mapPartitions(work, false, type), type);
    }

    /** The work of a task as Scala's functions are. */
    private static final class Work extends AbstractFunction1<Iterator<Tuple2<Long, Object>>, Iterator<TrainingOutcome>>
            implements Serializable {
        private static final long serialVersionUID = 1;
        private final TrainingTask task;

        Work(TrainingTask task) {
            this.task = task;
        }

        @Override
        public Iterator<TrainingOutcome> apply(Iterator<Tuple2<Long, Object>> rows) {
            return CollectionConverters.asScala(task.train(CollectionConverters.asJava(rows)));
        }
    }

    private static Map<String, String> hadoop(SparkContext context) {
        Map<String, String> settings = new HashMap<>();
        context.hadoopConfiguration().forEach(entry -> settings.put(entry.getKey(), entry.getValue()));
        return settings;
    }

    private VaeModel model() {
        VaeModel model = new VaeModel(
                params.uid() + "_model",
                ModelContent.of(params.getDataName(), outcome.file()),
                outcome.epochs().stream().map(EpochText::metrics).toList());
        if (params.isSet(params.featuresCol())) {
            model.setFeaturesCol(params.getFeaturesCol());
        }
        if (params.isSet(params.inputCols())) {
            model.setInputCols(params.getInputCols());
        }
        model.setParent(params);
        return model;
    }
}
