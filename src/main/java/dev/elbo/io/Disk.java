package dev.elbo.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file operations that {@link AtomicFile} makes, in the order it makes them. Tests put one in place that records
 * them or fails the N-th.
 */
public interface Disk {
    /** A new file that is being written. */
    interface Output extends Closeable {
        /** Writes some or all of the remaining bytes and returns how many; it may be fewer than remain. */
        int write(ByteBuffer bytes) throws IOException;

        /** Returns when everything written is on the device. */
        void force() throws IOException;
    }

    /** Creates a file that must not exist. */
    Output create(Path file) throws IOException;

    /** Replaces {@code to} by {@code from} in one step. */
    void rename(Path from, Path to) throws IOException;

    /** Returns when the names in a folder are on the device. */
    void forceFolder(Path folder) throws IOException;

    /** Removes a file if it is there. */
    void delete(Path file) throws IOException;

    /** The machine's file system. */
    Disk REAL = new Disk() {
        @Override
        public Output create(Path file) throws IOException {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new Output() {
                @Override
                public int write(ByteBuffer bytes) throws IOException {
                    return channel.write(bytes);
                }

                @Override
                public void force() throws IOException {
                    channel.force(true);
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }

        @Override
        public void delete(Path file) throws IOException {
            Files.deleteIfExists(file);
        }
    };
}
