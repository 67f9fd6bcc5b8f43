package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.Tensor;

/** Noise, reparameterization and the KL divergence. */
final class LatentLoops implements RawOps.Latent {
    @Override
    public Runnable normal(NoiseSource noise, Tensor out) {
        return () -> {
            for (int i = 0; i < out.rows(); i++) {
                double[] eps = Counters.normals(noise, i, 0, out.rows(), out.cols());
                for (int j = 0; j < out.cols(); j++) {
                    view(out).set(i, j, eps[j]);
                }
            }
        };
    }

    @Override
    public Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        return () -> forward(view(mu), view(logVar), noise, view(z), view(kl), view(sampledKl));
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
        return () -> backward(
                view(mu),
                view(logVar),
                noise,
                view(dZ),
                mode,
                schedule,
                view(rowWeight),
                scale,
                view(dMu),
                view(dLogVar));
    }

    @Override
    public Runnable gaussianKlMean(Tensor mu, Tensor logVar, int rows, Tensor mean) {
        return () -> {
            for (int j = 0; j < mu.cols(); j++) {
                double share = 0;
                for (int b = 0; b < mu.rows(); b++) {
                    share += kl(view(mu).get(b, j), view(logVar).get(b, j)) / rows;
                }
                view(mean).set(0, j, share);
            }
        };
    }

    @Override
    public Runnable freeBits(
            Tensor mean,
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        return () -> freeBits(
                view(mean), view(mu), view(logVar), floor, schedule, scale, view(dMu), view(dLogVar), view(klTerm));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return () -> {
            Matrix means = view(mu);
            Matrix logVars = view(logVar);
            Matrix kl = view(klPerUnit);
            for (int b = 0; b < mu.rows(); b++) {
                for (int j = 0; j < mu.cols(); j++) {
                    kl.set(b, j, kl(means.get(b, j), logVars.get(b, j)));
                }
            }
        };
    }

    private static void forward(Matrix mu, Matrix logVar, NoiseSource noise, Matrix z, Matrix kl, Matrix sampledKl) {
        int batch = mu.rows();
        for (int r = 0; r < z.rows(); r++) {
            int b = r % batch;
            double[] eps = Counters.normals(noise, b, r / batch, batch, mu.cols());
            double sampled = 0;
            for (int j = 0; j < mu.cols(); j++) {
                double lv = LogVariance.clamp(logVar.get(b, j));
                double value = mu.get(b, j) + Math.exp(0.5 * lv) * eps[j];
                z.set(r, j, value);
                sampled += 0.5 * (value * value - eps[j] * eps[j] - lv);
            }
            if (sampledKl != null) {
                sampledKl.set(r, 0, sampled);
            }
        }
        if (kl != null) {
            for (int b = 0; b < batch; b++) {
                double sum = 0;
                for (int j = 0; j < mu.cols(); j++) {
                    sum += kl(mu.get(b, j), logVar.get(b, j));
                }
                kl.set(b, 0, sum);
            }
        }
    }

    private static double kl(double mu, double logVar) {
        double lv = LogVariance.clamp(logVar);
        double excess = Math.expm1(lv) - lv;
        return 0.5 * (mu * mu + (excess < 0 ? 0 : excess));
    }

    private static void backward(
            Matrix mu,
            Matrix logVar,
            NoiseSource noise,
            Matrix dZ,
            KlMode mode,
            Schedule schedule,
            Matrix rowWeight,
            double scale,
            Matrix dMu,
            Matrix dLogVar) {
        double beta = Counters.scheduled(schedule, Schedule.BETA);
        int batch = mu.rows();
        for (int b = 0; b < batch; b++) {
            for (int j = 0; j < mu.cols(); j++) {
                double m = mu.get(b, j);
                double lv = LogVariance.clamp(logVar.get(b, j));
                double sigma = Math.exp(0.5 * lv);
                double toMu = 0;
                double toLogVar = 0;
                for (int k = 0; k < dZ.rows() / batch; k++) {
                    int r = k * batch + b;
                    double eps = Counters.normals(noise, b, k, batch, mu.cols())[j];
                    double own = rowWeight == null ? 1 : rowWeight.get(r, 0);
                    double weight = beta * scale * own;
                    double z = m + sigma * eps;
                    double dz = dZ.get(r, j);
                    switch (mode) {
                        case ANALYTIC -> {
                            toMu += weight * m;
                            toLogVar += weight * 0.5 * Math.expm1(lv);
                        }
                        case SAMPLED -> {
                            dz += weight * z;
                            toLogVar -= 0.5 * weight;
                        }
                        case DOUBLY_REPARAMETERIZED -> dz = own * (dz + weight * (z - eps / sigma));
                    }
                    toMu += dz;
                    toLogVar += 0.5 * sigma * eps * dz;
                }
                dMu.set(b, j, toMu);
                dLogVar.set(b, j, LogVariance.isInside(logVar.get(b, j)) ? toLogVar : 0);
            }
        }
    }

    private static void freeBits(
            Matrix means,
            Matrix mu,
            Matrix logVar,
            double floor,
            Schedule schedule,
            double scale,
            Matrix dMu,
            Matrix dLogVar,
            Matrix term) {
        double beta = Counters.scheduled(schedule, Schedule.BETA);
        double sum = 0;
        for (int j = 0; j < mu.cols(); j++) {
            double mean = means.get(0, j);
            sum += mean > floor ? mean : mean != mean ? mean : floor;
            for (int b = 0; !(mean > floor) && b < mu.rows(); b++) {
                dMu.add(b, j, -beta * scale * mu.get(b, j));
                if (LogVariance.isInside(logVar.get(b, j))) {
                    dLogVar.add(b, j, -beta * scale * 0.5 * Math.expm1(logVar.get(b, j)));
                }
            }
        }
        term.set(0, 0, sum);
    }
}
