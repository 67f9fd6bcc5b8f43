package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, the digest that identifies files and data sets. */
public final class Sha256 {
    private static final int CHUNK = 1 << 16;

    private Sha256() {}

    /** {@return a new, empty digest} */
    public static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /**
     * {@return the digest of a file's bytes, as 64 hexadecimal digits in lower case}
     *
     * @param file a regular file
     * @throws ElboException of kind DATA, naming the file, if it is none or cannot be read
     */
    public static String ofFile(Path file) {
        try (InputFile in = InputFile.open(file);
                InputStream bytes = in.stream(0)) {
            return of(bytes);
        } catch (IOException e) {
            throw ElboException.data(file + ": cannot be read: " + Messages.reason(e), e);
        }
    }

    static String of(InputStream in) throws IOException {
        MessageDigest digest = create();
        byte[] chunk = new byte[CHUNK];
        for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
            digest.update(chunk, 0, got);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
