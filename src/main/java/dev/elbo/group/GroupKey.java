package dev.elbo.group;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A number and a secret that the members of a group know. Arrays are kept and handed out without copies: treat them as read-only.
 *
 * @param nonce number of the run and its attempt, {@link #NONCE_BYTES}, no secret: members of an earlier attempt have another
 * @param secret the key of the authentication, {@link #SECRET_BYTES}
 */
public record GroupKey(byte[] nonce, byte[] secret) {
    /** Bytes of a nonce. */
    public static final int NONCE_BYTES = 16;

    /** Bytes of a secret. */
    public static final int SECRET_BYTES = 32;

    /** Bytes of a proof. */
    static final int PROOF_BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one has another length
     */
    public GroupKey {
        if (nonce.length != NONCE_BYTES || secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("nonce has " + nonce.length + " bytes and secret " + secret.length
                    + "; they need " + NONCE_BYTES + " and " + SECRET_BYTES);
        }
    }

    /**
     * {@return bytes that nobody can guess}
     *
     * @param count of the bytes
     */
    public static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Returns what only a member can say in a handshake: HMAC-SHA256 of the role, the nonce and both challenges and ranks. */
    byte[] proof(String role, byte[] asked, byte[] answered, int connecting, int accepting, int size) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(role.getBytes(StandardCharsets.US_ASCII));
            mac.update(nonce);
            mac.update(asked);
            mac.update(answered);
            mac.update(ByteBuffer.allocate(3 * Integer.BYTES)
                    .putInt(connecting)
                    .putInt(accepting)
                    .putInt(size)
                    .flip());
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "GroupKey";
    }
}
