package dev.elbo.train;

import com.google.gson.JsonObject;
import dev.elbo.analysis.ConstantModel;
import dev.elbo.analysis.InputSchema;
import dev.elbo.backend.Backend;
import dev.elbo.data.ClassLabels;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.group.Peers;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import dev.elbo.net.Vae;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Trains one model, once, on the thread that calls {@link #run()}. Between two programs of the backend the complete
 * state of the run is a {@link Checkpoint}. A run that is resumed from one ends with bit-for-bit the same result.
 *
 * <p>A run ends early if its listener says so, {@link TrainingListener#shouldStop()}, and {@code run} returns; or if the thread is
 * interrupted, and {@code run} throws a {@link CancellationException}, with the status set, as all long work of the library does.
 * Either happens at the end of a step, and in a {@link TrainingRun} the run is saved there first.
 */
public final class Trainer implements AutoCloseable {
    private final Closer closer = new Closer();
    private final Backend backend;
    private final VaeSpec spec;
    private final Objective objective;
    private final TrainingOptions options;
    private final Split data;
    private final Map<String, String> metadata;
    private final StoredModel initial;
    private final List<String> notes;
    private final Peers peers;
    private final RunResources memory;
    private final TrainingSteps steps;
    private final TrainingState state;
    private JsonObject identity;
    private double constantElbo = Double.NaN;
    private boolean over;
    private Checkpoint resumed;

    /**
     * {@return a builder of a trainer on a backend, which the trainer does not close; it has all defaults}
     *
     * @param backend for all computations
     * @param spec of the model
     * @param data training data, and test data for evaluation; without test data a tenth is held out, {@link Split#withTestSet()},
     *     unless the split is complete. Validation data decide when to stop and which weights to keep, and the test data are
     *     used once, at the end; without validation data the test data decide. Without either all epochs run
     */
    public static Builder builder(Backend backend, VaeSpec spec, Split data) {
        return new Builder(backend, spec, data);
    }

    /** Sets what is trained and how; everything has a default. */
    public static final class Builder {
        private final Backend backend;
        private final VaeSpec spec;
        private final Split data;
        private Objective objective;
        private TrainingOptions options = TrainingOptions.builder().build();
        private StoredModel initial;
        private List<Backend> others = List.of();
        private Peers peers;

        private Builder(Backend backend, VaeSpec spec, Split data) {
            this.backend = Objects.requireNonNull(backend, "backend");
            this.spec = Objects.requireNonNull(spec, "spec");
            this.data = Objects.requireNonNull(data, "data");
            objective = Network.of(spec).stochastic() ? Objectives.vae() : Objectives.autoencoder();
        }

        /** Sets what is minimised; by default {@link Objectives#vae()}, or the reconstruction loss for a plain autoencoder. */
        public Builder objective(Objective minimised) {
            objective = Objects.requireNonNull(minimised, "objective");
            return this;
        }

        /** Sets how it is minimised; by default as {@link TrainingOptions#builder()} has it. */
        public Builder options(TrainingOptions training) {
            options = Objects.requireNonNull(training, "options");
            return this;
        }

        /**
         * Starts from all weights of a model instead of random ones (fine-tuning). Steps, schedules and the optimiser's
         * moments begin anew; units, columns and statistics are those of the new data. A note of the run names
         * differences in these. The model's digest is part of {@link Trainer#identity()}. The trainer keeps the model.
         *
         * @param model with tensors of the names and shapes that the specification has; {@link StoredModel#read} of a file
         * @return this
         */
        public Builder initFrom(StoredModel model) {
            initial = Objects.requireNonNull(model, "initFrom");
            return this;
        }

        /**
         * Computes some of the shards on other backends, at the same time: each of them, and the trainer's own, has some. The result has
         * the same bits as without them, if they are of the same kind. By default there are none. The trainer does not close them.
         *
         * @param backends of the same name, precision and kernels as the trainer's own; with it at most as many as shards
         * @return this
         */
        public Builder otherBackends(List<Backend> backends) {
            others = List.copyOf(Objects.requireNonNull(backends, "otherBackends"));
            return this;
        }

        /**
         * Trains as a member of a group. The split holds the rows of the member's shards alone, {@link GroupShards#of}, in their order
         * among all, as {@link Shards} has them: the training part, and the same of test and validation data, of which a member
         * may have none. Nothing is held out of them. All members build, resume and run such a trainer at the same time, with the same
         * specification, objective and options; the result has the same bits on all, however many there are. A listener cannot
         * stop the run, and an interrupt ends it unsaved. By default a trainer is on its own.
         *
         * @param members as this one sees them; the trainer does not close it
         * @return this
         */
        public Builder group(Peers members) {
            peers = Objects.requireNonNull(members, "group");
            return this;
        }

        /**
         * Allocates everything and initialises the weights from the seed and the training data's statistics, or with those of
         * {@link #initFrom}.
         *
         * @return to be closed by the caller, before the backend is
         * @throws IllegalArgumentException if model, data, objective and options do not fit together, or the weights of
         *     {@link #initFrom} do not fit the model, with every difference
         * @throws ElboException data, if a Bernoulli likelihood is given values outside of [0, 1], naming row and column; usage, if
         *     dropping the last batch leaves none; unavailable, if the backend has not the memory
         */
        public Trainer build() {
            return new Trainer(this);
        }
    }

    private Trainer(Builder builder) {
        backend = builder.backend;
        spec = builder.spec;
        objective = builder.objective;
        options = builder.options.resolvedFor(objective);
        peers = builder.peers;
        data = peers == null ? builder.data.withTestSet() : builder.data;
        Dataset train = data.train();
        initial = builder.initial;
        Shards shards = peers == null ? Shards.all(options.shards()) : GroupShards.of(peers, options.shards());
        TrainingData training = TrainingData.of(train, spec, shards);
        metadata = new LinkedHashMap<>(InputSchema.metadata(train, training.range(), objective));
        notes = new ArrayList<>(training.notes());
        if (shards.rows(data.test().map(Dataset::size).orElse(0)) == 0) {
            metadata.put(InputSchema.HELD_OUT, "none");
            notes.add("there are no test data: the quality of the model on new data stays unknown"
                    + (data.validation().isPresent() ? "" : "; all epochs run, and the last weights are kept"));
        }
        ClassLabels.withoutExamples(train, spec.classes(), shards).ifPresent(notes::add);
        if (initial != null) {
            notes.addAll(InitialModel.notes(initial, train));
        }
        try {
            List<Backend> backends =
                    Stream.concat(Stream.of(backend), builder.others.stream()).toList();
            Peers others = peers == null ? Peers.alone() : peers;
            memory = closer.register(
                    new RunResources(backends, backends.size(), spec, objective, options, data, shards, others));
            steps = memory.steps;
            state = new TrainingState(memory, options, new EpochEvaluator(memory, objective), initial);
            if (peers != null) {
                // all members find these together now, and whoever asks for them later asks nobody
                DataIdentity.requireSame(identity(), shards);
                constantElbo();
            }
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** {@return the model in its current state; it is closed with the trainer} */
    public Vae vae() {
        return steps.vae;
    }

    /** {@return the options, with the patience that was resolved for the objective} */
    public TrainingOptions options() {
        return options;
    }

    /** {@return the model's weights} */
    public Arena parameters() {
        return steps.parameters;
    }

    /** {@return steps of the whole run, unless it stops early} */
    public long steps() {
        return state.steps();
    }

    /** {@return steps done} */
    public long step() {
        return state.step();
    }

    /** {@return the complete epochs} */
    public List<EpochMetrics> epochs() {
        return state.epochs();
    }

    /**
     * {@return whether the run is finished} All epochs are done, or the ELBO of {@link EpochMetrics#judged} has not
     * improved for the options' patience.
     */
    public boolean isFinished() {
        return state.isFinished();
    }

    /** {@return everything that decides the bits of the result, as JSON; checkpoints store it} */
    public JsonObject identity() {
        if (identity == null) {
            identity = RunIdentity.of(backend, spec, objective, options, data, peers == null ? null : memory.shards);
            if (initial != null) {
                identity.addProperty(InitialModel.SHA256, initial.sha256());
            }
        }
        return identity.deepCopy();
    }

    /**
     * {@return the metadata of the model's file, besides its specification} The names of data and objective, and those
     * of {@link InputSchema}: columns, unit, shape of pictures.
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Writes the model in its current state, with its {@link #metadata()}.
     *
     * @param file as {@code model.safetensors}
     * @throws ElboException io, if it cannot be written; nothing is left under the name then
     */
    public void save(Path file) {
        Objects.requireNonNull(file, "file");
        ModelFile.write(file, vae(), metadata);
    }

    /** {@return the outcome of training to the end, without a listener} */
    public TrainingResult run() {
        return run(TrainingListener.NONE);
    }

    /**
     * Trains until all epochs are done, the ELBO of {@link EpochMetrics#judged} has not improved for the options'
     * patience, or the listener stops the run. The result is lost if the process ends before the model is saved: {@link
     * #runIn} keeps it in a folder.
     *
     * @param listener receives progress events
     * @return the outcome
     * @throws ElboException numeric, if a loss, gradient or weight is not finite, naming step, tensor and log σ²
     * @throws java.util.concurrent.CancellationException if the thread is interrupted, between two steps; its status stays set
     * @throws IllegalStateException if this trainer ran before; another one can {@link #resume} its checkpoint
     */
    public TrainingResult run(TrainingListener listener) {
        Objects.requireNonNull(listener, "listener");
        return run(listener, null);
    }

    /**
     * Trains in a folder, see {@link TrainingRun}: with checkpoints, metrics, pictures and at the end the model. A run that the folder
     * holds is resumed; one that is finished stays as it is.
     *
     * @param folder made if it is missing
     * @param listener receives progress events
     * @return the outcome
     * @throws ElboException as {@link RunFolder#open} and {@link TrainingRun#run(TrainingListener)}
     */
    public TrainingResult runIn(Path folder, TrainingListener listener) {
        Objects.requireNonNull(listener, "listener");
        try (RunFolder run = RunFolder.open(folder)) {
            return TrainingRun.builder(this, run).build().run(listener);
        }
    }

    /** Does {@link #run(TrainingListener)}, saving the run by the rule, at its end, and if it is stopped or interrupted. */
    TrainingResult run(TrainingListener listener, Checkpointer.Store store, CheckpointRule rule) {
        return run(listener, new Checkpointer(this, store, rule, resumed == null ? null : resumed.notes()));
    }

    /**
     * Trains as {@link #run(TrainingListener)} does, and hands over what a run needs to go on: at its start, when the rule says so,
     * at its end and if it is stopped or interrupted. In a group the first member alone is handed it.
     *
     * @param listener receives progress events
     * @param rule of steps or epochs; outside of a group also of minutes
     * @param save keeps a checkpoint, which {@link #resume} of the same run takes
     * @return the outcome
     * @throws ElboException as there; usage, for a rule of minutes in a group, whose members would not agree
     */
    public TrainingResult run(TrainingListener listener, CheckpointRule rule, Consumer<Checkpoint> save) {
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(save, "save");
        if (peers != null && rule.unit() == CheckpointRule.Unit.MINUTES) {
            throw ElboException.usage("rule counts minutes, on which the members of a group do not agree; use"
                    + " CheckpointRule.everySteps or everyEpochs");
        }
        boolean saves = peers == null || peers.rank() == 0;
        return run(listener, new MemoryStore(save, resumed, saves), rule);
    }

    private TrainingResult run(TrainingListener listener, Checkpointer saver) {
        if (over) {
            throw new IllegalStateException(
                    "this trainer has run already; build another one and resume the checkpoint with it");
        }
        over = true;
        boolean stopped = new RunLoop(memory, state, options, listener, saver).run(notes);
        TrainingResult result = state.end(stopped);
        TrainingNotes.of(
                        result,
                        memory.validated,
                        options.patience().getAsInt() > 0,
                        Network.of(spec).stochastic(),
                        constantElbo())
                .forEach(listener::onNote);
        return result;
    }

    /**
     * {@return the ELBO of the {@link ConstantModel} on the data that select epochs, in nats per example} NaN without
     * such data.
     */
    public double constantElbo() {
        if (Double.isNaN(constantElbo)) {
            constantElbo = memory.judge.isEmpty()
                    ? Double.NaN
                    : steps.constantElbo(memory.validated ? data.validation() : data.test());
        }
        return constantElbo;
    }

    /**
     * Sets the state of the run to that of a checkpoint.
     *
     * @param checkpoint of a run with the same data, model, objective, options and backend
     * @throws ElboException usage, with every difference, if it is of another run; data, if it is not whole
     */
    public void resume(Checkpoint checkpoint) {
        Objects.requireNonNull(checkpoint, "checkpoint");
        List<String> differences = RunIdentity.differences(checkpoint.run(), identity());
        int complete = checkpoint.epochs().size();
        if (checkpoint.step() > steps()) {
            differences.add("training.epochs is " + options.epochs() + " here, " + complete + " are done"
                    + (complete == options.epochs() ? " and the next is begun" : ""));
        }
        RunIdentity.requireNone(differences, checkpoint.step());
        state.restore(checkpoint, checkpoint.progress().rollbacks());
        resumed = checkpoint;
        over = false;
    }

    void draw(RunFolder folder, TrainingListener listener) {
        new Pictures(folder, listener::onNote)
                .draw(vae(), data.judging().orElse(data.train()), epochs(), options.seed());
    }

    boolean isResumed() {
        return resumed != null;
    }

    /** Returns the state of the run; throws {@link NotFinite} if a value is not finite. */
    Checkpoint checkpoint(Map<String, String> notes) {
        return state.checkpoint(identity(), notes);
    }

    @Override
    public void close() {
        closer.close();
    }
}
