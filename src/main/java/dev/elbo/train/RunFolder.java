package dev.elbo.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Disk;
import dev.elbo.io.Messages;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Vae;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The folder of one run: checkpoints, configuration, metrics, model, pictures. A lock keeps other processes out while
 * it is open. The model is there only if the run is finished or stopped: it is written last and deleted before the run
 * resumes, so it never lies next to newer metrics or checkpoints.
 */
public final class RunFolder implements AutoCloseable {
    private static final Gson PRETTY =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final Path folder;
    private final Disk disk;
    private final FileChannel lock;
    private Disk.Output metrics;

    /**
     * Opens a folder for a run that begins in it, or that resumes if the folder holds one.
     *
     * @param folder made if it is missing
     * @return to be closed by the caller
     * @throws ElboException usage, if it holds results of a run that cannot be resumed; io, if it cannot be
     *     written to or is in use
     */
    public static RunFolder open(Path folder) {
        return holdsRun(folder) ? reopen(folder) : create(folder);
    }

    /**
     * {@return whether a folder holds a run that can be resumed, if its checkpoints are not damaged} A run that was
     * killed before its first checkpoint does not count: the next one begins in its folder.
     *
     * @param folder need not exist
     */
    public static boolean holdsRun(Path folder) {
        return Files.isDirectory(Objects.requireNonNull(folder, "folder")) && CheckpointStore.in(folder);
    }

    /**
     * Creates the folder of a new run, or takes an existing one without a run.
     *
     * @param folder with no run in it
     * @return to be closed by the caller
     * @throws ElboException usage, if there is a run in it already; io, if it cannot be written to or is in use
     */
    public static RunFolder create(Path folder) {
        return create(Disk.REAL, folder);
    }

    static RunFolder create(Disk disk, Path folder) {
        requireNoRun(folder);
        try {
            makeFolders(disk, folder.toAbsolutePath());
        } catch (IOException e) {
            throw ElboException.io(
                    folder + ": cannot be written to: " + Messages.reason(e) + "; use another folder", e);
        }
        RunFolder run = new RunFolder(disk, folder);
        try {
            // another process may have been faster
            requireNoRun(folder);
        } catch (Throwable thrown) {
            run.close();
            throw thrown;
        }
        return run;
    }

    /**
     * Opens the folder of a run to be resumed.
     *
     * @param folder with checkpoints in it
     * @return to be closed by the caller
     * @throws ElboException data, if there is no run in it; io, if it cannot be written to or is in use
     */
    public static RunFolder reopen(Path folder) {
        return reopen(Disk.REAL, folder);
    }

    /**
     * {@return the checkpoint from which a run would resume} Nothing is locked or written.
     *
     * @param folder of the run
     * @throws ElboException data, if there is no run in it
     */
    public static Checkpoint newest(Path folder) {
        requireRun(folder);
        return new CheckpointStore(Disk.REAL, folder, Map.of()).newest();
    }

    static RunFolder reopen(Disk disk, Path folder) {
        requireRun(folder);
        return new RunFolder(disk, folder);
    }

    private static void requireRun(Path folder) {
        if (!holdsRun(folder)) {
            throw ElboException.data(
                    folder + ": holds no checkpoint to resume from; give the folder of a run, or start a new run");
        }
    }

    /**
     * Checks that a path is not a file and holds no run.
     *
     * @param folder need not exist
     * @throws ElboException usage or io
     */
    public static void requireNoRun(Path folder) {
        Objects.requireNonNull(folder, "folder");
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw ElboException.io(folder + ": is a file, not a folder; use another folder");
        }
        boolean resumable = holdsRun(folder);
        if (resumable || Files.exists(model(folder)) || hasContent(metrics(folder))) {
            throw ElboException.usage(folder + ": holds a run already"
                    + (resumable
                            ? "; resume it with RunFolder.reopen, use"
                            : ", without a checkpoint to resume from; use")
                    + " another folder, or remove this one");
        }
    }

    private static boolean hasContent(Path file) {
        try {
            return Files.size(file) > 0;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw ElboException.io(file + ": cannot be accessed: " + Messages.reason(e), e);
        }
    }

    private static void makeFolders(Disk disk, Path folder) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = folder; at != null && !Files.exists(at); at = at.getParent()) {
            missing.push(at);
        }
        for (Path each : missing) {
            Files.createDirectories(each);
            disk.forceFolder(each.getParent());
        }
    }

    private RunFolder(Disk disk, Path folder) {
        this.folder = folder;
        this.disk = disk;
        this.lock = lock(folder);
        try {
            removeAll(name -> name.matches("\\.(checkpoint-.*|model|config|metrics|reconstructions|samples|curves)"
                    + "\\.[a-z]+\\.[0-9a-z]+\\.tmp"));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private static FileChannel lock(Path folder) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock got = channel.tryLock();
            if (got != null) {
                return channel;
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            closeQuietly(channel);
        } catch (IOException e) {
            closeQuietly(channel);
            throw ElboException.io(
                    folder + ": cannot be written to: " + Messages.reason(e) + "; use another folder", e);
        }
        throw ElboException.io(folder + ": is locked by another run; wait for it to finish or use another folder");
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            System.getLogger(RunFolder.class.getName())
                    .log(System.Logger.Level.WARNING, "the lock file of a run could not be closed", e);
        }
    }

    /** {@return the path of the model, which exists if the run is finished or was stopped} */
    public Path model() {
        return model(folder);
    }

    private static Path model(Path folder) {
        return folder.resolve("model.safetensors");
    }

    Path picture(String name) {
        return folder.resolve(name);
    }

    private static Path metrics(Path folder) {
        return folder.resolve("metrics.jsonl");
    }

    /** Returns whether there are checkpoints, valid or not. */
    boolean holdsRun() {
        return holdsRun(folder);
    }

    /**
     * {@return the checkpoints in the folder}
     *
     * @param notes to be kept in every one that will be saved
     */
    public CheckpointStore checkpoints(Map<String, String> notes) {
        Objects.requireNonNull(notes, "notes");
        return new CheckpointStore(disk, folder, notes);
    }

    void writeConfiguration(JsonObject configuration) {
        write(folder.resolve("config.json"), PRETTY.toJson(configuration) + "\n");
    }

    private void write(Path file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(disk, file, out -> out.write(ByteBuffer.wrap(bytes)), temporary -> {});
    }

    /**
     * Makes {@code metrics.jsonl} of these epochs alone, durably; {@code test} of the last line is null while unused.
     */
    void beginMetrics(List<EpochMetrics> epochs, EpochMetrics.Part test) {
        closeMetrics();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < epochs.size(); i++) {
            lines.append(MetricsLine.of(epochs.get(i), i + 1 < epochs.size() ? null : test));
        }
        write(metrics(folder), lines.toString());
        writing(() -> metrics = disk.append(metrics(folder)));
    }

    /** Removes model and pictures, durably: they show an earlier state of the run. */
    void removeResults() {
        removeAll(Set.of("model.safetensors", "reconstructions.png", "samples.png", "curves.png")::contains);
    }

    private void removeAll(Predicate<String> named) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(
                            file -> named.test(file.getFileName().toString()))
                    .toList();
            for (Path file : found) {
                disk.delete(file);
            }
            if (!found.isEmpty()) {
                disk.forceFolder(folder);
            }
        } catch (IOException e) {
            throw ElboException.io(folder + ": old files cannot be removed: " + Messages.reason(e), e);
        }
    }

    /** Appends an epoch to {@code metrics.jsonl}; it is in the file at once, and on the device before the model is. */
    void append(EpochMetrics epoch) {
        ByteBuffer line = ByteBuffer.wrap(MetricsLine.of(epoch, null).getBytes(StandardCharsets.UTF_8));
        writing(() -> {
            while (line.hasRemaining()) {
                if (metrics.write(line) <= 0) {
                    throw new IOException("the system accepted no more bytes");
                }
            }
        });
    }

    /** Writes the model, after everything else that belongs to it; metadata as for {@link ModelFile#write}. */
    void writeModel(Vae vae, Map<String, String> metadata) {
        writing(metrics::force);
        ModelFile.write(disk, model(), vae, metadata);
    }

    private interface Writing {
        void run() throws IOException;
    }

    private void writing(Writing work) {
        try {
            work.run();
        } catch (IOException e) {
            throw ElboException.io(
                    metrics(folder) + ": could not be written: " + Messages.reason(e)
                            + "; check the folder and its free space",
                    e);
        }
    }

    private void closeMetrics() {
        Disk.Output open = metrics;
        metrics = null;
        if (open != null) {
            writing(open::close);
        }
    }

    @Override
    public void close() {
        try {
            closeMetrics();
        } finally {
            closeQuietly(lock);
        }
    }
}
