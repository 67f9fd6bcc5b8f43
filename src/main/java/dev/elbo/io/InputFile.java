package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A regular file opened for reading, with its size known before the first byte is read. Folders, pipes, devices and
 * loops of links are refused: a pipe would block and a device never ends.
 */
public final class InputFile implements Closeable {
    private final Path path;
    /** Null if the content is in memory. */
    private final FileChannel channel;

    private final ByteBuffer content;
    private final long size;

    private InputFile(Path path, FileChannel channel, ByteBuffer content, long size) {
        this.path = path;
        this.channel = channel;
        this.content = content;
        this.size = size;
    }

    /**
     * Opens a file.
     *
     * @param path of a regular file, or of a link to one
     * @return to be closed
     * @throws ElboException of kind DATA if there is no such file, or it is not a regular file or not readable
     */
    public static InputFile open(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                String kind = attributes.isDirectory() ? "a folder" : "a device, pipe or socket";
                throw ElboException.data(path + ": is " + kind + "; a file is needed");
            }
            FileChannel channel = FileChannel.open(path);
            try {
                return new InputFile(path, channel, null, channel.size());
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw ElboException.data(path + ": cannot be opened: " + Messages.reason(e), e);
        }
    }

    /**
     * Wraps a file that is open already; closing this closes it.
     *
     * @param path the name in messages
     * @param channel open for reading
     * @return to be closed
     * @throws ElboException of kind IO if its size cannot be had
     */
    public static InputFile of(Path path, FileChannel channel) {
        try {
            return new InputFile(path, channel, null, channel.size());
        } catch (IOException e) {
            throw ElboException.io(path + ": its size cannot be read: " + Messages.reason(e), e);
        }
    }

    /**
     * Wraps content in memory, to be read as a file.
     *
     * @param path the name in messages
     * @param content kept
     * @return need not be closed
     */
    public static InputFile of(Path path, byte[] content) {
        return new InputFile(path, null, ByteBuffer.wrap(content).asReadOnlyBuffer(), content.length);
    }

    /** {@return the path as it was given} */
    public Path path() {
        return path;
    }

    /** {@return bytes in the file when it was opened} */
    public long size() {
        return size;
    }

    /**
     * Fills the rest of a buffer.
     *
     * @param offset in bytes, of the first byte that is read
     * @param into filled to its limit
     * @throws ElboException of kind DATA if the file ends before, of kind IO if reading fails
     */
    public void read(long offset, ByteBuffer into) {
        long at = offset;
        try {
            while (into.hasRemaining()) {
                int got = readAt(into, at);
                if (got < 0) {
                    throw ElboException.data(path + ": ends at byte " + at + ", " + into.remaining()
                            + " bytes before what it declares; it is truncated");
                }
                at += got;
            }
        } catch (IOException e) {
            throw ElboException.io(path + ": reading at byte " + at + " failed: " + Messages.reason(e), e);
        }
    }

    private int readAt(ByteBuffer into, long at) throws IOException {
        if (channel != null) {
            return channel.read(into, at);
        }
        int some = (int) Math.min(into.remaining(), size - at);
        if (some <= 0) {
            return into.hasRemaining() ? -1 : 0;
        }
        into.put(content.slice((int) at, some));
        return some;
    }

    /**
     * Maps a part of the file as read-only memory, which stays valid when the file is closed. It is read on access;
     * truncating the file meanwhile causes an {@link InternalError}.
     *
     * @param offset in bytes, of the first byte
     * @param length in bytes, below 2 GiB
     * @return {@code length} bytes, big endian
     * @throws ElboException of kind DATA if the file ends before, of kind IO if it cannot be mapped
     */
    public ByteBuffer map(long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw ElboException.data(path + ": has " + size + " bytes, not the " + length + " from byte " + offset
                    + " on; it is truncated");
        }
        if (channel == null) {
            return content.slice((int) offset, (int) length);
        }
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
        } catch (IOException e) {
            throw ElboException.io(path + ": cannot be mapped into memory: " + Messages.reason(e), e);
        }
    }

    /**
     * Opens a stream of the bytes from an offset to the end; closing it leaves the file open.
     *
     * @param offset in bytes, of the first byte
     * @return a stream with a position of its own
     */
    public InputStream stream(long offset) {
        return stream(offset, size - offset);
    }

    /**
     * Opens a stream of a part of the file, as {@link #stream(long)}.
     *
     * @param offset in bytes, of the first byte
     * @param length in bytes, after which the stream ends; it ends with the file where that has fewer
     * @return a stream with a position of its own
     */
    public InputStream stream(long offset, long length) {
        return new InputStream() {
            private long at = offset;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int start, int some) throws IOException {
                if (some > 0 && at - offset >= length) {
                    return -1;
                }
                int got = readAt(ByteBuffer.wrap(into, start, (int) Math.min(some, length - (at - offset))), at);
                at += Math.max(got, 0);
                return got;
            }
        };
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw ElboException.io(path + ": closing failed: " + Messages.reason(e), e);
        }
    }
}
