package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Tensor;
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

        /** {@return its name, with its sign and unit, at the head of a column} */
        public String column() {
            return column;
        }

        /**
         * {@return whether a model has it} All but {@link #RECONSTRUCTION} need a posterior, which a plain autoencoder
         * lacks.
         *
         * @param spec of the model
         */
        public boolean fits(VaeSpec spec) {
            return spec.stochastic() || this == RECONSTRUCTION;
        }

        /**
         * Refuses a model that lacks it.
         *
         * @param spec of the model
         * @throws IllegalArgumentException unless it {@link #fits}
         */
        public void requireFits(VaeSpec spec) {
            if (!fits(spec)) {
                throw new IllegalArgumentException("the score " + this + " needs a variational autoencoder");
            }
        }

        /**
         * Queues or records the operations behind the scores of a batch.
         *
         * @param vae the model
         * @param a of B examples with L samples each
         * @param x B × D
         * @param noise of the draws from q(z|x)
         */
        public void queue(Vae vae, Activations a, Tensor x, NoiseSource noise) {
            vae.encode(x, a);
            vae.sample(a, noise);
            vae.decode(a);
            vae.lossRows(x, a);
            if (this == LIKELIHOOD) {
                vae.backend().ops().importanceWeights(a.reconstruction(), a.sampledKl(), null, null, a.bound());
            }
        }

        /**
         * Waits for what {@link #queue} queued and reads the scores of the first examples of the batch.
         *
         * @param a the batch
         * @param rows how many
         * @param scores receives {@code rows} of them from {@code at} on
         * @param at index of the first
         */
        public void read(Activations a, int rows, double[] scores, int at) {
            if (this == LIKELIHOOD) {
                double[] bound = a.bound().toDoubles();
                for (int b = 0; b < rows; b++) {
                    scores[at + b] = -bound[b];
                }
                return;
            }
            double[] reconstruction = a.reconstruction().toDoubles();
            double[] kl = this == ELBO ? a.kl().toDoubles() : new double[rows];
            for (int b = 0; b < rows; b++) {
                double sum = 0;
                for (int l = 0; l < a.samples(); l++) {
                    sum += reconstruction[l * a.batch() + b];
                }
                scores[at + b] = sum / a.samples() + kl[b];
            }
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
     * Scores of a model as it is whenever it is asked.
     *
     * @param vae the model
     * @param kind what is computed
     * @param samples L; a plain autoencoder has one code an example, and takes 1 whatever is asked for
     * @param seed of the noise
     * @throws IllegalArgumentException for a plain autoencoder and a kind that needs a posterior, or without samples
     */
    public Scores(Vae vae, Kind kind, int samples, long seed) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1, not " + samples);
        }
        kind.requireFits(vae.spec());
        this.vae = vae;
        this.kind = kind;
        this.samples = vae.spec().stochastic() ? samples : 1;
        this.seed = seed;
    }

    /** {@return L} */
    public int samples() {
        return samples;
    }

    /**
     * The scores of all examples.
     *
     * @param data examples
     * @param what is scored, for the error
     * @return scores, N
     * @throws ElboException numeric, naming the row, if a score is not finite
     */
    public double[] of(DataSource data, String what) {
        double[] scores = new double[data.examples()];
        Clock clock = Clock.allocate(vae.backend());
        NoiseSource noise = NoiseSource.perExample(seed, NoiseStream.EVALUATION, clock);
        try (Chunks chunks =
                new Chunks(vae, clock, data, data.examples(), null, samples, (a, x) -> kind.queue(vae, a, x, noise))) {
            chunks.run((chunk, row, rows) -> kind.read(chunk.activations(), rows, scores, row));
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
}
