package dev.elbo.verify;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;

/**
 * Checks that the rows of a shard have the bits that they have in the batch, whose noise they share, and that the shares of
 * shards in a mean add up to it.
 */
final class ShardAnswers {
    private static final String LABEL = "shards have the noise of the batch";
    private static final String SHARES = "the shares of shards add up to the mean";
    private static final int BATCH = 61;
    /** Odd, so that rows begin within Philox's blocks. */
    private static final int COLS = 7;

    private static final int SAMPLES = 2;
    /** The first rows of shards, of one row and more. */
    private static final int[] CUTS = {0, 1, 6, 38, BATCH};

    private ShardAnswers() {}

    static List<Check> all() {
        return List.of(
                new Check("normal", LABEL, ShardAnswers::normal),
                new Check("gather", LABEL, ShardAnswers::gather),
                new Check("reparameterize", LABEL, ShardAnswers::reparameterize),
                new Check("reparameterizeGrad", LABEL, ShardAnswers::reparameterizeGrad),
                new Check("gaussianKlMean", SHARES, ShardAnswers::klMean),
                new Check("squaredErrorMean", SHARES, ShardAnswers::squaredErrorMean),
                new Check("rowMean", SHARES, ShardAnswers::rowMean));
    }

    private static NoiseSource noise(Scratch s, NoiseStream stream) {
        return NoiseSource.perStep(CaseNoise.SEED, stream, s.clock(CaseNoise.STEP, CaseNoise.ROW, 0, CaseNoise.SAMPLE));
    }

    /** The operation on rows {@code first} to {@code first + count} of the batch. */
    private interface Shard {
        /** Returns the results, of {@code count} rows for each sample. */
        List<Tensor> run(int first, int count);
    }

    private static void compare(Outcome outcome, Shard shard) {
        List<double[]> whole =
                shard.run(0, BATCH).stream().map(Tensor::toDoubles).toList();
        for (int cut = 0; cut + 1 < CUTS.length; cut++) {
            int first = CUTS[cut];
            int count = CUTS[cut + 1] - first;
            List<Tensor> results = shard.run(first, count);
            for (int i = 0; i < results.size(); i++) {
                Tensor result = results.get(i);
                double[] values = result.toDoubles();
                for (int at = 0; at < values.length; at++) {
                    int row = at / result.cols();
                    int inBatch = row / count * BATCH + first + row % count;
                    double expected = whole.get(i)[inBatch * result.cols() + at % result.cols()];
                    outcome.close("result " + i + " from row " + first + "[" + at + "]", expected, values[at], 0);
                }
            }
        }
    }

    private static void normal(Scratch s, Outcome outcome) {
        NoiseSource noise = noise(s, NoiseStream.LATENT);
        compare(outcome, (first, count) -> {
            Tensor out = s.zeros(count, COLS);
            s.ops().normal(noise.fromRow(first), out);
            return List.of(out);
        });
    }

    private static void gather(Scratch s, Outcome outcome) {
        NoiseSource noise = noise(s, NoiseStream.BINARIZE);
        Tensor data = s.real(BATCH, COLS, new Draw(1).uniform(BATCH * COLS, 0, 1));
        compare(outcome, (first, count) -> {
            Tensor x = s.zeros(count, COLS);
            s.ops().gather(data, null, s.clock(0, first, 0, 0), 1, noise.fromRow(first), x);
            return List.of(x);
        });
    }

    /** The heads of a batch. */
    private record Heads(Tensor mu, Tensor logVar) {
        static Heads of(Scratch s) {
            Draw draw = new Draw(2);
            return new Heads(
                    s.real(BATCH, COLS, draw.normal(BATCH * COLS)),
                    s.real(BATCH, COLS, draw.normal(BATCH * COLS, -1, 1)));
        }

        Heads rows(int first, int count) {
            return new Heads(mu.rows(first, count), logVar.rows(first, count));
        }
    }

    private static void reparameterize(Scratch s, Outcome outcome) {
        NoiseSource noise = noise(s, NoiseStream.LATENT);
        Heads batch = Heads.of(s);
        compare(outcome, (first, count) -> {
            Heads heads = batch.rows(first, count);
            Tensor z = s.zeros(SAMPLES * count, COLS);
            Tensor kl = s.zeros(count, 1);
            Tensor sampledKl = s.zeros(SAMPLES * count, 1);
            s.ops().reparameterize(heads.mu(), heads.logVar(), noise.fromRow(first), z, kl, sampledKl);
            return List.of(z, kl, sampledKl);
        });
    }

    private static void reparameterizeGrad(Scratch s, Outcome outcome) {
        NoiseSource noise = noise(s, NoiseStream.LATENT);
        Heads batch = Heads.of(s);
        Schedule schedule = s.schedule(0.75);
        double[] gradient = new Draw(3).normal(SAMPLES * BATCH * COLS);
        Ops ops = s.ops();
        compare(outcome, (first, count) -> {
            Heads heads = batch.rows(first, count);
            Tensor dZ = s.zeros(SAMPLES * count, COLS);
            double[] rows = new double[SAMPLES * count * COLS];
            for (int k = 0; k < SAMPLES; k++) {
                System.arraycopy(gradient, (k * BATCH + first) * COLS, rows, k * count * COLS, count * COLS);
            }
            dZ.write(rows);
            Tensor dMu = s.zeros(count, COLS);
            Tensor dLogVar = s.zeros(count, COLS);
            ops.reparameterizeGrad(
                    heads.mu(),
                    heads.logVar(),
                    noise.fromRow(first),
                    dZ,
                    KlMode.SAMPLED,
                    schedule,
                    null,
                    1.0 / BATCH,
                    dMu,
                    dLogVar);
            return List.of(dMu, dLogVar);
        });
    }

    /** The operation on rows {@code first} to {@code first + count} of the batch, into a row of the shares. */
    private interface Share {
        void run(int first, int count, Tensor share);
    }

    /** Compares the sum of the shares with the mean: the same terms, added in float64 in another order. */
    private static void add(Scratch s, Outcome outcome, int cols, Share share) {
        int shards = CUTS.length - 1;
        Tensor mean = s.zeros(ElementType.FLOAT64, 1, cols);
        Tensor shares = s.zeros(ElementType.FLOAT64, shards, cols);
        Tensor total = s.zeros(ElementType.FLOAT64, 1, cols);
        share.run(0, BATCH, mean);
        for (int shard = 0; shard < shards; shard++) {
            share.run(CUTS[shard], CUTS[shard + 1] - CUTS[shard], shares.rows(shard, 1));
        }
        s.ops().sumShards(shares, total);
        double[] expected = mean.toDoubles();
        double[] actual = total.toDoubles();
        for (int i = 0; i < cols; i++) {
            outcome.close("mean[" + i + "]", expected[i], actual[i], 0x1p-52 * BATCH * Math.abs(expected[i]));
        }
    }

    private static void klMean(Scratch s, Outcome outcome) {
        Heads batch = Heads.of(s);
        add(s, outcome, COLS, (first, count, share) -> {
            Heads heads = batch.rows(first, count);
            s.ops().gaussianKlMean(heads.mu(), heads.logVar(), BATCH, share);
        });
    }

    private static void squaredErrorMean(Scratch s, Outcome outcome) {
        Draw draw = new Draw(4);
        Tensor output = s.real(BATCH, COLS, draw.normal(BATCH * COLS));
        Tensor x = s.real(BATCH, COLS, draw.normal(BATCH * COLS));
        add(
                s,
                outcome,
                1,
                (first, count, share) -> s.ops()
                        .squaredErrorMean(output.rows(first, count), x.rows(first, count), (long) BATCH * COLS, share));
    }

    private static void rowMean(Scratch s, Outcome outcome) {
        Tensor value = s.real(BATCH, 1, new Draw(5).normal(BATCH, 20, 3));
        add(s, outcome, 1, (first, count, share) -> s.ops().rowMean(value.rows(first, count), BATCH, share));
    }
}
