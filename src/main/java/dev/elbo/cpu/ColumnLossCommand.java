package dev.elbo.cpu;

import dev.elbo.backend.LogDispersion;
import dev.elbo.backend.LogVariance;
import dev.elbo.model.ColumnKind;
import java.util.Arrays;

/** The loss of columns with its gradients: rows in one pass, and the sums over rows of the gradients of log σ² and of log θ. */
final class ColumnLossCommand implements Runnable {
    /** Row r is summed in lane r mod 32, and the lanes as a tree, as columnSum of kernels/elbo.cuh does. */
    private static final int ROW_LANES = 32;

    private static final double LOG_2_PI = 1.8378770664093453;

    private final Workers workers;
    private final ColumnTable table;
    private final Rows rows;
    private final Slice logVar;
    private final Slice logDispersion;
    private final Slice dLogVar;
    private final Slice dLogDispersion;
    private final int gaussians;
    private final int parameters;
    private final int lanes;

    private final float[] clamped;
    private final float[] precision;
    private final CountLoss.Dispersion[] dispersions;

    private final Blocks rowBlocks;
    private final Workers.Body rowBody;
    private final Blocks parameterBlocks;
    private final Workers.Body parameterBody;
    private final Block[] blocks;

    /** The gradients' terms, rows × parameters; null if no such gradient is wanted. */
    private final float[] terms;

    private final double[][] sums;

    /** What there is of each row; loss and dOutput are null if they are not wanted. */
    record Rows(Slice output, Slice x, Slice rowWeight, float scale, Slice loss, Slice dOutput) {}

    ColumnLossCommand(
            Workers workers,
            ColumnTable table,
            Rows rows,
            Slice logVar,
            Slice logDispersion,
            Slice dLogVar,
            Slice dLogDispersion) {
        this.workers = workers;
        this.table = table;
        this.rows = rows;
        this.logVar = logVar;
        this.logDispersion = logDispersion;
        this.dLogVar = dLogVar;
        this.dLogDispersion = dLogDispersion;
        gaussians = logVar == null ? 0 : logVar.cols();
        parameters = gaussians + (logDispersion == null ? 0 : logDispersion.cols());
        lanes = Teams.lanes(table.count(), rows.output.cols());
        clamped = new float[gaussians];
        precision = new float[gaussians];
        dispersions = new CountLoss.Dispersion[parameters - gaussians];
        Arrays.setAll(dispersions, i -> new CountLoss.Dispersion());
        rowBlocks = ColumnCommands.blocks(rows.output);
        blocks = new Block[rowBlocks.count()];
        Arrays.setAll(blocks, i -> new Block());
        rowBody = block -> {
            for (int r = rowBlocks.start(block); r < rowBlocks.start(block + 1); r++) {
                blocks[block].row(r);
            }
        };
        boolean learns = dLogVar != null || dLogDispersion != null;
        terms = learns ? new float[Math.multiplyExact(rows.output.rows(), parameters)] : null;
        sums = new double[learns ? ROW_LANES : 0][parameters];
        parameterBlocks = Blocks.of(parameters, Math.max(1, Blocks.ELEMENTS / rows.output.rows()), 16);
        parameterBody = block -> sum(parameterBlocks.start(block), parameterBlocks.start(block + 1));
    }

    @Override
    public void run() {
        table.read();
        for (int i = 0; i < gaussians; i++) {
            clamped[i] = LogVariance.clamp(logVar.at(i));
            precision[i] = Elementary32.exp(-clamped[i]);
        }
        for (int i = 0; i < dispersions.length; i++) {
            dispersions[i].set(logDispersion.at(i));
        }
        workers.run(rowBlocks.count(), rowBody);
        if (terms != null) {
            workers.run(parameterBlocks.count(), parameterBody);
        }
    }

    private void sum(int from, int to) {
        for (double[] lane : sums) {
            Arrays.fill(lane, from, to, 0);
        }
        for (int r = 0; r < rows.output.rows(); r++) {
            double[] lane = sums[r % ROW_LANES];
            for (int p = from; p < to; p++) {
                lane[p] += terms[r * parameters + p];
            }
        }
        for (int half = ROW_LANES / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                for (int p = from; p < to; p++) {
                    sums[lane][p] += sums[lane + half][p];
                }
            }
        }
        for (int p = from; p < to; p++) {
            if (p < gaussians) {
                put(dLogVar, p, sums[0][p], LogVariance.isInside(logVar.at(p)));
            } else {
                put(dLogDispersion, p - gaussians, sums[0][p], LogDispersion.isInside(logDispersion.at(p - gaussians)));
            }
        }
    }

    /** Stores a gradient, exactly 0 where the parameter is clamped. */
    private static void put(Slice gradient, int i, double sum, boolean passes) {
        if (gradient != null) {
            gradient.put(i, passes ? (float) sum : 0);
        }
    }

    /** The rows of a block, one after the other. */
    private final class Block {
        private final float[] o = rows.output.array();
        private final float[] x = rows.x.array();
        private final float[] d = rows.dOutput == null ? null : rows.dOutput.array();
        private final double[] sums = new double[lanes];
        private final Exponentials exponentials = new Exponentials(table, lanes);
        private final CountLoss counts = new CountLoss();
        private int outputAt;
        private int xAt;
        private int dAt;
        private int termsAt;
        private float weight;

        void row(int r) {
            outputAt = rows.output.row(r);
            xAt = rows.x.row(r % rows.x.rows());
            dAt = d == null ? 0 : rows.dOutput.row(r);
            termsAt = r * parameters;
            weight = rows.rowWeight == null ? rows.scale : rows.scale * rows.rowWeight.at(r);
            Arrays.fill(sums, 0);
            double together = 0;
            for (int end = 0, c = 0; c < table.count(); c++) {
                if (c == end) {
                    end = exponentials.compute(c, o, outputAt, x, xAt);
                }
                double term = loss(c);
                if (table.size(c) > Teams.NARROW) {
                    together += term;
                } else {
                    sums[c & lanes - 1] += term;
                }
            }
            if (rows.loss != null) {
                rows.loss.put(r, (float) (Teams.sum(sums, lanes) + together));
            }
        }

        private double loss(int c) {
            int place = table.place(c);
            float target = x[xAt + place];
            if (Float.isNaN(target)) {
                missing(table.kind(c), place, table.size(c), table.number(c));
                return 0;
            }
            float output = o[outputAt + place];
            return switch (table.kind(c)) {
                case GAUSSIAN -> gaussian(place, table.number(c), target, output);
                case BERNOULLI -> bernoulli(place, target, output);
                case CATEGORICAL -> categorical(c, place, table.size(c));
                case POISSON -> {
                    counts.poisson(target, output);
                    yield count(place, output);
                }
                case NEGATIVE_BINOMIAL -> {
                    int number = table.number(c);
                    counts.negativeBinomial(target, output, dispersions[number]);
                    term(gaussians + number, scaled(counts.byLogDispersion()));
                    yield count(place, output);
                }
            };
        }

        private void missing(ColumnKind kind, int place, int size, int number) {
            for (int i = place; i < place + size; i++) {
                gradient(i, 0);
            }
            if (kind == ColumnKind.GAUSSIAN) {
                term(number, 0);
            } else if (kind == ColumnKind.NEGATIVE_BINOMIAL) {
                term(gaussians + number, 0);
            }
        }

        private void gradient(int place, float value) {
            if (d != null) {
                d[dAt + place] = value;
            }
        }

        private void term(int parameter, float value) {
            if (terms != null) {
                terms[termsAt + parameter] = value;
            }
        }

        private float scaled(double value) {
            return (float) (weight * value);
        }

        private double gaussian(int place, int number, float target, float output) {
            float error = output - target;
            float scaled = error * precision[number];
            gradient(place, weight * scaled);
            term(number, 0.5f * weight * Math.fma(-error, scaled, 1));
            return 0.5 * (Math.fma(error, scaled, clamped[number]) + LOG_2_PI);
        }

        private double bernoulli(int place, float target, float output) {
            float e = exponentials.next();
            gradient(place, weight * (Elementary32.sigmoid(output, e) - target));
            return Math.fma(-output, target, output > 0 ? output : 0) + Elementary32.log1p(e);
        }

        private double categorical(int c, int place, int size) {
            double chosen = exponentials.sum(c, o, outputAt + place, x, xAt + place);
            if (d != null) {
                exponentials.gradient(weight, x, xAt + place, d, dAt + place, size);
            }
            return exponentials.logSumExp(c) - chosen;
        }

        private double count(int place, float output) {
            gradient(place, CountLoss.isInside(output) ? scaled(counts.byLogMean()) : 0);
            return counts.loss();
        }
    }
}
