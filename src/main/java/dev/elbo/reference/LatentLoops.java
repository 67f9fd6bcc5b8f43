package dev.elbo.reference;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;

/** Reparameterization and the KL divergence. */
final class LatentLoops {
    private LatentLoops() {}

    static void forward(Matrix mu, Matrix logVar, NoiseSource noise, Matrix z, Matrix kl, Matrix sampledKl) {
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

    static double kl(double mu, double logVar) {
        double lv = LogVariance.clamp(logVar);
        double excess = Math.expm1(lv) - lv;
        return 0.5 * (mu * mu + (excess < 0 ? 0 : excess));
    }

    static void backward(
            Matrix mu,
            Matrix logVar,
            NoiseSource noise,
            Matrix dZ,
            KlMode mode,
            double beta,
            Matrix rowWeight,
            double scale,
            Matrix dMu,
            Matrix dLogVar) {
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

    static void freeBits(
            Matrix mu,
            Matrix logVar,
            double floor,
            double beta,
            double scale,
            Matrix dMu,
            Matrix dLogVar,
            Matrix term) {
        double sum = 0;
        for (int j = 0; j < mu.cols(); j++) {
            double mean = 0;
            for (int b = 0; b < mu.rows(); b++) {
                mean += kl(mu.get(b, j), logVar.get(b, j)) / mu.rows();
            }
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
