package dev.elbo.spark;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
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
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
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

    Iterator<TrainedModel> train(Iterator<Tuple2<Long, Object>> rows) {
        BarrierTaskContext task = BarrierTaskContext.get();
        int rank = task.partitionId();
        Path folder = Path.of(
                SparkEnv.get().blockManager().diskBlockManager().localDirs()[0].getPath());
        String name = Executor.backend(settings.backend(), task.resourcesJMap());
        // machines of a cluster are alike only in what Spark says of them
        String chosen = name.equals("auto") ? "cpu" : name;
        try (Listener listener = Listener.open(
                        SparkEnv.get().blockManager().blockManagerId().host());
                Backend backend = Backends.builder(chosen).threads(task.cpus()).open()) {
            Split split = read(rows, folder);
            byte[] nonce = GroupKey.random(GroupKey.NONCE_BYTES);
            // also the barrier behind which all have read their rows
            String[] all =
                    task.allGather(listener.address() + " " + HexFormat.of().formatHex(nonce) + " " + machine(backend));
            List<String> addresses =
                    Arrays.stream(all).map(each -> each.split(" ", 3)[0]).toList();
            GroupKey key = new GroupKey(HexFormat.of().parseHex(all[0].split(" ", 3)[1]), secret.value());
            if (rank == 0) {
                warnOfUnlikeMachines(all);
            }
            Duration patience = Duration.ofMillis((long) (settings.peerTimeout() * 1000));
            try (Peers peers = TcpPeers.connect(listener, addresses, rank, key, patience)) {
                Configuration configuration = new Configuration(false);
                hadoop.forEach(configuration::set);
                return new GroupTraining(settings, task, backend, peers, configuration, folder, progress)
                        .run(split).stream().iterator();
            }
        } catch (IOException e) {
            throw ElboException.io(folder + ": " + Messages.reason(e), e);
        }
    }

    /** Returns what decides the bits of a backend's numbers, of the same kind and version on all machines: the library and its kernels. */
    private static String machine(Backend backend) {
        return Messages.line(backend.description().replaceFirst(", \\d+ threads?$", ""));
    }

    private void warnOfUnlikeMachines(String[] all) {
        List<String> machines =
                Arrays.stream(all).map(each -> each.split(" ", 3)[2]).distinct().toList();
        if (machines.size() > 1) {
            String line = "the workers compute in different ways (" + String.join("; ", machines)
                    + "): the model is not bit for bit that of another run";
            LOG.warn(line);
            progress.add(new FitProgress.Note(line));
        }
    }

    /** Writes the rows to local files: those that are trained on, and behind them those that are held out. */
    private Split read(Iterator<Tuple2<Long, Object>> rows, Path folder) {
        String name = settings.dataName();
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
            if (training.count() == 0) {
                throw ElboException.data(name + ": has fewer training rows than shards; use fewer shards");
            }
            Dataset train = named(training.finish());
            Optional<Dataset> others = heldOut.count() == 0 ? Optional.empty() : Optional.of(named(heldOut.finish()));
            return validated
                    ? new Split(train, Optional.empty(), others, true)
                    : new Split(train, others, Optional.empty(), true);
        }
    }

    private Dataset named(Dataset data) {
        return plan.whole() ? data : data.withColumns(plan.inputs());
    }

    /** Returns the data placement: a CPU reads its rows where they are, so that they need no heap. */
    static DataPlacement placement(Backend backend) {
        return backend.name().equals("cuda") ? DataPlacement.AUTO : DataPlacement.STREAMED;
    }
}
