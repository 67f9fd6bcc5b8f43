package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.train.Checkpoint;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run in a folder of a file system that Hadoop knows: the newest, and the one before it in case the newest is
 * damaged. The first worker writes them, each under another name first, and all workers read them.
 */
final class HadoopCheckpoints {
    private static final Logger LOG = LoggerFactory.getLogger(VaeEstimator.class);
    private static final int KEPT = 2;

    private final Path folder;
    private final FileSystem files;
    private final java.nio.file.Path local;

    /** @param local folder of this machine for copies */
    HadoopCheckpoints(String folder, Configuration configuration, java.nio.file.Path local) {
        try {
            this.folder = new Path(folder);
            this.files = this.folder.getFileSystem(configuration);
            this.local = local;
        } catch (IOException e) {
            throw failed(folder, e);
        } catch (IllegalArgumentException e) {
            throw ModelContent.notAPath(folder, e);
        }
    }

    private static ElboException failed(String what, IOException e) {
        return ElboException.io(
                "checkpointDir " + what + ": " + Messages.reason(e) + "; give a folder that all workers reach", e);
    }

    private Path file(long step) {
        return new Path(folder, Checkpoint.fileName(step));
    }

    /** Lists the checkpoints by their steps, the newest first. */
    private Map<Long, Path> list() throws IOException {
        Map<Long, Path> found = new TreeMap<>(Comparator.reverseOrder());
        try {
            for (FileStatus status : files.listStatus(folder)) {
                Checkpoint.stepOf(status.getPath().getName()).ifPresent(step -> found.put(step, status.getPath()));
            }
        } catch (FileNotFoundException e) {
            // made with the first checkpoint
            return found;
        }
        return found;
    }

    /** Returns the newest checkpoint that is whole, if there is one. A warning names each that is damaged. */
    Optional<Checkpoint> newest() {
        try {
            for (long step : list().keySet()) {
                try {
                    return Optional.of(read(step));
                } catch (ElboException e) {
                    if (e.kind() != ElboException.Kind.DATA) {
                        throw e;
                    }
                    LOG.warn("{}; going back to the one before it", e.getMessage());
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failed(folder.toString(), e);
        }
    }

    /** Reads the checkpoint of a step. */
    Checkpoint read(long step) {
        java.nio.file.Path copy = null;
        try {
            copy = Files.createTempFile(local, "checkpoint", ".safetensors");
            files.copyToLocalFile(false, file(step), new Path(copy.toUri()), true);
            return Checkpoint.read(copy);
        } catch (IOException e) {
            throw failed(file(step).toString(), e);
        } finally {
            delete(copy);
        }
    }

    /** Saves a checkpoint, and removes all but it and the one before it. */
    void save(Checkpoint checkpoint) {
        Path target = file(checkpoint.step());
        java.nio.file.Path copy = null;
        try {
            copy = Files.createTempFile(local, "checkpoint", ".safetensors");
            checkpoint.write(copy);
            files.mkdirs(folder);
            java.nio.file.Path written = copy;
            HadoopFile.replace(files, target, out -> Files.copy(written, out));
            int kept = 0;
            for (Path old : list().values()) {
                if (kept++ >= KEPT) {
                    files.delete(old, false);
                }
            }
        } catch (IOException e) {
            throw failed(target.toString(), e);
        } finally {
            delete(copy);
        }
    }

    private static void delete(java.nio.file.Path copy) {
        if (copy != null) {
            try {
                Files.deleteIfExists(copy);
            } catch (IOException e) {
                LOG.warn("{} could not be removed: {}", copy, Messages.reason(e));
            }
        }
    }
}
