package dev.elbo.spark;

import dev.elbo.io.Text;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.TrainingListener;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** The driver's view of a training: a line of its log for each epoch, and a listener of the caller's. */
final class FitConsole extends SparkListener {
    private static final Logger LOG = LoggerFactory.getLogger(VaeEstimator.class);

    private final long progress;
    private final TrainingListener listener;
    /** Events that were told, of each attempt. */
    private final Map<Integer, Integer> told = new HashMap<>();

    private long step;

    /** @param progress id of the accumulator */
    FitConsole(long progress, TrainingListener listener) {
        this.progress = progress;
        this.listener = listener;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> CollectionConverters.asJava(task._4()).forEach(this::see));
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        if (end.taskInfo() != null) {
            CollectionConverters.asJava(end.taskInfo().accumulables()).forEach(this::see);
        }
    }

    private void see(AccumulableInfo info) {
        if (info.id() == progress
                && info.update().isDefined()
                && info.update().get() instanceof FitProgress.State state) {
            see(state);
        }
    }

    /** Tells what is new of what an attempt has said so far. Whatever comes twice, or too late, is told once. */
    synchronized void see(FitProgress.State state) {
        List<FitProgress.Event> events = state.events();
        Optional<Integer> attempt = events.stream()
                .filter(FitProgress.Started.class::isInstance)
                .map(event -> ((FitProgress.Started) event).attempt())
                .findFirst();
        if (attempt.isEmpty()) {
            return;
        }
        int from = Math.min(told.getOrDefault(attempt.get(), 0), events.size());
        told.merge(attempt.get(), events.size(), Math::max);
        events.subList(from, events.size()).forEach(this::tell);
        if (state.steps() != null && state.steps().done() != step) {
            step = state.steps().done();
            guarded(() -> listener.onStep(step, state.steps().all()));
        }
    }

    private void tell(FitProgress.Event event) {
        if (event instanceof FitProgress.Epoch complete) {
            EpochMetrics epoch = complete.epoch().metrics();
            LOG.info("{}", line(epoch));
            guarded(() -> listener.onEpoch(epoch));
        } else if (event instanceof FitProgress.Note note) {
            LOG.info("note: {}", note.line());
            guarded(() -> listener.onNote(note.line()));
        } else if (event instanceof FitProgress.Started started) {
            LOG.info("attempt {} {}", started.attempt(), started.how());
        }
    }

    /** Tells the caller's listener, whose exceptions are no reason to end a training that others do. */
    private static void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException e) {
            LOG.warn("the listener has failed; the training goes on", e);
        }
    }

    private static String line(EpochMetrics epoch) {
        EpochMetrics.Part judged = epoch.judged();
        return Text.format(
                "epoch %d: training %s%s, %.0f examples/s",
                epoch.epoch(),
                part(epoch.train()),
                judged == null ? "" : ", held out " + part(judged),
                epoch.examplesPerSecond());
    }

    /** Returns the ELBO and its KL divergence, or of a plain autoencoder the loss. */
    private static String part(EpochMetrics.Part part) {
        return Double.isNaN(part.elbo())
                ? Text.format("loss %.4f", part.loss())
                : Text.format("ELBO %.4f (KL %.4f)", part.elbo(), part.kl());
    }
}
