package dev.elbo.cpu;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;

/** Reparameterization and the KL divergence, a row at a time; the noise is made anew wherever it is needed. */
final class LatentCommands {
    private final Workers workers;

    LatentCommands(Workers workers) {
        this.workers = workers;
    }

    private static Blocks blocks(int rows, int cols) {
        return Blocks.ofRows(rows, cols, CpuOps.ELEMENTS / 16);
    }

    Runnable normal(NoiseSource source, Slice out) {
        Blocks rows = blocks(out.rows(), out.cols());
        NoiseRows noise = NoiseRows.of(source, out.rows(), out.cols(), rows.count());
        Workers.Body body = block -> {
            for (int i = rows.start(block); i < rows.start(block + 1); i++) {
                noise.normals(block, i, 0, out.array(), out.row(i));
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    Runnable forward(Slice mu, Slice logVar, NoiseSource source, Slice z, Slice kl, Slice sampledKl) {
        int batch = mu.rows();
        Blocks rows = blocks(z.rows(), z.cols());
        NoiseRows noise = NoiseRows.of(source, batch, mu.cols(), rows.count());
        float[][] eps = new float[rows.count()][mu.cols()];
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                int b = r % batch;
                noise.normals(block, b, r / batch, eps[block], 0);
                double sampled = sample(mu, logVar, b, eps[block], z, r);
                if (sampledKl != null) {
                    sampledKl.put(r, (float) sampled);
                }
                if (kl != null && r < batch) {
                    kl.put(r, (float) klOfRow(mu, logVar, r, null));
                }
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    /** z of row r from μ and log σ² of row b; returns log q(z|x) − log p(z). */
    private static double sample(Slice mu, Slice logVar, int b, float[] eps, Slice z, int r) {
        int muAt = mu.row(b);
        int logVarAt = logVar.row(b);
        int zAt = z.row(r);
        double sum = 0;
        for (int j = 0; j < mu.cols(); j++) {
            float lv = LogVariance.clamp(logVar.array()[logVarAt + j]);
            double e = eps[j];
            double value = Math.fma(Elementary.exp(0.5 * lv), e, mu.array()[muAt + j]);
            z.array()[zAt + j] = (float) value;
            sum += 0.5 * (value * value - e * e - lv);
        }
        return sum;
    }

    private static double klOf(double mu, double logVar) {
        double lv = LogVariance.clamp(logVar);
        double excess = Elementary.expm1(lv) - lv;
        return 0.5 * (mu * mu + (excess < 0 ? 0 : excess));
    }

    /** The closed form of row b; unit by unit into {@code perUnit} if there is one. */
    private static double klOfRow(Slice mu, Slice logVar, int b, Slice perUnit) {
        double sum = 0;
        for (int j = 0; j < mu.cols(); j++) {
            double kl = klOf(mu.array()[mu.row(b) + j], logVar.array()[logVar.row(b) + j]);
            if (perUnit != null) {
                perUnit.array()[perUnit.row(b) + j] = (float) kl;
            }
            sum += kl;
        }
        return sum;
    }

    Runnable kl(Slice mu, Slice logVar, Slice perUnit) {
        Blocks rows = blocks(mu.rows(), mu.cols());
        Workers.Body body = block -> {
            for (int b = rows.start(block); b < rows.start(block + 1); b++) {
                klOfRow(mu, logVar, b, perUnit);
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    Runnable backward(
            Slice mu,
            Slice logVar,
            NoiseSource source,
            Slice dZ,
            KlMode mode,
            ScheduleRow schedule,
            Slice rowWeight,
            double scale,
            Slice dMu,
            Slice dLogVar) {
        int batch = mu.rows();
        int samples = dZ.rows() / batch;
        int cols = mu.cols();
        Blocks rows = Blocks.ofRows(batch, cols * samples, CpuOps.ELEMENTS / 16);
        NoiseRows noise = NoiseRows.of(source, batch, cols, rows.count());
        float[][] eps = new float[rows.count()][cols];
        double[][] toMu = new double[rows.count()][cols];
        double[][] toLogVar = new double[rows.count()][cols];
        Workers.Body body = block -> {
            double beta = schedule.get(Schedule.BETA);
            double[] muSum = toMu[block];
            double[] logVarSum = toLogVar[block];
            for (int b = rows.start(block); b < rows.start(block + 1); b++) {
                java.util.Arrays.fill(muSum, 0);
                java.util.Arrays.fill(logVarSum, 0);
                for (int k = 0; k < samples; k++) {
                    int r = k * batch + b;
                    noise.normals(block, b, k, eps[block], 0);
                    double own = rowWeight == null ? 1 : rowWeight.at(r);
                    addSample(mu, logVar, b, eps[block], dZ, r, mode, own, beta * scale * own, muSum, logVarSum);
                }
                for (int j = 0; j < cols; j++) {
                    dMu.array()[dMu.row(b) + j] = (float) muSum[j];
                    boolean inside = LogVariance.isInside(logVar.array()[logVar.row(b) + j]);
                    dLogVar.array()[dLogVar.row(b) + j] = inside ? (float) logVarSum[j] : 0;
                }
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    private static void addSample(
            Slice mu,
            Slice logVar,
            int b,
            float[] eps,
            Slice dZ,
            int r,
            KlMode mode,
            double own,
            double weight,
            double[] muSum,
            double[] logVarSum) {
        for (int j = 0; j < mu.cols(); j++) {
            double m = mu.array()[mu.row(b) + j];
            double lv = LogVariance.clamp(logVar.array()[logVar.row(b) + j]);
            double sigma = Elementary.exp(0.5 * lv);
            double dz = dZ.array()[dZ.row(r) + j];
            switch (mode) {
                case ANALYTIC -> {
                    muSum[j] += weight * m;
                    logVarSum[j] += 0.5 * weight * Elementary.expm1(lv);
                }
                case SAMPLED -> {
                    dz = Math.fma(weight, Math.fma(sigma, eps[j], m), dz);
                    logVarSum[j] -= 0.5 * weight;
                }
                case DOUBLY_REPARAMETERIZED ->
                    dz = own * Math.fma(weight, Math.fma(sigma, eps[j], m) - eps[j] / sigma, dz);
            }
            muSum[j] += dz;
            logVarSum[j] += 0.5 * sigma * eps[j] * dz;
        }
    }

    Runnable freeBits(
            Slice mu,
            Slice logVar,
            double floor,
            ScheduleRow schedule,
            double scale,
            Slice dMu,
            Slice dLogVar,
            Slice klTerm) {
        int cols = mu.cols();
        double[] means = new double[cols];
        return () -> {
            java.util.Arrays.fill(means, 0);
            for (int b = 0; b < mu.rows(); b++) {
                for (int j = 0; j < cols; j++) {
                    means[j] += klOf(mu.array()[mu.row(b) + j], logVar.array()[logVar.row(b) + j]) / mu.rows();
                }
            }
            double sum = 0;
            for (double mean : means) {
                sum += mean > floor ? mean : mean != mean ? mean : floor;
            }
            klTerm.array()[klTerm.row(0)] = (float) sum;
            double weight = schedule.get(Schedule.BETA) * scale;
            for (int b = 0; b < mu.rows(); b++) {
                for (int j = 0; j < cols; j++) {
                    if (!(means[j] > floor)) {
                        float lv = logVar.array()[logVar.row(b) + j];
                        dMu.array()[dMu.row(b) + j] -= (float) (weight * mu.array()[mu.row(b) + j]);
                        if (LogVariance.isInside(lv)) {
                            dLogVar.array()[dLogVar.row(b) + j] -= (float) (weight * 0.5 * Elementary.expm1(lv));
                        }
                    }
                }
            }
        };
    }
}
