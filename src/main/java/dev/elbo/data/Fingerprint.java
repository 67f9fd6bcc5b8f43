package dev.elbo.data;

import dev.elbo.io.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** The digest of rows, in a layout that depends on their content alone. */
final class Fingerprint {
    private static final int CHUNK = 1 << 14;

    private Fingerprint() {}

    /** Returns the digest of kind, counts, scale and values, big endian, in hexadecimal. */
    static String of(Rows rows, float scale) {
        int features = rows.features();
        MessageDigest digest = Sha256.create();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        chunk.put((byte) (rows.isBytes() ? 'b' : 'f'))
                .putInt(rows.count())
                .putInt(features)
                .putFloat(scale);
        digest.update(chunk.flip());
        rows.visit((from, count, values) -> {
            int width = rows.isBytes() ? 1 : Float.BYTES;
            for (int done = 0, some; done < count * features; done += some) {
                some = Math.min(count * features - done, CHUNK / width);
                chunk.clear();
                if (rows.isBytes()) {
                    for (int i = 0; i < some; i++) {
                        chunk.put((byte) (int) values[done + i]);
                    }
                } else {
                    chunk.asFloatBuffer().put(values, done, some);
                }
                digest.update(chunk.position(0).limit(some * width));
            }
            return true;
        });
        return HexFormat.of().formatHex(digest.digest());
    }
}
