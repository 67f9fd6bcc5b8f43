package dev.elbo.cpu;

/**
 * A range cut into blocks that depend on its length alone, never on the number of threads.
 *
 * @param length elements in all
 * @param count number of blocks
 * @param unit every block but the last is a multiple of this
 */
record Blocks(int length, int count, int unit) {
    /** Elements of a block of a pass over memory: enough to be worth waking a thread for. */
    static final int ELEMENTS = 1 << 15;

    /** About {@code length / target} blocks of nearly equal length. */
    static Blocks of(int length, int target, int unit) {
        int most = Math.max(1, length / unit);
        int count = Math.min(most, Math.max(1, (int) Math.round((double) length / target)));
        return new Blocks(length, count, unit);
    }

    /** Rows in blocks of about {@code elements} elements. */
    static Blocks ofRows(int rows, int cols, int elements) {
        return of(rows, Math.max(1, elements / Math.max(1, cols)), 1);
    }

    int start(int block) {
        return block >= count ? length : (int) ((long) block * (length / unit) / count) * unit;
    }

    int size(int block) {
        return start(block + 1) - start(block);
    }
}
