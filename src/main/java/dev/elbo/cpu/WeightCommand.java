package dev.elbo.cpu;

/** Importance weights, an example at a time, in float64. */
final class WeightCommand {
    private WeightCommand() {}

    static Runnable of(Slice reconstruction, Slice sampledKl, Slice logWeights, Slice weights, Slice bound) {
        int batch = bound.rows();
        int samples = reconstruction.rows() / batch;
        return () -> {
            for (int b = 0; b < batch; b++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int r = b; r < batch * samples; r += batch) {
                    max = Math.max(max, logWeight(reconstruction, sampledKl, r));
                }
                double sum = 0;
                for (int r = b; r < batch * samples; r += batch) {
                    sum += Elementary.exp(logWeight(reconstruction, sampledKl, r) - max);
                }
                bound.put(b, (float) (max + StrictMath.log(sum) - StrictMath.log(samples)));
                for (int r = b; r < batch * samples; r += batch) {
                    double log = logWeight(reconstruction, sampledKl, r);
                    if (logWeights != null) {
                        logWeights.put(r, (float) log);
                    }
                    if (weights != null) {
                        weights.put(r, (float) (Elementary.exp(log - max) / sum));
                    }
                }
            }
        };
    }

    private static double logWeight(Slice reconstruction, Slice sampledKl, int r) {
        return -(double) reconstruction.at(r) - sampledKl.at(r);
    }
}
