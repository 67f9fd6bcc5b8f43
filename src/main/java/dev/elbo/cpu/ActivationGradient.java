package dev.elbo.cpu;

import dev.elbo.model.Activation;
import java.util.Arrays;

/**
 * The first pass of a gradient: dY before the activation in place, and its sums over rows. Stretches of {@link #PARTIAL} rows
 * are summed in float32 wherever they lie, and added in float64 in their order, so that blocks of rows change no bit.
 */
final class ActivationGradient implements Runnable {
    /** Rows that are summed in float32 before they go to float64. */
    private static final int PARTIAL = 64;

    private final Workers workers;
    private final Products products;
    private final Slice y;
    private final Slice dY;
    private final Activation activation;
    private final Slice dB;
    private final Blocks columns;
    private final Blocks rows;
    private final float[] ones;
    private final float[] partial;
    private final double[] sum;
    private final double[][] scratch;
    private final Workers.Body body = this::block;

    /**
     * @param columns the columns of dY in blocks
     * @param dB the sums, or null
     */
    ActivationGradient(
            Workers workers, Products products, Slice y, Slice dY, Activation activation, Slice dB, Blocks columns) {
        this.workers = workers;
        this.products = products;
        this.y = y;
        this.dY = dY;
        this.activation = activation;
        this.dB = dB;
        this.columns = columns;
        rows = Blocks.of(dY.rows(), Math.max(PARTIAL, Blocks.ELEMENTS / columns.size(0)), PARTIAL);
        ones = new float[Math.min(PARTIAL, dY.rows())];
        Arrays.fill(ones, 1);
        partial = new float[dB == null ? 0 : stretches() * dY.cols()];
        sum = new double[dB == null ? 0 : dY.cols()];
        scratch = Chunk.scratch(columns.count() * rows.count());
    }

    private int stretches() {
        return (dY.rows() + PARTIAL - 1) / PARTIAL;
    }

    @Override
    public void run() {
        if (dB != null || activation != Activation.IDENTITY) {
            workers.run(columns.count() * rows.count(), body);
        }
        if (dB != null) {
            addStretches();
        }
    }

    private void block(int block) {
        int from = columns.start(block % columns.count());
        int width = columns.size(block % columns.count());
        int bottom = rows.start(block / columns.count() + 1);
        for (int top = rows.start(block / columns.count()); top < bottom; top += PARTIAL) {
            int height = Math.min(PARTIAL, bottom - top);
            // rows without gaps are one run: short ones cost a call each
            boolean dense = y.stride() == width && dY.stride() == width;
            int run = dense ? height * width : width;
            for (int i = top; i < top + height; i += run / width) {
                Activations.multiplyDerivative(
                        activation, y.array(), y.row(i) + from, dY.array(), dY.row(i) + from, run, scratch[block]);
            }
            if (dB != null) {
                int at = top / PARTIAL * dY.cols() + from;
                products.columnSums(height, width, dY.array(), dY.row(top) + from, dY.stride(), ones, partial, at);
            }
        }
    }

    private void addStretches() {
        Arrays.fill(sum, 0);
        for (int at = 0; at < partial.length; at += sum.length) {
            for (int o = 0; o < sum.length; o++) {
                sum[o] += partial[at + o];
            }
        }
        for (int o = 0; o < sum.length; o++) {
            dB.put(o, (float) sum[o]);
        }
    }
}
