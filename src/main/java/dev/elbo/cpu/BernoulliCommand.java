package dev.elbo.cpu;

/** The Bernoulli loss with its gradient, over stretches of a row in float64. */
final class BernoulliCommand {
    private final Slice logits;
    private final Slice x;
    private final Slice rowWeight;
    private final double scale;
    private final Slice loss;
    private final Slice dLogits;

    private BernoulliCommand(Slice logits, Slice x, Slice rowWeight, double scale, Slice loss, Slice dLogits) {
        this.logits = logits;
        this.x = x;
        this.rowWeight = rowWeight;
        this.scale = scale;
        this.loss = loss;
        this.dLogits = dLogits;
    }

    static Runnable of(
            Workers workers, Slice logits, Slice x, Slice rowWeight, double scale, Slice loss, Slice dLogits) {
        BernoulliCommand command = new BernoulliCommand(logits, x, rowWeight, scale, loss, dLogits);
        Blocks rows = Blocks.ofRows(logits.rows(), logits.cols(), CpuOps.ELEMENTS / 4);
        Scratch[] scratch = new Scratch[rows.count()];
        for (int block = 0; block < scratch.length; block++) {
            scratch[block] = new Scratch();
        }
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                command.row(r, scratch[block]);
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    /** A stretch: logits l, targets t, e = exp(−|l|), and what comes out. */
    private static final class Scratch {
        private final double[] l = new double[Chunk.SIZE];
        private final double[] t = new double[Chunk.SIZE];
        private final double[] e = new double[Chunk.SIZE];
        private final double[] out = new double[Chunk.SIZE];
    }

    private void row(int r, Scratch s) {
        double weight = GaussianCommands.weight(rowWeight, scale, r);
        int xAt = x.row(r % x.rows());
        double sum = 0;
        for (int i = 0; i < logits.cols(); i += Chunk.SIZE) {
            int count = Math.min(Chunk.SIZE, logits.cols() - i);
            Chunk.load(logits.array(), logits.row(r) + i, s.l, count);
            Chunk.load(x.array(), xAt + i, s.t, count);
            exponentials(s.l, s.e, count);
            if (dLogits != null) {
                gradient(s.l, s.t, s.e, weight, s.out, count);
                Chunk.store(s.out, dLogits.array(), dLogits.row(r) + i, count);
            }
            if (loss != null) {
                crossEntropy(s.l, s.t, s.e, s.out, count);
                sum += Chunk.sum(s.out, count);
            }
        }
        if (loss != null) {
            loss.put(r, (float) sum);
        }
    }

    private static void exponentials(double[] l, double[] e, int count) {
        for (int i = 0; i < count; i++) {
            e[i] = Elementary.expOfNegative(-Math.abs(l[i]));
        }
    }

    /** weight (sigmoid(l) − t). */
    private static void gradient(double[] l, double[] t, double[] e, double weight, double[] out, int count) {
        for (int i = 0; i < count; i++) {
            out[i] = weight * (Math.fma(1 - e[i], Elementary.isPositive(l[i]), e[i]) / (1 + e[i]) - t[i]);
        }
    }

    /** max(l, 0) − l t + log1p(e). */
    private static void crossEntropy(double[] l, double[] t, double[] e, double[] out, int count) {
        for (int i = 0; i < count; i++) {
            out[i] = (Math.abs(l[i]) + l[i]) * 0.5 - l[i] * t[i] + Elementary.log1p(e[i]);
        }
    }
}
