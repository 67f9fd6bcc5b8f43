package dev.elbo.data;

/**
 * A sum over shards in a fixed binary tree: neighbours in pairs, of which an odd last one passes up, until one is left. Whoever adds
 * the shards of a run, on whatever machines, gets the same bits.
 */
public final class ShardTree {
    private ShardTree() {}

    /**
     * {@return the sum}
     *
     * @param shards a value of each, at least one; unchanged
     */
    public static double sum(double... shards) {
        double[] level = shards.clone();
        for (int left = level.length; left > 1; left = (left + 1) / 2) {
            for (int i = 0; i < left / 2; i++) {
                level[i] = level[2 * i] + level[2 * i + 1];
            }
            if (left % 2 == 1) {
                level[left / 2] = level[left - 1];
            }
        }
        return level[0];
    }
}
