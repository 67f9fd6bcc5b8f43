package dev.elbo.cpu;

import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Tensor;
import java.util.function.DoubleSupplier;

/** The losses, the Gaussian one with its gradients in one pass; sums in float64. */
final class LossCommands implements RawOps.Loss {
    private static final double LOG_2_PI = Math.log(2 * Math.PI);

    private final Workers workers;

    LossCommands(Workers workers) {
        this.workers = workers;
    }

    static double weight(Slice rowWeight, double scale, int row) {
        return rowWeight == null ? scale : scale * rowWeight.at(row);
    }

    @Override
    public Runnable gaussianLoss(
            Tensor outputTensor,
            Tensor xTensor,
            Tensor logVarTensor,
            Tensor rowWeightTensor,
            double scale,
            Tensor lossTensor,
            Tensor dOutputTensor,
            Tensor dLogVarTensor) {
        Slice output = Slice.of(outputTensor);
        Slice x = Slice.of(xTensor);
        Slice logVar = Slice.of(logVarTensor);
        Slice rowWeight = Slice.of(rowWeightTensor);
        Slice loss = Slice.of(lossTensor);
        Slice dOutput = Slice.of(dOutputTensor);
        Slice dLogVar = Slice.of(dLogVarTensor);
        int cols = output.cols();
        boolean shared = logVar == null || logVar.cols() == 1;
        float[] precision = new float[cols];
        double[] constant = new double[1];
        Blocks rows = Blocks.ofRows(output.rows(), cols, Blocks.ELEMENTS);
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                float weight = (float) weight(rowWeight, scale, r);
                int outAt = output.row(r);
                int xAt = x.row(r % x.rows());
                if (loss != null) {
                    double squares = shared
                            ? precision[0] * squares(output.array(), outAt, x.array(), xAt, cols)
                            : scaledSquares(output.array(), outAt, x.array(), xAt, precision, cols);
                    loss.put(r, (float) (0.5 * squares + constant[0]));
                }
                if (dOutput != null && shared && outAt == xAt && outAt == dOutput.row(r)) {
                    scaledErrors(output.array(), x.array(), precision[0], weight, dOutput.array(), outAt, outAt + cols);
                } else if (dOutput != null) {
                    scaledErrors(
                            output.array(),
                            outAt,
                            x.array(),
                            xAt,
                            precision,
                            weight,
                            dOutput.array(),
                            dOutput.row(r),
                            cols);
                }
            }
        };
        Runnable prepare = () -> {
            double sum = 0;
            for (int d = 0; d < cols; d++) {
                double lv = logVar == null ? 0 : LogVariance.clamp(logVar.at(logVar.cols() == 1 ? 0 : d));
                precision[d] = (float) Elementary.exp(-lv);
                sum += 0.5 * (lv + LOG_2_PI);
            }
            constant[0] = sum;
        };
        Runnable learn =
                dLogVar == null ? () -> {} : varianceGradient(output, x, logVar, rowWeight, scale, precision, dLogVar);
        return () -> {
            prepare.run();
            workers.run(rows.count(), body);
            learn.run();
        };
    }

    /** Σ_d (output − x)²; four sums, so that additions need not wait for each other. */
    private static double squares(float[] output, int outAt, float[] x, int xAt, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            double ea = output[outAt + i] - x[xAt + i];
            double eb = output[outAt + i + 1] - x[xAt + i + 1];
            double ec = output[outAt + i + 2] - x[xAt + i + 2];
            double ed = output[outAt + i + 3] - x[xAt + i + 3];
            a = Math.fma(ea, ea, a);
            b = Math.fma(eb, eb, b);
            c = Math.fma(ec, ec, c);
            d = Math.fma(ed, ed, d);
        }
        for (; i < count; i++) {
            double e = output[outAt + i] - x[xAt + i];
            a = Math.fma(e, e, a);
        }
        return a + b + (c + d);
    }

    /** Σ_d (output − x)² · precision; a loop of its own, since one precision for all spares two operations an element. */
    private static double scaledSquares(float[] output, int outAt, float[] x, int xAt, float[] precision, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            double ea = output[outAt + i] - x[xAt + i];
            double eb = output[outAt + i + 1] - x[xAt + i + 1];
            double ec = output[outAt + i + 2] - x[xAt + i + 2];
            double ed = output[outAt + i + 3] - x[xAt + i + 3];
            a += ea * ea * precision[i];
            b += eb * eb * precision[i + 1];
            c += ec * ec * precision[i + 2];
            d += ed * ed * precision[i + 3];
        }
        for (; i < count; i++) {
            double e = output[outAt + i] - x[xAt + i];
            a += e * e * precision[i];
        }
        return a + b + (c + d);
    }

    private static void scaledErrors(
            float[] output,
            int outAt,
            float[] x,
            int xAt,
            float[] precision,
            float weight,
            float[] d,
            int at,
            int count) {
        for (int i = 0; i < count; i++) {
            d[at + i] = (output[outAt + i] - x[xAt + i]) * precision[i] * weight;
        }
    }

    /** The same with one variance, where all three lie at the same places of their arrays: vectorised. */
    private static void scaledErrors(
            float[] output, float[] x, float precision, float weight, float[] d, int from, int to) {
        for (int i = from; i < to; i++) {
            d[i] = (output[i] - x[i]) * precision * weight;
        }
    }

    private Runnable varianceGradient(
            Slice output, Slice x, Slice logVar, Slice rowWeight, double scale, float[] precision, Slice dLogVar) {
        int cols = output.cols();
        double[] sums = new double[cols];
        Blocks columns = Blocks.of(cols, 64, 16);
        Workers.Body body = block -> {
            int from = columns.start(block);
            int to = columns.start(block + 1);
            java.util.Arrays.fill(sums, from, to, 0);
            for (int r = 0; r < output.rows(); r++) {
                double half = 0.5 * weight(rowWeight, scale, r);
                int outAt = output.row(r);
                int xAt = x.row(r % x.rows());
                for (int d = from; d < to; d++) {
                    double error = output.array()[outAt + d] - x.array()[xAt + d];
                    sums[d] += half * (1 - error * error * precision[d]);
                }
            }
        };
        return () -> {
            workers.run(columns.count(), body);
            if (dLogVar.cols() == 1) {
                double sum = 0;
                for (double part : sums) {
                    sum += part;
                }
                dLogVar.put(0, LogVariance.isInside(logVar.at(0)) ? (float) sum : 0);
            } else {
                for (int d = 0; d < cols; d++) {
                    dLogVar.put(d, LogVariance.isInside(logVar.at(d)) ? (float) sums[d] : 0);
                }
            }
        };
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVarTensor) {
        DoubleSupplier squaredErrors = squaredErrors(output, x);
        Slice logVar = Slice.of(logVarTensor);
        return () -> logVar.put(0, logVar(squaredErrors.getAsDouble() / output.size()));
    }

    @Override
    public Runnable squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean) {
        DoubleSupplier squaredErrors = squaredErrors(output, x);
        double[] to = HostBuffer.array(mean);
        return () -> to[(int) mean.offset()] = squaredErrors.getAsDouble() / elements;
    }

    @Override
    public Runnable logVarOfMean(Tensor mean, Tensor logVarTensor) {
        double[] means = HostBuffer.array(mean);
        Slice logVar = Slice.of(logVarTensor);
        return () -> logVar.put(0, logVar(means[(int) mean.offset()]));
    }

    private static float logVar(double mean) {
        return (float) StrictMath.log(mean < LogVariance.FLOOR ? LogVariance.FLOOR : mean);
    }

    private DoubleSupplier squaredErrors(Tensor outputTensor, Tensor xTensor) {
        Slice output = Slice.of(outputTensor);
        Slice x = Slice.of(xTensor);
        int cols = output.cols();
        Blocks rows = Blocks.ofRows(output.rows(), cols, Blocks.ELEMENTS);
        double[] sums = new double[rows.count()];
        Workers.Body body = block -> {
            double sum = 0;
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                sum += squares(output.array(), output.row(r), x.array(), x.row(r % x.rows()), cols);
            }
            sums[block] = sum;
        };
        return () -> {
            workers.run(rows.count(), body);
            double sum = 0;
            for (double part : sums) {
                sum += part;
            }
            return sum;
        };
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return BernoulliCommand.of(
                workers, Slice.of(logits), Slice.of(x), Slice.of(rowWeight), scale, Slice.of(loss), Slice.of(dLogits));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return WeightCommand.of(
                Slice.of(reconstruction),
                Slice.of(sampledKl),
                Slice.of(logWeights),
                Slice.of(weights),
                Slice.of(bound));
    }
}
