package dev.elbo.train;

import com.google.gson.JsonObject;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.error.ElboException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/**
 * A training run in a folder, with the same files as {@code elbo train}: checkpoints, {@code metrics.jsonl} epoch by
 * epoch, and at the end pictures and {@code model.safetensors}. After an interruption of any kind the same program
 * resumes the run, with a bit-for-bit identical result.
 */
public final class TrainingRun {
    private final Trainer trainer;
    private final RunFolder folder;
    private final CheckpointRule rule;
    private final Map<String, String> notes;
    private final Map<String, String> metadata;
    private final JsonObject configuration;

    private TrainingRun(Builder builder) {
        trainer = builder.trainer;
        folder = builder.folder;
        rule = builder.rule;
        notes = builder.notes;
        metadata = new LinkedHashMap<>(trainer.metadata());
        metadata.putAll(builder.metadata);
        configuration = builder.configuration;
    }

    /**
     * {@return a builder of a trainer's run in a folder, with all defaults}
     *
     * @param trainer that has not run
     * @param folder of {@link RunFolder#open}; trainer and folder are closed by the caller
     */
    public static Builder builder(Trainer trainer, RunFolder folder) {
        return new Builder(trainer, folder);
    }

    /** Sets when a run is saved and what is written with it; everything has a default. */
    public static final class Builder {
        private final Trainer trainer;
        private final RunFolder folder;
        private CheckpointRule rule = CheckpointRule.AUTO;
        private Map<String, String> notes = Map.of();
        private Map<String, String> metadata = Map.of();
        private JsonObject configuration;

        private Builder(Trainer trainer, RunFolder folder) {
            this.trainer = Objects.requireNonNull(trainer, "trainer");
            this.folder = Objects.requireNonNull(folder, "folder");
        }

        /** Sets when the run is saved, besides at its start, its end and when it is stopped; by default {@link CheckpointRule#AUTO}. */
        public Builder checkpointEvery(CheckpointRule when) {
            rule = Objects.requireNonNull(when, "checkpointEvery");
            return this;
        }

        /** Sets what every checkpoint keeps for the caller, for {@link Checkpoint#notes}; by default nothing. */
        public Builder notes(Map<String, String> kept) {
            notes = new LinkedHashMap<>(Objects.requireNonNull(kept, "notes"));
            return this;
        }

        /** Sets entries of the model's file besides those of {@link Trainer#metadata()}, or in their place; by default none. */
        public Builder metadata(Map<String, String> more) {
            metadata = new LinkedHashMap<>(Objects.requireNonNull(more, "metadata"));
            return this;
        }

        /** Sets what {@code config.json} holds, one object; by default {@link Trainer#identity()}. */
        public Builder configuration(JsonObject json) {
            configuration = Objects.requireNonNull(json, "configuration").deepCopy();
            return this;
        }

        /** {@return the run, of which nothing is written before {@link TrainingRun#run}} */
        public TrainingRun build() {
            return new TrainingRun(this);
        }
    }

    /** {@return the outcome of training without a listener; see {@link #run(TrainingListener)}} */
    public TrainingResult run() {
        return run(TrainingListener.NONE);
    }

    /**
     * Trains to the end, from the start or, if the folder holds a run, from its newest checkpoint. A finished run is
     * left as it is, and its result is returned again.
     *
     * @param listener receives progress events; epochs that were complete before are not repeated
     * @return the outcome, with the epochs of earlier calls; the trainer's model is as saved
     * @throws ElboException as {@link Trainer#run(TrainingListener)}; usage, if the folder holds another run, with every difference;
     *     data, if none of its checkpoints can be used; io, if something cannot be written. The last checkpoint is good then.
     * @throws CancellationException if the thread is interrupted, after the run was saved; no model is written then, and the
     *     thread's status stays set
     */
    public TrainingResult run(TrainingListener listener) {
        Objects.requireNonNull(listener, "listener");
        CheckpointStore checkpoints = folder.checkpoints(notes);
        if (!trainer.isResumed() && folder.holdsRun()) {
            trainer.resume(checkpoints.newest());
        }
        if (trainer.isFinished() && Files.exists(folder.model())) {
            return trainer.run(listener);
        }
        if (trainer.isResumed()) {
            folder.removeResults();
        }
        folder.writeConfiguration(configuration == null ? trainer.identity() : configuration);
        folder.beginMetrics(trainer.epochs(), null);
        TrainingResult result = trainer.run(recording(listener), checkpoints, rule);
        if (result.test() != null && result.selectedEpoch().orElseThrow().test() == null) {
            folder.beginMetrics(result.epochs(), result.test());
        }
        if (result.selectedEpoch().isPresent()) {
            trainer.draw(folder, listener);
            folder.writeModel(trainer.vae(), metadata);
        }
        if (!result.stopped()) {
            checkpoints.keepOnly(result.step());
        }
        return result;
    }

    /** A listener that appends every epoch to the file, then passes it on. */
    private TrainingListener recording(TrainingListener listener) {
        return new TrainingListener() {
            @Override
            public void onStep(long step, long steps) {
                listener.onStep(step, steps);
            }

            @Override
            public LikelihoodEstimate measureGap(int epoch) {
                return listener.measureGap(epoch);
            }

            @Override
            public void onEpoch(EpochMetrics metrics) {
                folder.append(metrics);
                listener.onEpoch(metrics);
            }

            @Override
            public void onRollback(String why, List<EpochMetrics> epochs) {
                folder.beginMetrics(epochs, null);
                listener.onRollback(why, epochs);
            }

            @Override
            public void onNote(String line) {
                listener.onNote(line);
            }

            @Override
            public boolean shouldStop() {
                return listener.shouldStop();
            }
        };
    }
}
