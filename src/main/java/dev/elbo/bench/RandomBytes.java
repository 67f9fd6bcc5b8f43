package dev.elbo.bench;

import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import java.util.SplittableRandom;

/** Random training data: bytes above 0. */
final class RandomBytes {
    private static final float BYTE = 1 / 255f;

    private RandomBytes() {}

    static Split split(int examples, int heldOut, int inputs) {
        return Split.of(of(examples, inputs, 1), of(heldOut, inputs, 2));
    }

    private static Dataset of(int examples, int inputs, long seed) {
        long size = (long) examples * inputs;
        if (size > Integer.MAX_VALUE - 8) {
            throw ElboException.usage(examples + " × " + inputs
                    + " bytes of random data are more than one array holds; use a smaller batch");
        }
        byte[] bytes = new byte[(int) size];
        new SplittableRandom(seed).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == 0 ? 1 : bytes[i];
        }
        return Dataset.ofBytes("random", bytes, inputs, BYTE);
    }
}
