package dev.elbo.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The fingerprints that every backend and JDK is held to: SHA-256 over little-endian words. */
final class Hashes {
    /** The first 2²⁰ normals of seed 0x0123456789abcdef, step 7, LATENT, k 3. */
    static final String NORMALS = "d7fb6ddad3b07207b54928fc7dfaf06ef3d50d79adab9b23505031ffeeb68651";

    private Hashes() {}

    /** In a JVM of its own: prints the hash that {@link #NORMALS} fixes. */
    public static void main(String[] arguments) {
        System.out.println(normals());
    }

    static String normals() {
        float[] z = new float[1 << 20];
        Noise.normals(0x0123456789abcdefL, 7, NoiseStream.LATENT, 3, 0, z.length, z, 0);
        ByteBuffer bytes = ByteBuffer.allocate(4 * z.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(z);
        return sha256(bytes);
    }

    static String of(int[] words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        return sha256(bytes);
    }

    private static String sha256(ByteBuffer bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
