package dev.elbo.analysis;

import dev.elbo.backend.NoiseSource;
import dev.elbo.error.ElboException;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Anomaly scores: how badly a model explains each example, in nats; higher is stranger. A score is no probability: see
 * {@link Calibration} for what it can be compared with. Every example has the same noise, so that a score is a function
 * of the example: the same whatever its row is and whatever else is scored. Products are rounded by where a row stands,
 * so that it is the same to some units in the seventh digit of its largest term, not to the last bit.
 */
public final class Scores {
    /**
     * {@return the noise of every score, (L · B) × J, row-major: that of row 0 of the evaluation, the same for each
     * example}
     *
     * @param seed of the noise
     * @param samples L, draws of an example
     * @param examples B
     * @param latent J
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
    private final AnomalyScore score;
    private final int samples;
    private final long seed;

    /**
     * Creates scores of a model, computed with the weights that it has then.
     *
     * @param vae the model
     * @param score the computed score
     * @param samples L; a plain autoencoder has one code an example, and takes 1 whatever is asked for
     * @param seed of the noise
     * @throws IllegalArgumentException for a plain autoencoder and a score that needs a posterior, or without samples
     */
    public Scores(Vae vae, AnomalyScore score, int samples, long seed) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1, not " + samples);
        }
        score.requireFits(vae.network());
        this.vae = vae;
        this.score = score;
        this.samples = vae.network().stochastic() ? samples : 1;
        this.seed = seed;
    }

    /** {@return L} */
    public int samples() {
        return samples;
    }

    /**
     * {@return the scores of all examples, N}
     *
     * @param data examples
     * @param name of the data, for the error
     * @throws ElboException numeric, naming the row, if a score is not finite
     */
    public double[] compute(DataSource data, String name) {
        double[] scores = new double[data.size()];
        Map<Integer, Tensor> noise = new HashMap<>();
        try (Closer closer = new Closer()) {
            Chunks chunks = new Chunks(vae, data, data.size(), false, 0, samples, (a, x, clock) -> {
                Tensor same = noise.computeIfAbsent(a.batch(), rows -> closer.register(noise(rows)));
                score.queue(vae, a, x, NoiseSource.given(same));
            });
            closer.register(chunks).run((chunk, row, rows) -> score.read(chunk.activations(), rows, scores, row));
        }
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw ElboException.numeric(name + ": row " + i + " (from 0) has the score " + scores[i]
                        + "; look for extreme values in it");
            }
        }
        return scores;
    }

    private Tensor noise(int batch) {
        int latent = vae.spec().latent();
        Tensor tensor = vae.backend().allocate(ElementType.REAL, samples * batch, latent);
        tensor.write(noise(seed, samples, batch, latent));
        return tensor;
    }
}
