package dev.elbo.train;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Owned;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains one model. Where the run is, is a {@link Checkpoint} at any moment between two programs of the backend: it can be
 * saved there, stopped and gone on with, and the result has the same bits.
 */
public final class Trainer implements AutoCloseable {
    /** Afterwards the learning rate is a 32nd, and it is not the learning rate. */
    private static final int MOST_ROLLBACKS = 5;

    private static final double NANO = 1e-9;

    private final Owned owned = new Owned();
    private final Backend backend;
    private final VaeSpec spec;
    private final Objective objective;
    private final TrainingOptions options;
    private final Dataset train;
    private final Dataset test;
    private final TrainingSteps steps;
    private final EpochEnd epochEnd;
    private JsonObject identity;
    private List<EpochMetrics> epochs = new ArrayList<>();
    private SafeTensors.Entry best;
    private double bestLogVar;
    private int kept;
    private long step;
    private double seconds;
    private int rollbacks;
    private boolean begun;
    private long since;
    private boolean over;
    private Map<String, String> resumedNotes;

    /**
     * Allocates everything and initialises the weights from the seed and the training data's statistics.
     *
     * @param test never trained on
     * @throws IllegalArgumentException if the data do not fit the model
     * @throws ElboException usage, if dropping the last batch leaves none
     */
    public Trainer(
            Backend backend, VaeSpec spec, Objective objective, TrainingOptions options, Dataset train, Dataset test) {
        this.backend = backend;
        this.spec = spec;
        this.objective = objective;
        this.options = options;
        this.train = train;
        this.test = test;
        try {
            RunMemory memory = owned.add(new RunMemory(backend, spec, objective, options, train, test));
            steps = memory.steps();
            steps.initialize();
            epochEnd = new EpochEnd(steps, objective, options, memory.evaluator());
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** The model, as far as it is trained. */
    public Vae vae() {
        return steps.vae();
    }

    /** Its weights. */
    public Arena parameters() {
        return steps.parameters();
    }

    /** Steps of the whole run, should it not stop early. */
    public long steps() {
        return (long) steps.perEpoch() * options.epochs();
    }

    /** Steps done. */
    public long step() {
        return step;
    }

    /** The epochs that are complete. */
    public List<EpochMetrics> epochs() {
        return List.copyOf(epochs);
    }

    /** Whether nothing is left to do: all epochs are done, or the test ELBO has not improved for the options' patience. */
    public boolean isFinished() {
        return step >= steps() || options.patience() > 0 && epochs.size() - kept >= options.patience();
    }

    /** What decides the bits of the result, as JSON; checkpoints carry it. */
    public JsonObject identity() {
        if (identity == null) {
            identity = RunIdentity.of(backend, spec, objective, options, train, test);
        }
        return identity.deepCopy();
    }

    /** Trains to the end without saving anything; see {@link #run(TrainingListener, Checkpoints, CheckpointRule)}. */
    public TrainingResult run(TrainingListener listener) {
        return run(listener, null);
    }

    /**
     * Trains to the end, until the test ELBO has not improved for the options' patience, or until it is stopped: by the
     * listener or by an interrupt of the thread, whose status stays set. Then the run is saved; another {@code run} needs a
     * trainer that {@link #resume resumes} it.
     *
     * @throws ElboException numeric, if a loss, gradient or weight is not finite, naming step, tensor and log σ²; io, if the
     *     run could not be saved
     */
    public TrainingResult run(TrainingListener listener, Checkpoints checkpoints, CheckpointRule rule) {
        return run(listener, new RunSaver(this, checkpoints, rule, resumedNotes));
    }

    private TrainingResult run(TrainingListener listener, RunSaver saver) {
        if (over) {
            throw new IllegalStateException("this run is over; make a trainer anew and resume the checkpoint");
        }
        if (saver != null) {
            saver.begin();
        }
        while (true) {
            try {
                boolean stopped = !isFinished()
                        && (listener.stop() || Thread.currentThread().isInterrupted());
                if (stopped || isFinished()) {
                    if (saver != null) {
                        saver.saveAtEnd();
                    }
                    return end(stopped);
                }
                advance(listener);
                if (saver != null) {
                    saver.saveIfDue(steps.perEpoch());
                }
            } catch (NotFinite failure) {
                recover(failure, listener, saver);
            }
        }
    }

    private TrainingResult end(boolean stopped) {
        over = true;
        if (best != null) {
            parameters().flat().write(best.array());
            vae().storeLogVar(bestLogVar);
        }
        EpochMetrics last = epochs.isEmpty() ? null : epochs.get(epochs.size() - 1);
        return new TrainingResult(
                epochs(), options.patience() == 0 || kept == 0 ? last : epochs.get(kept - 1), step, stopped);
    }

    private int doneOfEpoch() {
        return (int) (step % steps.perEpoch());
    }

    /** One program, and what follows at the end of an epoch. */
    private void advance(TrainingListener listener) {
        beginIfNeeded();
        int queued = steps.next(doneOfEpoch());
        for (int i = 0; i < queued; i++) {
            step++;
            listener.onStep(step, steps());
        }
        if (doneOfEpoch() == 0) {
            backend.synchronize();
            pause();
            endEpoch(listener);
        }
    }

    private void beginIfNeeded() {
        if (!begun) {
            int done = doneOfEpoch();
            steps.plan(step - done, done, steps(), Math.scalb(1.0, -rollbacks));
            since = System.nanoTime();
            steps.start(done);
            begun = true;
        } else if (since == 0) {
            since = System.nanoTime();
        }
    }

    /** What follows is not training. */
    private void pause() {
        if (since != 0) {
            seconds += (System.nanoTime() - since) * NANO;
            since = 0;
        }
    }

    private void endEpoch(TrainingListener listener) {
        int epoch = Math.toIntExact(step / steps.perEpoch());
        double rate = Math.scalb(1.0, -rollbacks) * options.learningRate().at(step, steps(), steps.perEpoch());
        EpochMetrics metrics = epochEnd.measure(epoch, step, rate, seconds, listener);
        seconds = 0;
        begun = false;
        epochs.add(metrics);
        if (options.patience() > 0
                && (kept == 0
                        || score(metrics.test()) > score(epochs.get(kept - 1).test()))) {
            kept = epoch;
            best = steps.weights();
            bestLogVar = vae().storedLogVar();
        }
        listener.onEpoch(metrics);
    }

    private static double score(EpochMetrics.Part test) {
        return Double.isNaN(test.elbo()) ? -test.reconstruction() : test.elbo();
    }

    private void recover(NotFinite failure, TrainingListener listener, RunSaver saver) {
        if (options.onNan() == OnNan.STOP || rollbacks == MOST_ROLLBACKS) {
            String where =
                    saver == null ? "" : new NumericDiagnosis(steps, vae()).of(failure.step(), this, saver, listener);
            throw ElboException.numeric(failure.getMessage() + where + "; lower --learning-rate, "
                    + (rollbacks == 0
                            ? "or look for extreme values in the data"
                            : "it was halved " + rollbacks + " times already; look for extreme values in the data"));
        }
        rollbacks++;
        goBack(saver);
        listener.onRollback(
                failure.getMessage() + "; back to step " + step + ", with " + Math.scalb(1.0, -rollbacks)
                        + " of the learning rate",
                epochs());
    }

    /** To what was saved last, or the start; the learning rate stays what it is. */
    void goBack(RunSaver saver) {
        int now = rollbacks;
        if (saver != null) {
            restore(saver.newest());
        } else {
            restart();
        }
        rollbacks = now;
    }

    private void restart() {
        steps.initialize();
        epochs = new ArrayList<>();
        best = null;
        kept = 0;
        step = 0;
        seconds = 0;
        rollbacks = 0;
        begun = false;
        since = 0;
    }

    /** Goes on by one step, whatever comes of it; for those who look into a failure. */
    Activations single() {
        beginIfNeeded();
        Activations activations = steps.single(doneOfEpoch());
        step++;
        begun = doneOfEpoch() != 0;
        return activations;
    }

    /**
     * Goes back or ahead to a checkpoint, of a run that would have the same bits.
     *
     * @throws ElboException usage, with every difference, if it is of another run; data, if it is not whole
     */
    public void resume(Checkpoint checkpoint) {
        List<String> differences = RunIdentity.differences(checkpoint.run(), identity());
        int complete = checkpoint.epochs().size();
        if (complete > options.epochs()) {
            differences.add("training.epochs is " + options.epochs() + " here, " + complete + " are done");
        }
        if (!differences.isEmpty()) {
            throw ElboException.usage("the checkpoint of step " + checkpoint.step() + " is of another run: "
                    + String.join("; ", differences) + "; give the options that it had, or start another run");
        }
        restore(checkpoint);
        resumedNotes = checkpoint.notes();
        over = false;
    }

    private void restore(Checkpoint checkpoint) {
        restart();
        Checkpoint.Progress progress = checkpoint.progress();
        if (progress.step() > 0) {
            int done = (int) (progress.step() % steps.perEpoch());
            Map<String, int[]> expected = new LinkedHashMap<>(steps.shapes(done));
            if (progress.kept() > 0) {
                expected.put(Checkpoint.BEST, expected.get(TrainingSteps.PARAMETERS));
            }
            String name = "the checkpoint of step " + progress.step();
            new SafeTensors(Map.of(), checkpoint.tensors()).requireTensors(name, expected);
            if (checkpoint.epochs().size() != progress.step() / steps.perEpoch()) {
                throw ElboException.data(name + ": has " + checkpoint.epochs().size() + " epochs");
            }
            steps.restore(checkpoint.tensors(), done);
            vae().storeLogVar(progress.logVar());
        }
        epochs = new ArrayList<>(checkpoint.epochs());
        best = checkpoint.tensors().get(Checkpoint.BEST);
        bestLogVar = progress.bestLogVar();
        kept = progress.kept();
        step = progress.step();
        seconds = progress.seconds();
        rollbacks = progress.rollbacks();
    }

    /**
     * The run as it is now.
     *
     * @throws NotFinite if it is broken
     */
    Checkpoint checkpoint(Map<String, String> notes) {
        backend.synchronize();
        pause();
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        if (step > 0) {
            epochEnd.requireFinite(step, doneOfEpoch());
            tensors.putAll(steps.tensors(doneOfEpoch()));
            NumericDiagnosis.requireFinite(step, parameters().layout(), tensors);
        }
        if (best != null) {
            tensors.put(Checkpoint.BEST, best);
        }
        return new Checkpoint(
                identity(),
                notes,
                new Checkpoint.Progress(step, seconds, rollbacks, kept, vae().storedLogVar(), bestLogVar),
                epochs(),
                tensors);
    }

    @Override
    public void close() {
        owned.close();
    }
}
