package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How badly a model explains each example, in nats; higher is stranger. A score is no probability: see {@link Calibration}
 * for what it can be compared with. Every example has the same noise, so that a score is a function of the example: the same
 * whatever its row is and whatever else is scored. Products are rounded by where a row stands, so that it is the same to some
 * units in the seventh digit of its largest term, not to the last bit.
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

    /**
     * The noise of every score: that of row 0 of the evaluation, for each example the same.
     *
     * @param seed of the noise
     * @param samples L, draws of an example
     * @param examples B
     * @param latent J
     * @return (L · B) × J, row-major
     */
    public static float[] noise(long seed, int samples, int examples, int latent) {
        float[] normals = new float[Math.multiplyExact(samples * examples, latent)];
        for (int k = 0; k < samples; k++) {
            int first = k * examples * latent;
            Noise.normals(seed, 0, NoiseStream.EVALUATION, k, 0, latent, normals, first);
            for (int b = 1; b < examples; b++) {
                System.arraycopy(normals, first, normals, first + b * latent, latent);
            }
        }
        return normals;
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
        double[] scores = new double[data.size()];
        Clock clock = Clock.allocate(vae.backend());
        try (SameNoise noise = new SameNoise();
                Chunks chunks = new Chunks(
                        vae,
                        clock,
                        data,
                        data.size(),
                        null,
                        samples,
                        (a, x) -> kind.queue(vae, a, x, noise.of(a.batch())))) {
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

    /** The noise of batches, one tensor for each size. */
    private final class SameNoise implements AutoCloseable {
        private final Map<Integer, Tensor> bySize = new HashMap<>();

        NoiseSource of(int batch) {
            return NoiseSource.given(bySize.computeIfAbsent(batch, size -> {
                int latent = vae.spec().latent();
                Tensor tensor = vae.backend().allocate(ElementType.REAL, samples * size, latent);
                tensor.write(noise(seed, samples, size, latent));
                return tensor;
            }));
        }

        @Override
        public void close() {
            bySize.values().forEach(tensor -> tensor.buffer().close());
        }
    }
}
