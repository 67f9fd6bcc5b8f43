package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

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

/** The operations around the passes of a training step. */
final class StepLoops implements RawOps.Step {
    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        return () -> {
            Matrix batch = view(x);
            int first = Counters.get(clock, Clock.ROW);
            for (int b = 0; b < x.rows(); b++) {
                int row = order == null ? first + b : Matrix.ints(order)[(int) order.offset() + first + b];
                float[] uniforms = binarize == null ? null : Counters.uniforms(binarize, b, x.cols());
                for (int d = 0; d < x.cols(); d++) {
                    double value = stored(data, row, d) * scale;
                    batch.set(b, d, binarize == null ? value : uniforms[d] < (float) value ? 1 : 0);
                }
            }
        };
    }

    private static double stored(Tensor data, int row, int col) {
        if (data.type() == ElementType.REAL) {
            return view(data).get(row, col);
        }
        byte[] bytes = HostBuffer.array(data);
        return Byte.toUnsignedInt(bytes[Math.toIntExact(data.offset() + row * data.stride() + col)]);
    }

    @Override
    public Runnable rowMean(Tensor value, int rows, Tensor mean) {
        return () -> view(mean).set(0, 0, sum(value) / rows);
    }

    @Override
    public Runnable sumShards(Tensor parts, Tensor total) {
        return () -> {
            for (int i = 0; i < parts.cols(); i++) {
                double[] left = new double[parts.rows()];
                for (int s = 0; s < left.length; s++) {
                    left[s] = view(parts).get(s, i);
                }
                while (left.length > 1) {
                    double[] sums = new double[(left.length + 1) / 2];
                    for (int s = 0; s < sums.length; s++) {
                        sums[s] = 2 * s + 1 < left.length ? left[2 * s] + left[2 * s + 1] : left[2 * s];
                    }
                    left = sums;
                }
                view(total).set(0, i, left[0]);
            }
        };
    }

    @Override
    public Runnable klWeight(
            Tensor mean, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        return () -> {
            int row = Counters.get(schedule.clock(), Clock.SLOT);
            double violation = view(mean).get(0, 0) - view(targets).get(row, 0);
            double beta = rate * Math.signum(violation);
            if (weighting == KlWeighting.MULTIPLIER) {
                Matrix kept = view(state);
                double average = kept.get(0, 2) == 0
                        ? violation
                        : (1 - KlWeighting.NEWEST) * kept.get(0, 1) + KlWeighting.NEWEST * violation;
                double change = rate * Math.max(-KlWeighting.MOST, Math.min(KlWeighting.MOST, average));
                double log = Math.max(-KlWeighting.LOG_LIMIT, Math.min(KlWeighting.LOG_LIMIT, kept.get(0, 0) + change));
                kept.set(0, 0, log);
                kept.set(0, 1, average);
                kept.set(0, 2, 1);
                beta = Math.exp(log);
            }
            view(schedule.table()).set(row, Schedule.BETA, beta);
        };
    }

    @Override
    public Runnable stepMetrics(
            Tensor reconstruction,
            Tensor kl,
            Tensor klTerm,
            Tensor bound,
            Tensor outputLogVar,
            Schedule schedule,
            Tensor table) {
        return () -> {
            double meanReconstruction = mean(reconstruction);
            double meanKl = kl == null ? 0 : mean(kl);
            double beta = Counters.scheduled(schedule, Schedule.BETA);
            double loss =
                    bound != null ? -mean(bound) : meanReconstruction + beta * (klTerm == null ? meanKl : mean(klTerm));
            Matrix metrics = view(table);
            int row = Counters.get(schedule.clock(), Clock.SLOT);
            metrics.set(row, Metrics.LOSS, loss);
            metrics.set(row, Metrics.RECONSTRUCTION, meanReconstruction);
            metrics.set(row, Metrics.KL, meanKl);
            metrics.set(row, Metrics.BETA, beta);
            metrics.set(
                    row,
                    Metrics.OUTPUT_VARIANCE,
                    outputLogVar == null
                            ? Double.NaN
                            : Math.exp(view(outputLogVar).get(0, 0)));
        };
    }

    private static double mean(Tensor column) {
        return sum(column) / column.rows();
    }

    private static double sum(Tensor column) {
        double sum = 0;
        for (int i = 0; i < column.rows(); i++) {
            sum += view(column).get(i, 0);
        }
        return sum;
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        return () -> {
            double stepSize = Counters.scheduled(schedule, Schedule.STEP_SIZE);
            double scale = Counters.scheduled(schedule, Schedule.SECOND_MOMENT_SCALE);
            Matrix p = view(parameters);
            Matrix first = view(m);
            Matrix second = view(v);
            for (int i = 0; i < parameters.cols(); i++) {
                double g = view(gradient).get(0, i);
                first.add(0, i, (1 - settings.beta1()) * (g - first.get(0, i)));
                second.add(0, i, (1 - settings.beta2()) * (g * g - second.get(0, i)));
                p.add(0, i, -stepSize * first.get(0, i) / (Math.sqrt(second.get(0, i)) * scale + settings.epsilon()));
            }
        };
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return () -> {
            int[] counters = Matrix.ints(clock.counters());
            int at = (int) clock.counters().offset();
            counters[at + Clock.STEP] += step;
            counters[at + Clock.ROW] += row;
            counters[at + Clock.SLOT] += slot;
            counters[at + Clock.SAMPLE] += sample;
        };
    }
}
