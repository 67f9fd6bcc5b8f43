package dev.elbo.cpu;

import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.Tensor;

/** Reparameterization and the KL divergence, a row at a time; the noise is made anew wherever it is needed. */
final class LatentCommands implements RawOps.Latent {
    private static final int MAX_BLOCKS = 128;
    private static final int PIECE = 512;

    private final Workers workers;

    LatentCommands(Workers workers) {
        this.workers = workers;
    }

    /** Cuts rows into blocks; each block has its own memory, so there are no more than there may be cores. */
    private static Blocks blocks(int rows, int cols) {
        long share = (long) rows * cols / MAX_BLOCKS;
        return Blocks.ofRows(rows, cols, (int) Math.max(Blocks.ELEMENTS / 16, share));
    }

    /** Rows that are taken at a time: as many elements as stay in the first-level cache with all that belongs to them. */
    private static int piece(int cols) {
        return Math.max(1, PIECE / cols);
    }

    @Override
    public Runnable normal(NoiseSource source, Tensor outTensor) {
        Slice out = Slice.of(outTensor);
        Blocks rows = blocks(out.rows(), out.cols());
        NoiseRows noise = NoiseRows.of(source, out.rows(), out.cols(), rows);
        Workers.Body body = block -> {
            for (int i = rows.start(block); i < rows.start(block + 1); i++) {
                noise.normals(block, i, 1, 0, out.array(), out.row(i));
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    /** Work on rows from {@code first} on, whose deviations are in the scratch of the block. */
    @FunctionalInterface
    private interface Piece {
        void run(int block, int first, int count, Scratch s);
    }

    private Runnable inPieces(Slice logVar, Blocks rows, Piece piece) {
        int cols = logVar.cols();
        Scratch[] scratch = Scratch.of(rows, cols);
        Workers.Body body = block -> {
            int end = rows.start(block + 1);
            for (int first = rows.start(block); first < end; first += piece(cols)) {
                int count = Math.min(piece(cols), end - first);
                deviations(logVar, first, count, scratch[block]);
                piece.run(block, first, count, scratch[block]);
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    @Override
    public Runnable reparameterize(
            Tensor muTensor,
            Tensor logVarTensor,
            NoiseSource source,
            Tensor zTensor,
            Tensor klTensor,
            Tensor sampledKlTensor) {
        Slice mu = Slice.of(muTensor);
        Slice logVar = Slice.of(logVarTensor);
        Slice z = Slice.of(zTensor);
        Slice kl = Slice.of(klTensor);
        Slice sampledKl = Slice.of(sampledKlTensor);
        int batch = mu.rows();
        int samples = z.rows() / batch;
        int cols = mu.cols();
        Blocks rows = blocks(batch, cols * samples);
        NoiseRows noise = NoiseRows.of(source, batch, cols, rows);
        return inPieces(logVar, rows, (block, first, count, s) -> {
            for (int k = 0; k < samples; k++) {
                noise.normals(block, first, count, k, s.eps, 0);
                for (int i = 0; i < count; i++) {
                    int r = k * batch + first + i;
                    double sampled = sample(mu, logVar, first + i, s, i * cols, z, r);
                    if (sampledKl != null) {
                        sampledKl.put(r, (float) sampled);
                    }
                }
            }
            for (int i = 0; i < count && kl != null; i++) {
                kl.put(first + i, (float) divergence(mu, logVar, first + i, s, i * cols));
            }
        });
    }

    /** The memory of a block, for one piece after the other. */
    private static final class Scratch {
        private final float[] eps;
        /** σ − 1, from which σ² − 1 follows without a second exponential, and with all its digits near 0. */
        private final double[] excess;

        private final double[] toMu;
        private final double[] toLogVar;

        private Scratch(int elements) {
            eps = new float[elements];
            excess = new double[elements];
            toMu = new double[elements];
            toLogVar = new double[elements];
        }

        static Scratch[] of(Blocks rows, int cols) {
            Scratch[] scratch = new Scratch[rows.count()];
            for (int block = 0; block < scratch.length; block++) {
                scratch[block] = new Scratch(Math.min(rows.size(block), piece(cols)) * cols);
            }
            return scratch;
        }
    }

    /** Computes σ − 1 of rows from {@code first} on, one after the other. */
    private static void deviations(Slice logVar, int first, int count, Scratch s) {
        int cols = logVar.cols();
        for (int i = 0; i < count; i++) {
            int from = logVar.row(first + i);
            for (int j = 0; j < cols; j++) {
                s.excess[i * cols + j] = Elementary.expm1(0.5 * LogVariance.clamp(logVar.array()[from + j]));
            }
        }
    }

    /** σ² − 1 from σ − 1. */
    private static double squared(double excess) {
        return Math.fma(excess, excess, 2 * excess);
    }

    /** z of row r from μ and log σ² of row b; returns log q(z|x) − log p(z). */
    private static double sample(Slice mu, Slice logVar, int b, Scratch s, int at, Slice z, int r) {
        int muAt = mu.row(b);
        int logVarAt = logVar.row(b);
        int zAt = z.row(r);
        double sum = 0;
        for (int j = 0; j < mu.cols(); j++) {
            float lv = LogVariance.clamp(logVar.array()[logVarAt + j]);
            double e = s.eps[at + j];
            double value = Math.fma(1 + s.excess[at + j], e, mu.array()[muAt + j]);
            z.array()[zAt + j] = (float) value;
            sum += 0.5 * (value * value - e * e - lv);
        }
        return sum;
    }

    /** The closed form of row b. */
    private static double divergence(Slice mu, Slice logVar, int b, Scratch s, int at) {
        double sum = 0;
        for (int j = 0; j < mu.cols(); j++) {
            float lv = LogVariance.clamp(logVar.array()[logVar.row(b) + j]);
            sum += klOf(mu.array()[mu.row(b) + j], lv, squared(s.excess[at + j]));
        }
        return sum;
    }

    /** ½ (μ² + σ² − 1 − log σ²); a rounding must not make it negative. */
    private static double klOf(double mu, double logVar, double varianceExcess) {
        double excess = varianceExcess - logVar;
        return 0.5 * (mu * mu + (excess < 0 ? 0 : excess));
    }

    @Override
    public Runnable gaussianKl(Tensor muTensor, Tensor logVarTensor, Tensor klPerUnit) {
        Slice mu = Slice.of(muTensor);
        Slice logVar = Slice.of(logVarTensor);
        Slice perUnit = Slice.of(klPerUnit);
        int cols = mu.cols();
        return inPieces(logVar, blocks(mu.rows(), cols), (block, first, count, s) -> {
            for (int i = 0; i < count; i++) {
                divergences(mu, logVar, first + i, s, i * cols, perUnit);
            }
        });
    }

    /** The closed form of row b, unit by unit. */
    private static void divergences(Slice mu, Slice logVar, int b, Scratch s, int at, Slice perUnit) {
        int muAt = mu.row(b);
        int logVarAt = logVar.row(b);
        int to = perUnit.row(b);
        for (int j = 0; j < mu.cols(); j++) {
            float lv = LogVariance.clamp(logVar.array()[logVarAt + j]);
            perUnit.array()[to + j] = (float) klOf(mu.array()[muAt + j], lv, squared(s.excess[at + j]));
        }
    }

    @Override
    public Runnable reparameterizeGrad(
            Tensor muTensor,
            Tensor logVarTensor,
            NoiseSource source,
            Tensor dZTensor,
            KlMode mode,
            Schedule scheduled,
            Tensor rowWeightTensor,
            double scale,
            Tensor dMuTensor,
            Tensor dLogVarTensor) {
        Slice mu = Slice.of(muTensor);
        Slice logVar = Slice.of(logVarTensor);
        Slice dZ = Slice.of(dZTensor);
        ScheduleRow schedule = ScheduleRow.of(scheduled);
        Slice rowWeight = Slice.of(rowWeightTensor);
        Slice dMu = Slice.of(dMuTensor);
        Slice dLogVar = Slice.of(dLogVarTensor);
        int batch = mu.rows();
        int samples = dZ.rows() / batch;
        int cols = mu.cols();
        Blocks rows = blocks(batch, cols * samples);
        NoiseRows noise = NoiseRows.of(source, batch, cols, rows);
        return inPieces(logVar, rows, (block, first, count, s) -> {
            double klScale = schedule.get(Schedule.BETA) * scale;
            java.util.Arrays.fill(s.toMu, 0);
            java.util.Arrays.fill(s.toLogVar, 0);
            for (int k = 0; k < samples; k++) {
                noise.normals(block, first, count, k, s.eps, 0);
                for (int i = 0; i < count; i++) {
                    int r = k * batch + first + i;
                    double own = rowWeight == null ? 1 : rowWeight.at(r);
                    addSample(mu, first + i, s, i * cols, dZ, r, mode, own, klScale * own);
                }
            }
            for (int b = first; b < first + count; b++) {
                double weights = 0;
                for (int r = b; r < dZ.rows(); r += batch) {
                    weights += klScale * (rowWeight == null ? 1 : rowWeight.at(r));
                }
                finish(mu, logVar, b, s, (b - first) * cols, mode, weights, dMu, dLogVar);
            }
        });
    }

    /** Adds the gradients of row b through row r of the samples z. */
    private static void addSample(
            Slice mu, int b, Scratch s, int at, Slice dZ, int r, KlMode mode, double own, double weight) {
        for (int j = 0; j < mu.cols(); j++) {
            double m = mu.array()[mu.row(b) + j];
            double sigma = 1 + s.excess[at + j];
            double eps = s.eps[at + j];
            double dz = dZ.array()[dZ.row(r) + j];
            dz = switch (mode) {
                case ANALYTIC -> dz;
                case SAMPLED -> Math.fma(weight, Math.fma(sigma, eps, m), dz);
                case DOUBLY_REPARAMETERIZED -> own * Math.fma(weight, Math.fma(sigma, eps, m) - eps / sigma, dz);
            };
            s.toMu[at + j] += dz;
            s.toLogVar[at + j] += 0.5 * sigma * eps * dz;
        }
    }

    /** Adds the direct gradient of the divergence, of all samples together. */
    private static void finish(
            Slice mu, Slice logVar, int b, Scratch s, int at, KlMode mode, double weights, Slice dMu, Slice dLogVar) {
        for (int j = 0; j < mu.cols(); j++) {
            double toMu = s.toMu[at + j];
            double toLogVar = s.toLogVar[at + j];
            if (mode == KlMode.ANALYTIC) {
                toMu += weights * mu.array()[mu.row(b) + j];
                toLogVar += 0.5 * weights * squared(s.excess[at + j]);
            } else if (mode == KlMode.SAMPLED) {
                toLogVar -= 0.5 * weights;
            }
            dMu.array()[dMu.row(b) + j] = (float) toMu;
            boolean inside = LogVariance.isInside(logVar.array()[logVar.row(b) + j]);
            dLogVar.array()[dLogVar.row(b) + j] = inside ? (float) toLogVar : 0;
        }
    }

    @Override
    public Runnable gaussianKlMean(Tensor muTensor, Tensor logVarTensor, int rows, Tensor mean) {
        Slice mu = Slice.of(muTensor);
        Slice logVar = Slice.of(logVarTensor);
        double[] means = HostBuffer.array(mean);
        int cols = mu.cols();
        int at = (int) mean.offset();
        Scratch s = new Scratch(cols);
        return () -> {
            java.util.Arrays.fill(means, at, at + cols, 0);
            for (int b = 0; b < mu.rows(); b++) {
                deviations(logVar, b, 1, s);
                for (int j = 0; j < cols; j++) {
                    float lv = LogVariance.clamp(logVar.array()[logVar.row(b) + j]);
                    means[at + j] += klOf(mu.array()[mu.row(b) + j], lv, squared(s.excess[j]));
                }
            }
            for (int j = 0; j < cols; j++) {
                means[at + j] /= rows;
            }
        };
    }

    @Override
    public Runnable freeBits(
            Tensor mean,
            Tensor muTensor,
            Tensor logVarTensor,
            double floor,
            Schedule scheduled,
            double scale,
            Tensor dMuTensor,
            Tensor dLogVarTensor,
            Tensor klTerm) {
        Slice mu = Slice.of(muTensor);
        Slice logVar = Slice.of(logVarTensor);
        ScheduleRow schedule = ScheduleRow.of(scheduled);
        Slice dMu = Slice.of(dMuTensor);
        Slice dLogVar = Slice.of(dLogVarTensor);
        Slice term = Slice.of(klTerm);
        int cols = mu.cols();
        double[] means = HostBuffer.array(mean);
        int at = (int) mean.offset();
        Scratch s = new Scratch(cols);
        return () -> {
            double sum = 0;
            for (int j = 0; j < cols; j++) {
                double unit = means[at + j];
                sum += unit > floor ? unit : unit != unit ? unit : floor;
            }
            term.put(0, (float) sum);
            double weight = schedule.get(Schedule.BETA) * scale;
            for (int b = 0; b < mu.rows(); b++) {
                deviations(logVar, b, 1, s);
                for (int j = 0; j < cols; j++) {
                    if (!(means[at + j] > floor)) {
                        dMu.array()[dMu.row(b) + j] -= (float) (weight * mu.array()[mu.row(b) + j]);
                        if (LogVariance.isInside(logVar.array()[logVar.row(b) + j])) {
                            dLogVar.array()[dLogVar.row(b) + j] -= (float) (weight * 0.5 * squared(s.excess[j]));
                        }
                    }
                }
            }
        };
    }
}
