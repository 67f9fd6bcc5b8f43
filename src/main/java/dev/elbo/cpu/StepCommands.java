package dev.elbo.cpu;

import dev.elbo.backend.Clock;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/** The commands of a step besides the model's: batch, weight of the KL divergence, metrics, counters. */
final class StepCommands {
    private final Workers workers;

    StepCommands(Workers workers) {
        this.workers = workers;
    }

    Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Slice x) {
        int cols = x.cols();
        int first = Math.toIntExact(data.offset());
        ClockView counters = ClockView.of(clock);
        byte[] bytes = data.type() == ElementType.UINT8 ? HostBuffer.array(data) : null;
        float[] floats = bytes == null ? HostBuffer.array(data) : null;
        int[] numbers = order == null ? null : HostBuffer.array(order);
        Blocks rows = Blocks.ofRows(x.rows(), cols, CpuOps.ELEMENTS);
        NoiseRows noise = binarize == null ? null : NoiseRows.of(binarize, x.rows(), cols, rows);
        float[][] uniforms = new float[rows.count()][noise == null ? 0 : cols];
        Workers.Body body = block -> {
            int start = counters.get(Clock.ROW);
            for (int b = rows.start(block); b < rows.start(block + 1); b++) {
                int row = numbers == null ? start + b : numbers[(int) order.offset() + start + b];
                int from = Math.addExact(first, Math.multiplyExact(row, cols));
                if (bytes != null) {
                    scaleBytes(bytes, from, scale, x.array(), x.row(b), cols);
                } else {
                    scaleFloats(floats, from, scale, x.array(), x.row(b), cols);
                }
                if (noise != null) {
                    noise.uniforms(block, b, uniforms[block]);
                    binarize(uniforms[block], x.array(), x.row(b), cols);
                }
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    private static void scaleBytes(byte[] bytes, int from, float scale, float[] x, int at, int count) {
        for (int i = 0; i < count; i++) {
            x[at + i] = (bytes[from + i] & 0xff) * scale;
        }
    }

    private static void scaleFloats(float[] floats, int from, float scale, float[] x, int at, int count) {
        for (int i = 0; i < count; i++) {
            x[at + i] = floats[from + i] * scale;
        }
    }

    /** 1 where the uniform is below: the sign of a difference, since a branch would be guessed wrong half of the time. */
    private static void binarize(float[] uniforms, float[] x, int at, int count) {
        for (int i = 0; i < count; i++) {
            x[at + i] = Float.floatToIntBits(uniforms[i] - x[at + i]) >>> 31;
        }
    }

    Runnable klWeight(
            Slice value, KlWeighting weighting, Slice targets, double rate, Tensor state, ScheduleRow schedule) {
        double[] kept = HostBuffer.array(state);
        int at = (int) state.offset();
        return () -> {
            int row = schedule.number();
            double violation = mean(value) - targets.at(row);
            double beta = rate * Math.signum(violation);
            if (weighting == KlWeighting.MULTIPLIER) {
                double average = kept[at + 2] == 0
                        ? violation
                        : (1 - KlWeighting.NEWEST) * kept[at + 1] + KlWeighting.NEWEST * violation;
                double change = rate * Math.max(-KlWeighting.MOST, Math.min(KlWeighting.MOST, average));
                kept[at] = Math.max(-KlWeighting.LOG_LIMIT, Math.min(KlWeighting.LOG_LIMIT, kept[at] + change));
                kept[at + 1] = average;
                kept[at + 2] = 1;
                beta = Elementary.exp(kept[at]);
            }
            schedule.set(Schedule.BETA, (float) beta);
        };
    }

    Runnable metrics(
            Slice reconstruction,
            Slice kl,
            Slice klTerm,
            Slice bound,
            Slice outputLogVar,
            ScheduleRow schedule,
            Tensor table) {
        double[] metrics = HostBuffer.array(table);
        return () -> {
            int at = (int) table.offset() + schedule.number() * Metrics.COLUMNS;
            double meanReconstruction = mean(reconstruction);
            double meanKl = kl == null ? 0 : mean(kl);
            double beta = schedule.get(Schedule.BETA);
            metrics[at + Metrics.LOSS] =
                    bound != null ? -mean(bound) : meanReconstruction + beta * (klTerm == null ? meanKl : mean(klTerm));
            metrics[at + Metrics.BETA] = beta;
            metrics[at + Metrics.RECONSTRUCTION] = meanReconstruction;
            metrics[at + Metrics.KL] = meanKl;
            metrics[at + Metrics.OUTPUT_VARIANCE] =
                    outputLogVar == null ? Double.NaN : Elementary.exp(outputLogVar.at(0));
        };
    }

    private static double mean(Slice column) {
        double sum = 0;
        for (int i = 0; i < column.rows(); i++) {
            sum += column.at(i);
        }
        return sum / column.rows();
    }

    Runnable advance(ClockView clock, int step, int row, int slot, int sample) {
        return () -> {
            clock.add(Clock.STEP, step);
            clock.add(Clock.ROW, row);
            clock.add(Clock.SLOT, slot);
            clock.add(Clock.SAMPLE, sample);
        };
    }
}
