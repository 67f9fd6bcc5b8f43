package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kind of content at a path, going by its first bytes.
 *
 * @param start the first bytes of a file, unpacked where it is gzip; fewer where there are fewer, none of a folder
 * @param gzip whether the file is packed with gzip
 */
record Content(Path path, boolean folder, byte[] start, boolean gzip) {
    private static final int MAX_START_LENGTH = 1 << 12;

    /** Inspects a path; one that cannot be read is an {@link ElboException} of kind DATA. */
    static Content of(Path path) {
        if (Files.isDirectory(path)) {
            return new Content(path, true, new byte[0], false);
        }
        try (InputFile in = InputFile.open(path)) {
            if (Gunzip.is(in)) {
                try (Gunzip unpacked = new Gunzip(in)) {
                    return new Content(path, false, unpacked.readNBytes(MAX_START_LENGTH), true);
                }
            }
            byte[] start = new byte[(int) Math.min(MAX_START_LENGTH, in.size())];
            in.read(0, ByteBuffer.wrap(start));
            return new Content(path, false, start, false);
        } catch (IOException e) {
            throw ElboException.io(path + ": reading failed: " + Messages.reason(e), e);
        }
    }

    /** Returns whether it begins with these bytes, of which each char is one. */
    boolean startsWith(String magic) {
        return new String(start, StandardCharsets.ISO_8859_1).startsWith(magic);
    }
}
