package dev.elbo.spark;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.DatasetWriter;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.group.GroupKey;
import dev.elbo.group.Listener;
import dev.elbo.group.Peers;
import dev.elbo.group.TcpPeers;
import dev.elbo.io.Messages;
import dev.elbo.net.Network;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * The work of a worker: a task of a barrier stage, all of which run at the same time. It keeps its rows in an unnamed local file, meets
 * the others, and trains with them.
 *
 * @param settings of the training
 * @param plan of the columns
 * @param width values of a row
 * @param validated whether held-out rows are those of a validation column, not test data
 * @param secret of the group, which only executors of this application get
 * @param hadoop settings of file systems, by their names
 * @param progress tells the driver
 */
record TrainingTask(
        FitSettings settings,
        FitPlan plan,
        int width,
        boolean validated,
        Broadcast<byte[]> secret,
        Map<String, String> hadoop,
        FitProgress progress)
        implements Serializable {
    private static final Logger LOG = LoggerFactory.getLogger(VaeEstimator.class);

    Iterator<TrainingOutcome> train(Iterator<Tuple2<Long, Object>> rows) {
        BarrierTaskContext task = BarrierTaskContext.get();
        Path folder = Path.of(
                SparkEnv.get().blockManager().diskBlockManager().localDirs()[0].getPath());
        String name = Executor.backend(settings.params().getBackend(), task.resourcesJMap());
        // what else a machine has, the others may not have
        String chosen = name.equals("auto") ? "cpu" : name;
        try (Listener listener = Listener.open(
                        SparkEnv.get().blockManager().blockManagerId().host());
                Backend backend = Backends.builder(chosen).threads(task.cpus()).open()) {
            Split split = null;
            TrainingOutcome.Failed problem = null;
            try {
                split = read(rows, folder);
            } catch (ElboException e) {
                problem = failed(e);
            }
            // also the barrier behind which all have read their rows
            List<Hello> all = Arrays.stream(
                            task.allGather(Hello.of(listener, backend, problem).text()))
                    .map(Hello::parse)
                    .toList();
            // what one worker cannot train on, all of them report, so that Spark does not try again
            for (Hello hello : all) {
                if (hello.problem() != null) {
                    return List.<TrainingOutcome>of(hello.problem()).iterator();
                }
            }
            return train(task, listener, all, backend, folder, split).stream().iterator();
        }
    }

    private Optional<TrainingOutcome> train(
            BarrierTaskContext task, Listener listener, List<Hello> all, Backend backend, Path folder, Split split) {
        int rank = task.partitionId();
        if (rank == 0) {
            warnOfUnlikeMachines(all);
        }
        GroupKey key = new GroupKey(all.get(0).nonce(), secret.value());
        Duration patience = Duration.ofMillis((long) (settings.params().getPeerTimeout() * 1000));
        List<String> addresses = all.stream().map(Hello::address).toList();
        try (Peers peers = TcpPeers.connect(listener, addresses, rank, key, patience)) {
            Configuration configuration = new Configuration(false);
            hadoop.forEach(configuration::set);
            return new GroupTraining(settings, task, backend, peers, configuration, folder, progress).run(split);
        } catch (ElboException e) {
            return Optional.of(failed(e));
        } catch (IOException e) {
            throw ElboException.io(folder + ": " + Messages.reason(e), e);
        }
    }

    /** Returns the outcome of a failure that is final, and throws all others, after which Spark tries again. */
    private static TrainingOutcome.Failed failed(ElboException failure) {
        if (!TrainingOutcome.Failed.isFinal(failure)) {
            throw failure;
        }
        return TrainingOutcome.Failed.of(failure);
    }

    private void warnOfUnlikeMachines(List<Hello> all) {
        List<String> machines = all.stream().map(Hello::machine).distinct().toList();
        if (machines.size() > 1) {
            String line = "the workers compute in different ways (" + String.join("; ", machines)
                    + "): the model is not bit for bit that of another run";
            LOG.warn(line);
            progress.add(new FitProgress.Note(line));
        }
    }

    /** Writes the rows to local files: those that are trained on, and behind them those that are held out. */
    private Split read(Iterator<Tuple2<Long, Object>> rows, Path folder) {
        String name = settings.params().getDataName();
        try (DatasetWriter training = new DatasetWriter(name, width, plan.isFloat(), folder);
                DatasetWriter heldOut = new DatasetWriter(
                        name + (validated ? " (validation)" : " (held out)"), width, plan.isFloat(), folder)) {
            double[] values = new double[width];
            while (rows.hasNext()) {
                Tuple2<Long, Object> row = rows.next();
                Object given = row._2();
                if (given instanceof float[] floats) {
                    for (int i = 0; i < width; i++) {
                        values[i] = floats[i];
                    }
                }
                (ShardPartitioner.isHeldOut(row._1()) ? heldOut : training)
                        .add(given instanceof double[] doubles ? doubles : values);
            }
            Dataset train = named(training.finish());
            Optional<Dataset> others = heldOut.count() == 0 ? Optional.empty() : Optional.of(named(heldOut.finish()));
            if (Network.of(settings.spec(width)).likelihood().binary()) {
                // here, where all workers hear of it
                train.requireUnitInterval();
                others.ifPresent(Dataset::requireUnitInterval);
            }
            return validated
                    ? new Split(train, Optional.empty(), others, true)
                    : new Split(train, others, Optional.empty(), true);
        }
    }

    private Dataset named(Dataset data) {
        return plan.whole() ? data : data.withColumns(plan.inputs());
    }
}
