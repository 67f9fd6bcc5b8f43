package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder {@code .bundle-<name>} beside an archive of that name, in which its content is assembled. A lock tells a folder
 * in use from one whose process was killed: opening a folder first removes all of the latter beside the archive.
 */
record WorkFolder(Path path, FileChannel lock) implements AutoCloseable {
    private static final String PREFIX = ".bundle-";
    /** The lock's name. A folder without such a file is not ours, and never removed. */
    private static final String LOCK = ".elbo-bundle-lock";

    /** Makes the empty folder and its parents; throws io if another process packs the archive, or the name is taken. */
    static WorkFolder open(Path out) throws IOException {
        Path archive = out.toAbsolutePath();
        Path parent = Files.createDirectories(archive.getParent());
        removeAbandoned(parent);
        Path folder = parent.resolve(PREFIX + archive.getFileName());
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            throw ElboException.io(
                    Files.exists(folder.resolve(LOCK))
                            ? out + ": another process is packing it; wait for it to finish or use another file"
                            : folder + ": already exists; remove it or use another file",
                    e);
        }
        FileChannel lock = null;
        try {
            lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lock.lock();
            return new WorkFolder(folder, lock);
        } catch (IOException | RuntimeException e) {
            if (lock != null) {
                lock.close();
            }
            Files.deleteIfExists(folder.resolve(LOCK));
            Files.delete(folder);
            throw e;
        }
    }

    private static void removeAbandoned(Path parent) throws IOException {
        List<Path> folders;
        try (Stream<Path> files = Files.list(parent)) {
            folders = files.filter(file -> file.getFileName().toString().startsWith(PREFIX))
                    .filter(file -> Files.isRegularFile(file.resolve(LOCK)))
                    .toList();
        }
        for (Path folder : folders) {
            try (FileChannel lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
                if (lock.tryLock() != null) {
                    String archive = folder.getFileName().toString().substring(PREFIX.length());
                    AtomicFile.removeTemporaries(parent.resolve(archive));
                    delete(folder);
                }
            } catch (OverlappingFileLockException | AccessDeniedException | NoSuchFileException e) {
                // in use by this process, another user's, or removed by another process just now
            }
        }
    }

    /** Deletes the lock last, so that the next process finds a folder that could not be removed. */
    private static void delete(Path folder) throws IOException {
        Path lock = folder.resolve(LOCK);
        List<Path> content;
        try (Stream<Path> files = Files.walk(folder)) {
            content = files.filter(file -> !file.equals(folder) && !file.equals(lock))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (Path file : content) {
            Files.delete(file);
        }
        Files.deleteIfExists(lock);
        Files.delete(folder);
    }

    /** Removes the folder with its content. */
    @Override
    public void close() throws IOException {
        try (lock) {
            delete(path);
        }
    }
}
