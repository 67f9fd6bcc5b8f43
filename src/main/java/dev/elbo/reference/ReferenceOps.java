package dev.elbo.reference;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/** The operations as commands over the loops of this package; formulas and shapes are in {@link dev.elbo.backend.Ops}. */
final class ReferenceOps implements RawOps {
    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        return () -> {
            Matrix batch = Matrix.of(x);
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
            return Matrix.of(data).get(row, col);
        }
        byte[] bytes = HostBuffer.array(data);
        return Byte.toUnsignedInt(bytes[Math.toIntExact(data.offset() + row * data.stride() + col)]);
    }

    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        return () -> DenseLoops.forward(Matrix.of(x), Matrix.of(weight), Matrix.of(bias), activation, Matrix.of(y));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        return () -> DenseLoops.backward(
                Matrix.of(x),
                Matrix.of(weight),
                Matrix.of(y),
                Matrix.of(dY),
                activation,
                Matrix.of(dW),
                Matrix.of(dB),
                Matrix.of(dX));
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return () -> {
            Matrix from = Matrix.of(x);
            Matrix to = Matrix.of(y);
            for (int i = 0; i < x.rows(); i++) {
                for (int j = 0; j < x.cols(); j++) {
                    to.set(i, j, DenseLoops.apply(activation, from.get(i, j)));
                }
            }
        };
    }

    @Override
    public Runnable normal(NoiseSource noise, Tensor out) {
        return () -> {
            for (int i = 0; i < out.rows(); i++) {
                double[] eps = Counters.normals(noise, i, 0, out.rows(), out.cols());
                for (int j = 0; j < out.cols(); j++) {
                    Matrix.of(out).set(i, j, eps[j]);
                }
            }
        };
    }

    @Override
    public Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        return () -> LatentLoops.forward(
                Matrix.of(mu), Matrix.of(logVar), noise, Matrix.of(z), Matrix.of(kl), Matrix.of(sampledKl));
    }

    @Override
    public Runnable reparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource noise,
            Tensor dZ,
            KlMode mode,
            Schedule schedule,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar) {
        return () -> LatentLoops.backward(
                Matrix.of(mu),
                Matrix.of(logVar),
                noise,
                Matrix.of(dZ),
                mode,
                Counters.scheduled(schedule, Schedule.BETA),
                Matrix.of(rowWeight),
                scale,
                Matrix.of(dMu),
                Matrix.of(dLogVar));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return () -> {
            Matrix means = Matrix.of(mu);
            Matrix logVars = Matrix.of(logVar);
            Matrix kl = Matrix.of(klPerUnit);
            for (int b = 0; b < mu.rows(); b++) {
                for (int j = 0; j < mu.cols(); j++) {
                    kl.set(b, j, LatentLoops.kl(means.get(b, j), logVars.get(b, j)));
                }
            }
        };
    }

    @Override
    public Runnable gaussianLoss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        return () -> LossLoops.gaussian(
                Matrix.of(output),
                Matrix.of(x),
                Matrix.of(logVar),
                Matrix.of(rowWeight),
                scale,
                Matrix.of(loss),
                Matrix.of(dOutput),
                Matrix.of(dLogVar));
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return () -> LossLoops.bernoulli(
                Matrix.of(logits), Matrix.of(x), Matrix.of(rowWeight), scale, Matrix.of(loss), Matrix.of(dLogits));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        return () -> LossLoops.optimalLogVar(Matrix.of(output), Matrix.of(x), Matrix.of(logVar));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return () -> LossLoops.importanceWeights(
                Matrix.of(reconstruction),
                Matrix.of(sampledKl),
                Matrix.of(logWeights),
                Matrix.of(weights),
                Matrix.of(bound));
    }

    @Override
    public Runnable klWeight(
            Tensor value, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        return () -> {
            int row = Counters.get(schedule.clock(), Clock.SLOT);
            double violation = mean(value) - Matrix.of(targets).get(row, 0);
            double beta = rate * Math.signum(violation);
            if (weighting == KlWeighting.MULTIPLIER) {
                Matrix kept = Matrix.of(state);
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
            Matrix.of(schedule.table()).set(row, Schedule.BETA, beta);
        };
    }

    @Override
    public Runnable freeBits(
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        return () -> LatentLoops.freeBits(
                Matrix.of(mu),
                Matrix.of(logVar),
                floor,
                Counters.scheduled(schedule, Schedule.BETA),
                scale,
                Matrix.of(dMu),
                Matrix.of(dLogVar),
                Matrix.of(klTerm));
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
            Matrix metrics = Matrix.of(table);
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
                            : Math.exp(Matrix.of(outputLogVar).get(0, 0)));
        };
    }

    private static double mean(Tensor column) {
        double sum = 0;
        for (int i = 0; i < column.rows(); i++) {
            sum += Matrix.of(column).get(i, 0);
        }
        return sum / column.rows();
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        return () -> {
            double stepSize = Counters.scheduled(schedule, Schedule.STEP_SIZE);
            double scale = Counters.scheduled(schedule, Schedule.SECOND_MOMENT_SCALE);
            Matrix p = Matrix.of(parameters);
            Matrix first = Matrix.of(m);
            Matrix second = Matrix.of(v);
            for (int i = 0; i < parameters.cols(); i++) {
                double g = Matrix.of(gradient).get(0, i);
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
