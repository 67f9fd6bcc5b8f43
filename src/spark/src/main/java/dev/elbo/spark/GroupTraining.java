package dev.elbo.spark;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.group.Peers;
import dev.elbo.train.Checkpoint;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.GroupShards;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The training of a worker with the others, from the newest checkpoint of the run if there is one. */
record GroupTraining(
        FitSettings settings,
        BarrierTaskContext task,
        Backend backend,
        Peers peers,
        Configuration hadoop,
        Path folder,
        FitProgress progress) {
    private static final Logger LOG = LoggerFactory.getLogger(VaeEstimator.class);
    /** Steps between two words to the driver, which hears of them every few seconds. */
    private static final int STEPS = 16;

    /** Returns the model, on the first worker. */
    Optional<TrainingOutcome> run(Split rows) throws IOException {
        VaeEstimator params = settings.params();
        Shards shards = GroupShards.of(peers, params.getShards());
        Split split =
                settings.unit(rows.train(), shards).map(rows::standardized).orElse(rows);
        HadoopCheckpoints checkpoints = params.getCheckpointDir().isEmpty()
                ? null
                : new HadoopCheckpoints(params.getCheckpointDir(), hadoop, folder);
        try (Trainer trainer = Trainer.builder(
                        backend, settings.spec(split.train().features()), split)
                .objective(settings.objective())
                .options(settings.options(placement()))
                .group(peers)
                .build()) {
            if (checkpoints != null) {
                newest(checkpoints, shards).ifPresent(trainer::resume);
            }
            tell(trainer.step(), checkpoints == null ? "" : params.getCheckpointDir());
            long start = System.nanoTime();
            TrainingListener listener = new Teller();
            if (checkpoints == null) {
                trainer.run(listener);
            } else {
                CheckpointRule rule = CheckpointRule.everyEpochs(params.getCheckpointInterval());
                trainer.run(listener, rule, checkpoints::save);
            }
            double seconds = (System.nanoTime() - start) * 1e-9;
            return peers.rank() == 0 ? Optional.of(result(trainer, seconds)) : Optional.empty();
        }
    }

    /** Returns where the data are: a CPU reads its rows where they lie, so that they need no heap. */
    private DataPlacement placement() {
        return backend.name().equals("cuda") ? DataPlacement.AUTO : DataPlacement.STREAMED;
    }

    /** Returns the checkpoint that the first worker has found, if there is one; the others read the same. */
    private Optional<Checkpoint> newest(HadoopCheckpoints checkpoints, Shards shards) {
        boolean first = peers.rank() == 0;
        Optional<Checkpoint> found = first ? checkpoints.newest() : Optional.empty();
        double own = found.map(Checkpoint::step).orElse(-1L);
        long step = (long) shards.fold((ofFirst, other) -> ofFirst, own)[0];
        return first || step < 0 ? found : Optional.of(checkpoints.read(step));
    }

    private void tell(long step, String checkpoints) {
        if (peers.rank() == 0) {
            String how = (step == 0 ? "begins at step 0" : "goes on from step " + step)
                    + (checkpoints.isEmpty() ? ", without checkpoints" : ", with the checkpoints in " + checkpoints)
                    + ", " + peers.size() + (peers.size() == 1 ? " worker" : " workers") + " for "
                    + settings.params().getShards()
                    + (settings.params().getShards() == 1 ? " shard" : " shards");
            LOG.info("attempt {} {}", task.stageAttemptNumber(), how);
            progress.add(new FitProgress.Started(task.stageAttemptNumber(), how));
        }
    }

    private TrainingOutcome result(Trainer trainer, double seconds) throws IOException {
        Path file = Files.createTempFile(folder, "model", ".safetensors");
        try {
            trainer.save(file);
            Peers.Traffic traffic = peers.traffic();
            return new TrainingOutcome.Trained(
                    Files.readAllBytes(file),
                    trainer.epochs().stream().map(EpochText::of).toList(),
                    traffic.bytes(),
                    traffic.seconds(),
                    seconds);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Returns a note of the trainer with the names of parameters in place of the methods that do the same in Java. */
    private static String inParameters(String line) {
        return line.replace("withValidationSet(0.1)", "validationIndicatorCol")
                .replace("Standardization.perFeature", "standardize = per-feature")
                .replace("Standardization.shared", "standardize = shared")
                .replace("Likelihood.GAUSSIAN_LEARNED", "likelihood = gaussian-learned");
    }

    /** Tells the driver what happens on the first worker, and ends every worker that Spark has killed. */
    private final class Teller implements TrainingListener {
        @Override
        public void onStep(long step, long steps) {
            if (task.isInterrupted()) {
                throw new CancellationException("Spark has ended the task");
            }
            if (peers.rank() == 0 && (step % STEPS == 0 || step == steps)) {
                progress.add(new FitProgress.Steps(step, steps));
            }
        }

        @Override
        public void onEpoch(EpochMetrics metrics) {
            if (peers.rank() == 0) {
                progress.add(new FitProgress.Epoch(EpochText.of(metrics)));
            }
        }

        @Override
        public void onNote(String line) {
            if (peers.rank() == 0) {
                progress.add(new FitProgress.Note(inParameters(line)));
            }
        }
    }
}
