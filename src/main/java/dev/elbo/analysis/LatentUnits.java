package dev.elbo.analysis;

import dev.elbo.backend.LogVariance;
import dev.elbo.backend.Ops;
import dev.elbo.linalg.Moments;
import dev.elbo.model.Activation;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Statistics of each latent unit over a data set, and the comparison of its aggregated posterior, the mixture of
 * q(z_j|x) over the examples, with the prior N(0, 1).
 *
 * @param kl mean KL divergence from the prior, in nats
 * @param mean of the aggregated posterior
 * @param meanVariance variance of E_q[z_j] over the examples, which makes a unit active (Burda et al. 2016, section 5)
 * @param variance of the aggregated posterior, by the law of total variance: {@code meanVariance} + E[σ²_j]
 */
public record LatentUnits(double[] kl, double[] mean, double[] meanVariance, double[] variance) {
    /** A unit is active if the variance of its means is above this. */
    public static final double ACTIVE = 0.01;

    /** {@return J} */
    public int count() {
        return kl.length;
    }

    /** {@return the number of active units} */
    public int active() {
        return (int) Arrays.stream(meanVariance).filter(v -> v > ACTIVE).count();
    }

    /**
     * {@return whether a unit depends on x: whether the variance of its means is above {@link #ACTIVE}}
     *
     * @param unit its number, from 0
     */
    public boolean isActive(int unit) {
        return meanVariance[unit] > ACTIVE;
    }

    /** {@return unit numbers, the largest KL divergence first} */
    public int[] byKl() {
        return descending(kl);
    }

    /** {@return unit numbers, the largest {@link #meanVariance} first} */
    public int[] byActivity() {
        return descending(meanVariance);
    }

    /** Returns the indices of values, that of the largest first. */
    static int[] descending(double[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -values[i]))
                .mapToInt(i -> i)
                .toArray();
    }

    /**
     * {@return the statistics of a model's units on a data set}
     *
     * @param vae variational
     * @param data examples
     * @param binarize as for {@link Evaluator}
     * @param seed of the binary pixels
     */
    public static LatentUnits of(Vae vae, DataSource data, boolean binarize, long seed) {
        int latent = vae.spec().latent();
        Moments[] means = Moments.columns(latent);
        Moments[] variances = Moments.columns(latent);
        Moments[] divergences = Moments.columns(latent);
        int rows = Math.min(Chunks.ROWS, data.size());
        try (Closer closer = new Closer()) {
            Tensor mu = closer.register(vae.backend().allocate(ElementType.REAL, rows, latent));
            Tensor logVar = closer.register(vae.backend().allocate(ElementType.REAL, rows, latent));
            Tensor kl = closer.register(vae.backend().allocate(ElementType.REAL, rows, latent));
            Chunks chunks = new Chunks(vae, data, data.size(), binarize, seed, 1, (a, x, clock) -> {
                vae.encode(x, a);
                read(vae.backend().ops(), a, mu, logVar, kl);
            });
            closer.register(chunks).run((chunk, row, count) -> {
                Moments.add(means, mu.rows(0, count).toDoubles());
                Moments.add(variances, variance(logVar.rows(0, count).toDoubles()));
                Moments.add(divergences, kl.rows(0, count).toDoubles());
            });
        }
        return new LatentUnits(
                means(divergences),
                means(means),
                Moments.variances(means),
                IntStream.range(0, latent)
                        .mapToDouble(j -> means[j].variance() + variances[j].mean())
                        .toArray());
    }

    /** Reads both heads, which lie side by side, through dense copies. */
    private static void read(Ops ops, Activations a, Tensor mu, Tensor logVar, Tensor kl) {
        int rows = a.batch();
        ops.activate(a.mu(), Activation.IDENTITY, mu.rows(0, rows));
        ops.activate(a.logVar(), Activation.IDENTITY, logVar.rows(0, rows));
        ops.gaussianKl(a.mu(), a.logVar(), kl.rows(0, rows));
    }

    private static double[] variance(double[] logVar) {
        return Arrays.stream(logVar)
                .map(value -> StrictMath.exp(LogVariance.clamp(value)))
                .toArray();
    }

    private static double[] means(Moments[] moments) {
        return Arrays.stream(moments).mapToDouble(Moments::mean).toArray();
    }
}
