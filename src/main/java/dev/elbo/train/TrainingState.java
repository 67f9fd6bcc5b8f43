package dev.elbo.train;

import com.google.gson.JsonObject;
import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.net.Activations;
import dev.elbo.net.StoredModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The state of a run between two programs of the backend, and the way to the next one. */
final class TrainingState {
    private static final double NANO = 1e-9;

    private final TrainingSteps steps;
    private final TrainingOptions options;
    private final EpochEvaluator epochEnd;
    /** The epochs without a better one after which the run ends; 0: never, and the last weights are kept. */
    private final int patience;

    /** The model whose weights the run starts from, or null. */
    private final StoredModel initial;

    private List<EpochMetrics> epochs = new ArrayList<>();
    private SafeTensors.Entry best;
    private double bestLogVar;
    private int kept;
    private long step;
    /** Steps before the epoch that is not complete. */
    private long before;

    private double seconds;
    private int rollbacks;
    private boolean begun;
    private long since;

    /** Initialises the weights that a run starts from. */
    TrainingState(RunResources memory, TrainingOptions options, EpochEvaluator epochEnd, StoredModel initial) {
        this.steps = memory.steps;
        this.options = options;
        this.epochEnd = epochEnd;
        this.patience = memory.judge.isPresent() ? options.patience().getAsInt() : 0;
        this.initial = initial;
        steps.initialize(initial);
    }

    long step() {
        return step;
    }

    /** Returns the steps of the whole run, unless it stops early. */
    long steps() {
        return (long) steps.perEpoch() * options.epochs();
    }

    List<EpochMetrics> epochs() {
        return List.copyOf(epochs);
    }

    boolean isFinished() {
        return epochs.size() >= options.epochs() || patience > 0 && epochs.size() - kept >= patience;
    }

    int rollbacks() {
        return rollbacks;
    }

    private double rateFactor() {
        return Math.scalb(1.0, -rollbacks);
    }

    /** Returns the steps done in the current epoch: all of them if only its measurement is missing, as after an interrupt. */
    private int doneOfEpoch() {
        return Math.toIntExact(step - before);
    }

    /** Runs one program, and evaluates at the end of an epoch. */
    void advance(TrainingListener listener) {
        if (doneOfEpoch() < steps.perEpoch()) {
            beginIfNeeded();
            int queued = steps.next(doneOfEpoch());
            step += queued;
            for (long done = step - queued + 1; done <= step; done++) {
                listener.onStep(done, steps());
            }
        }
        if (doneOfEpoch() == steps.perEpoch()) {
            steps.synchronize();
            pause();
            endEpoch(listener);
        }
    }

    private void beginIfNeeded() {
        if (!begun) {
            int done = doneOfEpoch();
            steps.plan(before, done, steps(), rateFactor());
            since = System.nanoTime();
            steps.start(done);
            begun = true;
        } else if (since == 0) {
            since = System.nanoTime();
        }
    }

    private void pause() {
        if (since != 0) {
            seconds += (System.nanoTime() - since) * NANO;
            since = 0;
        }
    }

    private void endEpoch(TrainingListener listener) {
        int epoch = epochs.size() + 1;
        double rate = rateFactor() * options.learningRate().at(step, steps(), steps.perEpoch());
        EpochMetrics metrics = epochEnd.measure(epoch, step, rate, seconds, listener);
        seconds = 0;
        next();
        epochs.add(metrics);
        if (patience > 0 && (kept == 0 || score(metrics) > score(epochs.get(kept - 1)))) {
            kept = epoch;
            best = steps.weights();
            bestLogVar = steps.vae.storedLogVar();
        }
        listener.onEpoch(metrics);
    }

    private void next() {
        before = step;
        begun = false;
    }

    /** Returns the ELBO on the data that select epochs, or −reconstruction for a plain autoencoder; it compares models. */
    static double score(EpochMetrics epoch) {
        EpochMetrics.Part judged = epoch.judged();
        return Double.isNaN(judged.elbo()) ? -judged.reconstruction() : judged.elbo();
    }

    /** Gives the model the weights that a patience keeps; no step may follow. */
    TrainingResult end(boolean stopped) {
        if (best != null) {
            steps.parameters.flat().write(best.array());
            steps.vae.storeLogVar(bestLogVar);
        }
        EpochMetrics last = epochs.isEmpty() ? null : epochs.get(epochs.size() - 1);
        EpochMetrics result = patience == 0 || kept == 0 ? last : epochs.get(kept - 1);
        EpochMetrics.Part test = result == null ? null : result.test();
        if (result != null && !stopped && test == null) {
            test = epochEnd.test(result);
        }
        return new TrainingResult(epochs(), Optional.ofNullable(result), test, step, stopped);
    }

    /** Runs one step, even if its values are not finite, to diagnose a failure. */
    List<Activations> single() {
        if (doneOfEpoch() == steps.perEpoch()) {
            next();
        }
        beginIfNeeded();
        steps.single(doneOfEpoch());
        step++;
        return steps.activations(doneOfEpoch() - 1);
    }

    /** Returns to the start, with the learning rate halved {@code halvings} times. */
    void restart(int halvings) {
        steps.initialize(initial);
        epochs = new ArrayList<>();
        best = null;
        kept = 0;
        step = 0;
        before = 0;
        seconds = 0;
        rollbacks = halvings;
        begun = false;
        since = 0;
    }

    /** Returns to a checkpoint of the same run, with the rate halved so often; throws data if it is not whole. */
    void restore(Checkpoint checkpoint, int halvings) {
        restart(halvings);
        Checkpoint.Progress progress = checkpoint.progress();
        if (progress.step() > 0) {
            String name = "the checkpoint of step " + progress.step();
            before = (long) checkpoint.epochs().size() * steps.perEpoch();
            long done = progress.step() - before;
            if (done < 0 || done > steps.perEpoch()) {
                throw ElboException.data(
                        name + ": its " + checkpoint.epochs().size() + " epochs do not match its step");
            }
            Map<String, int[]> expected = new LinkedHashMap<>(steps.stored.shapes((int) done));
            if (progress.kept() > 0) {
                expected.put(Checkpoint.BEST, expected.get(StepTensors.PARAMETERS));
            }
            new SafeTensors(Map.of(), checkpoint.tensors()).requireTensors(name, expected);
            steps.stored.restore(checkpoint.tensors(), (int) done);
            steps.vae.storeLogVar(progress.logVar());
        }
        epochs = new ArrayList<>(checkpoint.epochs());
        best = checkpoint.tensors().get(Checkpoint.BEST);
        bestLogVar = progress.bestLogVar();
        kept = progress.kept();
        step = progress.step();
        seconds = progress.seconds();
    }

    /** Returns the current state of the run; throws {@link NotFinite} if a value is not finite. */
    Checkpoint checkpoint(JsonObject identity, Map<String, String> notes) {
        steps.synchronize();
        pause();
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        if (step > 0) {
            epochEnd.requireFinite(step, doneOfEpoch());
            tensors.putAll(steps.stored.tensors(doneOfEpoch()));
            NumericDiagnosis.requireFinite(step, steps.parameters.layout(), tensors);
        }
        if (best != null) {
            tensors.put(Checkpoint.BEST, best);
        }
        return new Checkpoint(
                identity,
                notes,
                new Checkpoint.Progress(step, seconds, rollbacks, kept, steps.vae.storedLogVar(), bestLogVar),
                epochs(),
                tensors);
    }
}
