package dev.elbo.spark;

import dev.elbo.backend.Backend;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.group.Peers;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.GroupShards;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
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
        Shards shards = GroupShards.of(peers, settings.shards());
        Split split = unit(rows, shards).map(rows::standardized).orElse(rows);
        HadoopCheckpoints checkpoints = settings.checkpointDir().isEmpty()
                ? null
                : new HadoopCheckpoints(settings.checkpointDir(), hadoop, folder);
        try (Trainer trainer = Trainer.builder(
                        backend, settings.spec(split.train().features()), split)
                .objective(settings.minimised())
                .options(settings.options(TrainingTask.placement(backend)))
                .group(peers)
                .build()) {
            long step = checkpoints == null ? -1 : agreed(peers.rank() == 0 ? checkpoints.newest() : 0);
            if (step >= 0) {
                trainer.resume(checkpoints.read(step));
            }
            tell(trainer.step(), checkpoints == null ? "" : settings.checkpointDir());
            long start = System.nanoTime();
            TrainingListener listener = new Teller();
            if (checkpoints == null) {
                trainer.run(listener);
            } else {
                CheckpointRule rule = CheckpointRule.everyEpochs(settings.checkpointInterval());
                trainer.run(listener, rule, checkpoints::save);
            }
            double seconds = (System.nanoTime() - start) * 1e-9;
            return peers.rank() == 0 ? Optional.of(result(trainer, seconds)) : Optional.empty();
        }
    }

    private Optional<Standardization> unit(Split rows, Shards shards) {
        return switch (settings.standardize()) {
            case FitSettings.PER_FEATURE -> Optional.of(Standardization.perFeature(rows.train(), shards));
            case FitSettings.SHARED -> Optional.of(Standardization.shared(rows.train(), shards));
            default -> Optional.empty();
        };
    }

    /** Returns the number that the first worker says. */
    private long agreed(long own) {
        boolean first = peers.rank() == 0;
        ByteBuffer said = ByteBuffer.allocate(Long.BYTES).putLong(own).flip();
        ByteBuffer[] send = Stream.generate(() -> first ? said.duplicate() : ByteBuffer.allocate(0))
                .limit(peers.size())
                .toArray(ByteBuffer[]::new);
        ByteBuffer[] receive = new ByteBuffer[peers.size()];
        Arrays.setAll(receive, rank -> ByteBuffer.allocate(!first && rank == 0 ? Long.BYTES : 0));
        peers.exchange(send, receive);
        return first ? own : receive[0].flip().getLong();
    }

    private void tell(long step, String checkpoints) {
        if (peers.rank() == 0) {
            String how = (step == 0 ? "begins at step 0" : "goes on from step " + step)
                    + (checkpoints.isEmpty() ? ", without checkpoints" : ", with the checkpoints in " + checkpoints)
                    + ", " + peers.size() + (peers.size() == 1 ? " worker" : " workers") + " for " + settings.shards()
                    + (settings.shards() == 1 ? " shard" : " shards");
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
