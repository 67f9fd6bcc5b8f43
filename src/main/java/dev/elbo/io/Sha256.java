package dev.elbo.io;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest that files and data sets are identified by. */
public final class Sha256 {
    private Sha256() {}

    /** A new, empty digest. */
    public static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
