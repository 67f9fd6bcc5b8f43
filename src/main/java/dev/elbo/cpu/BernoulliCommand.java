package dev.elbo.cpu;

/** The Bernoulli loss with its gradient, over stretches of a row in float64. */
final class BernoulliCommand {
    private BernoulliCommand() {}

    static Runnable of(
            Workers workers, Slice logits, Slice x, Slice rowWeight, double scale, Slice loss, Slice dLogits) {
        Blocks rows = Blocks.ofRows(logits.rows(), logits.cols(), Blocks.ELEMENTS / 4);
        double[][] scratch = Chunk.scratch(4 * rows.count());
        Workers.Body body = block -> {
            // a stretch: logits l, targets t, e = exp(−|l|), and what comes out
            double[] l = scratch[4 * block];
            double[] t = scratch[4 * block + 1];
            double[] e = scratch[4 * block + 2];
            double[] out = scratch[4 * block + 3];
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                double weight = LossCommands.weight(rowWeight, scale, r);
                double sum = 0;
                for (int i = 0; i < logits.cols(); i += Chunk.SIZE) {
                    int count = Math.min(Chunk.SIZE, logits.cols() - i);
                    Chunk.load(logits.array(), logits.row(r) + i, l, count);
                    Chunk.load(x.array(), x.row(r % x.rows()) + i, t, count);
                    exponentials(l, e, count);
                    if (dLogits != null) {
                        gradient(l, t, e, weight, out, count);
                        Chunk.store(out, dLogits.array(), dLogits.row(r) + i, count);
                    }
                    if (loss != null) {
                        crossEntropy(l, t, e, out, count);
                        sum += Chunk.sum(out, count);
                    }
                }
                if (loss != null) {
                    loss.put(r, (float) sum);
                }
            }
        };
        return () -> workers.run(rows.count(), body);
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
