package dev.elbo.train;

import dev.elbo.error.ElboException;
import dev.elbo.io.Disk;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The checkpoints of one run in a folder, {@code checkpoint-<step>.safetensors}: the newest, and the one before it in
 * case the newest is damaged.
 */
public final class CheckpointStore extends Checkpointer.Store {
    private static final System.Logger LOG = System.getLogger(CheckpointStore.class.getName());

    private final Path folder;
    private final Disk disk;
    private final Map<String, String> notes;

    /** Opens an existing folder with no other writer; every checkpoint will keep the notes. */
    CheckpointStore(Disk disk, Path folder, Map<String, String> notes) {
        this.disk = disk;
        this.folder = folder;
        this.notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
    }

    @Override
    Map<String, String> notes() {
        return notes;
    }

    @Override
    boolean has(long step) {
        return Files.exists(file(step));
    }

    Path file(long step) {
        return folder.resolve(Checkpoint.fileName(step));
    }

    /**
     * {@return whether a folder has checkpoints, valid or not}
     *
     * @param folder an existing folder
     */
    public static boolean in(Path folder) {
        return !list(folder).isEmpty();
    }

    /** Lists the checkpoints by their steps, the newest first. */
    private static TreeMap<Long, Path> list(Path folder) {
        TreeMap<Long, Path> files = new TreeMap<>(Comparator.reverseOrder());
        try (Stream<Path> all = Files.list(folder)) {
            all.forEach(
                    file -> Checkpoint.stepOf(file.getFileName().toString()).ifPresent(step -> files.put(step, file)));
        } catch (IOException e) {
            throw ElboException.io(folder + ": cannot be listed: " + Messages.reason(e), e);
        }
        return files;
    }

    /**
     * {@return the newest valid checkpoint, read into the host's memory} A warning names each invalid one.
     *
     * @throws ElboException data, if there is none
     */
    @Override
    public Checkpoint newest() {
        List<ElboException> failures = new ArrayList<>();
        for (Path file : list(folder).values()) {
            try {
                Checkpoint checkpoint = Checkpoint.read(file);
                failures.forEach(failure -> LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}; going back to {1}",
                        failure.getMessage(),
                        file.getFileName()));
                return checkpoint;
            } catch (ElboException e) {
                failures.add(e);
            }
        }
        throw failures.isEmpty()
                ? ElboException.data(folder + ": holds no checkpoint to resume from; start a new run")
                : ElboException.data(folder + ": none of " + failures.size() + " checkpoints can be used: "
                        + failures.get(0).getMessage());
    }

    /** Saves durably, and keeps only the one before it; throws io if that fails, and keeps all others. */
    @Override
    void save(Checkpoint checkpoint) {
        checkpoint.write(disk, file(checkpoint.step()));
        prune(checkpoint.step(), 1);
    }

    /** Removes all checkpoints but this step's: training can continue from the last one of a finished run. */
    void keepOnly(long step) {
        prune(step, 0);
    }

    /** Removes all checkpoints but this step's and the {@code before} newest ones before it. */
    private void prune(long step, int before) {
        int left = before;
        for (Map.Entry<Long, Path> other : list(folder).entrySet()) {
            if (other.getKey() == step || other.getKey() < step && left-- > 0) {
                continue;
            }
            try {
                disk.delete(other.getValue());
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} could not be removed: {1}",
                        other.getValue(),
                        Messages.reason(e));
            }
        }
    }
}
