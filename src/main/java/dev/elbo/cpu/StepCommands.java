package dev.elbo.cpu;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/** The commands around the model's in a step: batch, weight of the KL divergence, metrics, counters. */
final class StepCommands implements RawOps.Step {
    private final Workers workers;

    StepCommands(Workers workers) {
        this.workers = workers;
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor xTensor) {
        Slice x = Slice.of(xTensor);
        int cols = x.cols();
        int first = Math.toIntExact(data.offset());
        ClockView counters = ClockView.of(clock);
        byte[] bytes = data.type() == ElementType.UINT8 ? HostBuffer.array(data) : null;
        float[] floats = bytes == null ? HostBuffer.array(data) : null;
        int[] numbers = order == null ? null : HostBuffer.array(order);
        Blocks rows = Blocks.ofRows(x.rows(), cols, Blocks.ELEMENTS);
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

    @Override
    public Runnable rowMean(Tensor valueTensor, int rows, Tensor mean) {
        Slice value = Slice.of(valueTensor);
        double[] to = HostBuffer.array(mean);
        return () -> to[(int) mean.offset()] = sum(value) / rows;
    }

    @Override
    public Runnable sumShards(Tensor parts, Tensor total) {
        return ShardSumCommand.of(workers, parts, total);
    }

    @Override
    public Runnable klWeight(
            Tensor meanTensor,
            KlWeighting weighting,
            Tensor targetsTensor,
            double rate,
            Tensor state,
            Schedule scheduled) {
        double[] means = HostBuffer.array(meanTensor);
        Slice targets = Slice.of(targetsTensor);
        ScheduleRow schedule = ScheduleRow.of(scheduled);
        double[] kept = HostBuffer.array(state);
        int at = (int) state.offset();
        return () -> {
            int row = schedule.number();
            double violation = means[(int) meanTensor.offset()] - targets.at(row);
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

    @Override
    public Runnable stepMetrics(
            Tensor reconstructionTensor,
            Tensor klTensor,
            Tensor klTermTensor,
            Tensor boundTensor,
            Tensor outputLogVarTensor,
            Schedule scheduled,
            Tensor table) {
        Slice reconstruction = Slice.of(reconstructionTensor);
        Slice kl = Slice.of(klTensor);
        Slice klTerm = Slice.of(klTermTensor);
        Slice bound = Slice.of(boundTensor);
        Slice outputLogVar = Slice.of(outputLogVarTensor);
        ScheduleRow schedule = ScheduleRow.of(scheduled);
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
        return sum(column) / column.rows();
    }

    private static double sum(Slice column) {
        double sum = 0;
        for (int i = 0; i < column.rows(); i++) {
            sum += column.at(i);
        }
        return sum;
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        Slice[] slices = {Slice.of(parameters), Slice.of(gradient), Slice.of(m), Slice.of(v)};
        return AdamCommand.of(workers, slices, ScheduleRow.of(schedule), settings);
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        ClockView counters = ClockView.of(clock);
        return () -> {
            counters.add(Clock.STEP, step);
            counters.add(Clock.ROW, row);
            counters.add(Clock.SLOT, slot);
            counters.add(Clock.SAMPLE, sample);
        };
    }
}
