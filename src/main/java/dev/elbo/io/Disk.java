package dev.elbo.io;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file operations for files that must survive a crash: {@link AtomicFile} and the folder of a training run. Tests
 * replace it by one that records them or fails the N-th. An interrupt of the calling thread disturbs none of them.
 */
public interface Disk {
    /** A new file that is being written. */
    interface Output extends Closeable {
        /**
         * Appends bytes.
         *
         * @param bytes those that remain in it; its position moves behind the last that is written
         * @return number of bytes written, which may be fewer than remained
         * @throws IOException if the disk is full or fails
         */
        int write(ByteBuffer bytes) throws IOException;

        /**
         * Forces everything written to the storage device.
         *
         * @throws IOException if that may have failed; the file must then not be trusted
         */
        void force() throws IOException;
    }

    /**
     * Creates a file.
     *
     * @param file that must not exist
     * @return to write to, empty
     * @throws IOException if it exists or cannot be made
     */
    Output create(Path file) throws IOException;

    /**
     * Opens a file to write behind its end.
     *
     * @param file that is there
     * @return to write to
     * @throws IOException if it cannot be opened
     */
    Output append(Path file) throws IOException;

    /**
     * Renames a file in one step, replacing any file of the new name.
     *
     * @param from the file
     * @param to its name to be, in the same file system
     * @throws IOException if renaming fails; both files are then unchanged
     */
    void rename(Path from, Path to) throws IOException;

    /**
     * Forces the names in a folder to the storage device.
     *
     * @param folder that is there
     * @throws IOException if that may have failed
     */
    void forceFolder(Path folder) throws IOException;

    /**
     * Removes a file.
     *
     * @param file that may be there or not
     * @throws IOException if it exists and cannot be removed
     */
    void delete(Path file) throws IOException;

    /** The machine's file system. */
    Disk REAL = new Disk() {
        @Override
        public Output create(Path file) throws IOException {
            Files.createFile(file);
            return append(file);
        }

        @Override
        public Output append(Path file) throws IOException {
            // no channel: an interrupt would close it
            FileOutputStream stream = new FileOutputStream(file.toFile(), true);
            return new Output() {
                private byte[] chunk = new byte[0];

                @Override
                public int write(ByteBuffer bytes) throws IOException {
                    int count = bytes.remaining();
                    if (bytes.hasArray()) {
                        stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), count);
                        bytes.position(bytes.limit());
                    } else {
                        chunk = chunk.length < count ? new byte[count] : chunk;
                        bytes.get(chunk, 0, count);
                        stream.write(chunk, 0, count);
                    }
                    return count;
                }

                @Override
                public void force() throws IOException {
                    stream.getFD().sync();
                }

                @Override
                public void close() throws IOException {
                    stream.close();
                }
            };
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                while (true) {
                    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                        channel.force(true);
                        return;
                    } catch (ClosedByInterruptException e) {
                        interrupted |= Thread.interrupted();
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void delete(Path file) throws IOException {
            Files.deleteIfExists(file);
        }
    };
}
