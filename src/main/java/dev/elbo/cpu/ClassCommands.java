package dev.elbo.cpu;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/** The weights of classes: rows are read only where their class is summed, which a sort by counting decides beforehand. */
final class ClassCommands implements RawOps.Classes {
    private static final int COLUMNS = 64;

    /** Row r is summed in lane r mod 32, and the lanes as a tree, as kernels/classes.cu does: the same bits on a GPU. */
    private static final int LANES = 32;

    private final Workers workers;

    ClassCommands(Workers workers) {
        this.workers = workers;
    }

    /** Returns the class that the label of a row names, or −1. */
    private static int label(Slice labels, int row, int classes) {
        float label = labels.array()[labels.row(row % labels.rows())];
        int number = (int) label;
        return number >= 0 && number < classes && number == label ? number : -1;
    }

    @Override
    public Runnable classBias(Tensor labelsTensor, Tensor tableTensor, Activation activation, Tensor yTensor) {
        Slice labels = Slice.of(labelsTensor);
        Slice table = Slice.of(tableTensor);
        Slice y = Slice.of(yTensor);
        Blocks rows = Blocks.ofRows(y.rows(), y.cols(), Blocks.ELEMENTS);
        double[][] scratch = Chunk.scratch(rows.count());
        Workers.Body body = block -> {
            for (int i = rows.start(block); i < rows.start(block + 1); i++) {
                int number = label(labels, i, table.rows());
                if (number < 0) {
                    Arrays.fill(y.array(), y.row(i), y.row(i) + y.cols(), Float.NaN);
                } else {
                    add(table.array(), table.row(number), y.array(), y.row(i), y.cols());
                    Activations.apply(activation, y.array(), y.row(i), y.array(), y.row(i), y.cols(), scratch[block]);
                }
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    private static void add(float[] from, int at, float[] to, int start, int count) {
        for (int j = 0; j < count; j++) {
            to[start + j] += from[at + j];
        }
    }

    @Override
    public Runnable classBiasGrad(Tensor labelsTensor, Tensor dYTensor, Tensor dTableTensor) {
        Slice labels = Slice.of(labelsTensor);
        Slice dY = Slice.of(dYTensor);
        Slice dTable = Slice.of(dTableTensor);
        Blocks columns = Blocks.of(dY.cols(), COLUMNS, 16);
        double[][][] scratch = new double[columns.count()][LANES][];
        for (int block = 0; block < scratch.length; block++) {
            for (int lane = 0; lane < LANES; lane++) {
                scratch[block][lane] = new double[columns.size(block)];
            }
        }
        int[] sorted = new int[dY.rows()];
        int[] ends = new int[dTable.rows() + 1];
        Workers.Body body = block -> {
            int from = columns.start(block);
            for (int number = 0; number < dTable.rows(); number++) {
                double[] sum = sum(dY, from, sorted, ends[number], ends[number + 1], scratch[block]);
                Chunk.store(sum, dTable.array(), dTable.row(number) + from, sum.length);
                Arrays.fill(sum, 0);
            }
        };
        return () -> {
            sort(labels, sorted, ends);
            workers.run(columns.count(), body);
        };
    }

    /** Sorts rows by class, each class in their order: those of class k from {@code ends[k]} on, up to {@code ends[k + 1]}. */
    private static void sort(Slice labels, int[] sorted, int[] ends) {
        int classes = ends.length - 1;
        Arrays.fill(ends, 0);
        for (int row = 0; row < sorted.length; row++) {
            int number = label(labels, row, classes);
            if (number >= 0 && number + 1 < classes) {
                ends[number + 2]++;
            }
        }
        for (int number = 1; number <= classes; number++) {
            ends[number] += ends[number - 1];
        }
        // each start becomes the end of its class, which is the start of the next
        for (int row = 0; row < sorted.length; row++) {
            int number = label(labels, row, classes);
            if (number >= 0) {
                sorted[ends[number + 1]++] = row;
            }
        }
    }

    /**
     * Sums rows from a column on. Lanes are zero before and after, but for the first, which holds the sum: an unused lane
     * would only add zeros.
     */
    private static double[] sum(Slice dY, int from, int[] rows, int start, int end, double[][] lanes) {
        int used = 0;
        for (int i = start; i < end; i++) {
            int lane = rows[i] % LANES;
            used |= 1 << lane;
            double[] sum = lanes[lane];
            int at = dY.row(rows[i]) + from;
            for (int j = 0; j < sum.length; j++) {
                sum[j] += dY.array()[at + j];
            }
        }
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                if ((used >>> lane + half & 1) != 0) {
                    used |= 1 << lane;
                    double[] sum = lanes[lane];
                    double[] other = lanes[lane + half];
                    for (int j = 0; j < sum.length; j++) {
                        sum[j] += other[j];
                    }
                    Arrays.fill(other, 0);
                }
            }
        }
        return lanes[0];
    }
}
