package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.noise.Noise;

/**
 * The order of examples of which a share is held out, always the same ones, so that no model is ever evaluated on what it was trained
 * on.
 *
 * @param permutation numbers of all examples; it depends on their number alone. Kept and handed out without copies: treat it as
 *     read-only
 * @param kept examples that stay, the first of the permutation; those behind them are held out
 */
public record HeldOut(int[] permutation, int kept) {
    private static final double TEST_SHARE = 0.1;

    /**
     * {@return the order of examples of which a tenth is held out as test data, as {@link Split#withTestSet()} does}
     *
     * @param name of the data, for the message
     * @param examples their number
     * @throws ElboException data, if there is only one example
     */
    public static HeldOut of(String name, int examples) {
        return of(name, examples, TEST_SHARE, "testing");
    }

    /**
     * {@return the order of some examples}
     *
     * @param name of the data, for the message
     * @param examples their number
     * @param share that is held out, rounded down, at least one example
     * @param purpose of it, for the message
     * @throws ElboException data, if there is only one example
     */
    static HeldOut of(String name, int examples, double share, String purpose) {
        int kept = kept(name, examples, share, purpose);
        return new HeldOut(Noise.permutation(0, 0, examples), kept);
    }

    /**
     * {@return the examples that stay of those of {@link #of(String, int)}}
     *
     * @param name of the data, for the message
     * @param examples their number
     * @throws ElboException data, if there is only one example
     */
    public static int kept(String name, int examples) {
        return kept(name, examples, TEST_SHARE, "testing");
    }

    private static int kept(String name, int examples, double share, String purpose) {
        if (examples < 2) {
            throw ElboException.data(name + ": has one example; two are needed to hold one out for " + purpose);
        }
        return examples - Math.max(1, (int) (examples * share));
    }
}
