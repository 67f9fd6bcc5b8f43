package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.error.ElboException;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import java.util.Locale;

/**
 * How badly a model explains each example, in nats; higher is stranger. A score is no probability: see {@link Calibration}
 * for what it can be compared with. The noise belongs to the row of the data, so a score does not depend on the batch that
 * the example is in.
 */
public final class Scores {
    /** What is computed, from z_1 … z_L drawn from q(z|x). */
    public enum Kind {
        /** The negative ELBO, {@code −(1/L) Σ_l log p(x|z_l) + KL(q(z|x) ‖ p(z))}: bounds −log p(x) from above on average. */
        ELBO("negative_elbo_nats"),
        /** The negative reconstruction probability, {@code −(1/L) Σ_l log p(x|z_l)} (An and Cho 2015, algorithm 4). */
        RECONSTRUCTION("negative_reconstruction_probability_nats"),
        /**
         * The importance-sampled {@code −log p̂(x) = −log (1/L) Σ_l p(x|z_l) p(z_l) / q(z_l|x)} (Burda et al. 2016, eq. 8);
         * too high on average, and the less so the larger L.
         */
        LIKELIHOOD("negative_log_likelihood_nats");

        private final String column;

        Kind(String column) {
            this.column = column;
        }

        /** Its name, with its sign and unit, at the head of a column. */
        public String column() {
            return column;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Vae vae;
    private final Kind kind;
    private final int samples;
    private final long seed;

    /**
     * @param samples L; a plain autoencoder has one code an example, and takes 1 whatever is asked for
     * @param seed of the noise
     * @throws IllegalArgumentException for a plain autoencoder and a kind that needs a posterior, or without samples
     */
    public Scores(Vae vae, Kind kind, int samples, long seed) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1, not " + samples);
        }
        if (!vae.spec().stochastic() && kind != Kind.RECONSTRUCTION) {
            throw new IllegalArgumentException("the score " + kind + " needs a variational autoencoder");
        }
        this.vae = vae;
        this.kind = kind;
        this.samples = vae.spec().stochastic() ? samples : 1;
        this.seed = seed;
    }

    /** L. */
    public int samples() {
        return samples;
    }

    /**
     * The scores of all examples.
     *
     * @param what is scored, for the error
     * @throws ElboException numeric, naming the row, if a score is not finite
     */
    public double[] of(DataSource data, String what) {
        double[] scores = new double[data.examples()];
        Clock clock = Clock.allocate(vae.backend());
        NoiseSource noise = NoiseSource.perExample(seed, NoiseStream.EVALUATION, clock);
        try (Chunks chunks = new Chunks(vae, clock, data, data.examples(), null, samples, (a, x) -> {
            vae.encode(x, a);
            vae.sample(a, noise);
            vae.decode(a);
            vae.lossRows(x, a);
            if (kind == Kind.LIKELIHOOD) {
                vae.backend().ops().importanceWeights(a.reconstruction(), a.sampledKl(), null, null, a.bound());
            }
        })) {
            chunks.run((chunk, row, rows) -> read(chunk.activations(), scores, row, rows));
        } finally {
            clock.counters().buffer().close();
        }
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw ElboException.numeric(what + ": row " + i + " (from 0) has the score " + scores[i]
                        + "; look for extreme values in it");
            }
        }
        return scores;
    }

    private void read(Activations a, double[] scores, int row, int rows) {
        if (kind == Kind.LIKELIHOOD) {
            double[] bound = a.bound().toDoubles();
            for (int b = 0; b < rows; b++) {
                scores[row + b] = -bound[b];
            }
            return;
        }
        double[] reconstruction = a.reconstruction().toDoubles();
        double[] kl = kind == Kind.ELBO ? a.kl().toDoubles() : new double[rows];
        for (int b = 0; b < rows; b++) {
            double sum = 0;
            for (int l = 0; l < samples; l++) {
                sum += reconstruction[l * rows + b];
            }
            scores[row + b] = sum / samples + kl[b];
        }
    }
}
