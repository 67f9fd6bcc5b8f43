package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Writes a file so that after a crash or a power cut its name shows the old content or the new, never a mixture: a
 * temporary {@code .<name>.<random>.tmp} in the same folder is written, forced to the device, closed, read back and
 * compared by SHA-256, and renamed; then the folder is forced. When a call returns, the new content is on the device.
 * After any failure the temporary is removed and the old content is still there; only when forcing the folder fails,
 * after the rename, may it be either.
 */
public final class AtomicFile {
    /** Writes the content. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes everything.
         *
         * @param out each of its {@code write} calls takes all bytes that it is given
         * @throws IOException to give up; the file keeps its old content
         */
        void write(WritableByteChannel out) throws IOException;
    }

    /** A check of the content before it gets its name. */
    @FunctionalInterface
    public interface Check {
        /**
         * Checks the finished file, and refuses it by any exception.
         *
         * @param temporary the file under the name that it has until it is accepted
         * @throws IOException if it is not to get its name
         */
        void accept(Path temporary) throws IOException;
    }

    private static final SecureRandom RANDOM = new SecureRandom();

    private AtomicFile() {}

    /**
     * Writes bytes to a file.
     *
     * @param file to be made or replaced; a link stays, what it leads to is replaced
     * @param bytes all of its content
     * @return the SHA-256 of the content in hexadecimal
     * @throws ElboException of kind IO, naming the file
     */
    public static String write(Path file, byte[] bytes) {
        return write(file, out -> out.write(ByteBuffer.wrap(bytes)));
    }

    /**
     * Writes a file as {@link #write(Path, byte[])} does, with content that is made while it is written.
     *
     * @param file to be made or replaced
     * @param body makes the content; what it throws, other than an {@link IOException}, comes out unchanged
     * @return the SHA-256 of the content in hexadecimal
     */
    public static String write(Path file, Body body) {
        return write(Disk.REAL, file, body, temporary -> {});
    }

    /**
     * Writes a file as {@link #write(Path, Body)} does, on a given disk, if a check accepts the content.
     *
     * @param disk to write to; what was written is read back from {@link Disk#REAL}
     * @param file to be made or replaced
     * @param body makes the content
     * @param check sees the finished file before it gets its name
     * @return the SHA-256 of the content in hexadecimal
     */
    public static String write(Disk disk, Path file, Body body, Check check) {
        try {
            Path target = target(file);
            Path folder = target.getParent();
            Path temporary = folder.resolve(
                    "." + target.getFileName() + "." + Long.toUnsignedString(RANDOM.nextLong(), 36) + ".tmp");
            return writeAndRename(disk, target, temporary, body, check);
        } catch (IOException e) {
            throw ElboException.io(
                    file + ": could not be written: " + Messages.reason(e) + "; check the folder and its free space",
                    e);
        }
    }

    /**
     * Removes the temporaries that killed processes left of a file.
     *
     * @param file a file without a writer now; it need not exist, and keeps its content
     * @throws IOException if its folder cannot be read, or a temporary not be removed
     */
    public static void removeTemporaries(Path file) throws IOException {
        Path target = target(file);
        Pattern temporary =
                Pattern.compile("\\." + Pattern.quote(target.getFileName().toString()) + "\\.[0-9a-z]+\\.tmp");
        try (DirectoryStream<Path> found = Files.newDirectoryStream(
                target.getParent(),
                each -> temporary.matcher(each.getFileName().toString()).matches())) {
            for (Path each : found) {
                Files.delete(each);
            }
        }
    }

    private static String writeAndRename(Disk disk, Path target, Path temporary, Body body, Check check)
            throws IOException {
        boolean renamed = false;
        // Created outside of the try: a name that was already taken is not ours to delete.
        Disk.Output file = disk.create(temporary);
        try {
            String digest;
            try (Disk.Output output = file) {
                Whole whole = new Whole(output);
                body.write(whole);
                output.force();
                digest = whole.digest();
            }
            if (!digest(temporary).equals(digest)) {
                throw new IOException("the file that was read back differs from the one written");
            }
            check.accept(temporary);
            disk.rename(temporary, target);
            renamed = true;
            disk.forceFolder(target.getParent());
            return digest;
        } finally {
            if (!renamed) {
                remove(disk, temporary);
            }
        }
    }

    /** Returns the file that {@code file} links to, if it is a link, so that the link stays. */
    private static Path target(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        if (absolute.getFileName() == null) {
            throw new IOException("it is a folder");
        }
        if (!Files.exists(absolute)) {
            return absolute;
        }
        if (!Files.isRegularFile(absolute)) {
            throw new IOException("a folder, device or pipe of that name is there");
        }
        return absolute.toRealPath();
    }

    private static void remove(Disk disk, Path temporary) {
        try {
            disk.delete(temporary);
        } catch (IOException e) {
            // The failure that led here is the one to report.
            System.getLogger(AtomicFile.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} could not be removed", temporary);
        }
    }

    private static String digest(Path file) throws IOException {
        // no channel: an interrupt would close it
        try (InputStream in = new FileInputStream(file.toFile())) {
            return Sha256.of(in);
        }
    }

    /** Writes every byte that it is given, or throws, and digests what it wrote. */
    private static final class Whole implements WritableByteChannel {
        private final Disk.Output output;
        private final MessageDigest digest = Sha256.create();
        private boolean open = true;

        Whole(Disk.Output output) {
            this.output = output;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (!open) {
                throw new ClosedChannelException();
            }
            int all = bytes.remaining();
            digest.update(bytes.duplicate());
            while (bytes.hasRemaining()) {
                if (output.write(bytes) <= 0) {
                    throw new IOException("the system takes no more bytes");
                }
            }
            return all;
        }

        String digest() {
            return HexFormat.of().formatHex(digest.digest());
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        /** Closing the view leaves the file open: it must still be forced. */
        @Override
        public void close() {
            open = false;
        }
    }
}
