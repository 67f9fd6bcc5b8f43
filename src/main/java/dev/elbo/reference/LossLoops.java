package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

import dev.elbo.backend.LogVariance;
import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Tensor;

/** Reconstruction losses and importance weights. */
final class LossLoops implements RawOps.Loss {
    private static final double LOG_2_PI = Math.log(2 * Math.PI);

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
        return () -> gaussian(
                view(output), view(x), view(logVar), view(rowWeight), scale, view(loss), view(dOutput), view(dLogVar));
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return () -> bernoulli(view(logits), view(x), view(rowWeight), scale, view(loss), view(dLogits));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        return () -> optimalLogVar(view(output), view(x), view(logVar));
    }

    @Override
    public Runnable squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean) {
        return () -> view(mean).set(0, 0, squaredErrors(view(output), view(x)) / elements);
    }

    @Override
    public Runnable logVarOfMean(Tensor mean, Tensor logVar) {
        return () -> view(logVar).set(0, 0, logVar(view(mean).get(0, 0)));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return () ->
                importanceWeights(view(reconstruction), view(sampledKl), view(logWeights), view(weights), view(bound));
    }

    private static void gaussian(
            Matrix output,
            Matrix x,
            Matrix logVar,
            Matrix rowWeight,
            double scale,
            Matrix loss,
            Matrix dOutput,
            Matrix dLogVar) {
        if (dLogVar != null) {
            for (int d = 0; d < dLogVar.cols(); d++) {
                dLogVar.set(0, d, 0);
            }
        }
        for (int r = 0; r < output.rows(); r++) {
            double weight = scale * (rowWeight == null ? 1 : rowWeight.get(r, 0));
            double sum = 0;
            for (int d = 0; d < output.cols(); d++) {
                int at = logVar == null || logVar.cols() == 1 ? 0 : d;
                double raw = logVar == null ? 0 : logVar.get(0, at);
                double lv = LogVariance.clamp(raw);
                double error = output.get(r, d) - x.get(r % x.rows(), d);
                double scaled = error * Math.exp(-lv);
                sum += 0.5 * (error * scaled + lv + LOG_2_PI);
                if (dOutput != null) {
                    dOutput.set(r, d, weight * scaled);
                }
                if (dLogVar != null && LogVariance.isInside(raw)) {
                    dLogVar.add(0, at, weight * 0.5 * (1 - error * scaled));
                }
            }
            if (loss != null) {
                loss.set(r, 0, sum);
            }
        }
    }

    private static void bernoulli(
            Matrix logits, Matrix x, Matrix rowWeight, double scale, Matrix loss, Matrix dLogits) {
        for (int r = 0; r < logits.rows(); r++) {
            double weight = scale * (rowWeight == null ? 1 : rowWeight.get(r, 0));
            double sum = 0;
            for (int d = 0; d < logits.cols(); d++) {
                double l = logits.get(r, d);
                double target = x.get(r % x.rows(), d);
                sum += Math.max(l, 0) - l * target + Math.log1p(Math.exp(-Math.abs(l)));
                if (dLogits != null) {
                    dLogits.set(r, d, weight * (DenseLoops.sigmoid(l) - target));
                }
            }
            if (loss != null) {
                loss.set(r, 0, sum);
            }
        }
    }

    private static void optimalLogVar(Matrix output, Matrix x, Matrix logVar) {
        double mean = squaredErrors(output, x) / ((double) output.rows() * output.cols());
        logVar.set(0, 0, logVar(mean));
    }

    private static double logVar(double mean) {
        return Math.log(mean < LogVariance.FLOOR ? LogVariance.FLOOR : mean);
    }

    private static double squaredErrors(Matrix output, Matrix x) {
        double sum = 0;
        for (int r = 0; r < output.rows(); r++) {
            for (int d = 0; d < output.cols(); d++) {
                double error = output.get(r, d) - x.get(r % x.rows(), d);
                sum += error * error;
            }
        }
        return sum;
    }

    private static void importanceWeights(
            Matrix reconstruction, Matrix sampledKl, Matrix logWeights, Matrix weights, Matrix bound) {
        int batch = bound.rows();
        int samples = reconstruction.rows() / batch;
        for (int b = 0; b < batch; b++) {
            double[] logW = new double[samples];
            double max = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < samples; k++) {
                logW[k] = -reconstruction.get(k * batch + b, 0) - sampledKl.get(k * batch + b, 0);
                max = Math.max(max, logW[k]);
            }
            double sum = 0;
            for (double w : logW) {
                sum += Math.exp(w - max);
            }
            bound.set(b, 0, max + Math.log(sum) - Math.log(samples));
            for (int k = 0; k < samples; k++) {
                if (logWeights != null) {
                    logWeights.set(k * batch + b, 0, logW[k]);
                }
                if (weights != null) {
                    weights.set(k * batch + b, 0, Math.exp(logW[k] - max) / sum);
                }
            }
        }
    }
}
