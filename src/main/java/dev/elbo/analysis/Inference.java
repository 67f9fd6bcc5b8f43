package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.io.Heap;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Encodes, reconstructs and samples with a trained model. All arrays are row-major, one example a row; more values than
 * an array holds are a {@link dev.elbo.error.ElboException} of kind unavailable. Examples that the model makes are
 * means of p(x|z), and draws from it after {@link #outputDraws()}.
 */
public final class Inference {
    private final Vae vae;
    private final long seed;
    private final boolean outputDraws;

    /**
     * Creates inference on a model, with the weights that it has at each call.
     *
     * @param vae the model, not closed here
     * @param seed of whatever is drawn
     */
    public Inference(Vae vae, long seed) {
        this(vae, seed, false);
    }

    private Inference(Vae vae, long seed, boolean outputDraws) {
        this.vae = vae;
        this.seed = seed;
        this.outputDraws = outputDraws;
    }

    /**
     * {@return inference whose {@code reconstruct}, {@code sample} and {@code decode} give draws from p(x|z) in place
     * of its means} The latents stay what they are. A draw has the noise of the seed and of its row, from 0, see {@link
     * OutputDistribution}; more rows than that has noise for are a {@link dev.elbo.error.ElboException} of kind usage.
     */
    public Inference outputDraws() {
        return new Inference(vae, seed, true);
    }

    /**
     * {@return latent codes, N × J: the means of the posterior, or with {@code sample} a draw from it}
     *
     * @param data examples
     * @param sample whether to draw, instead of the means
     */
    public float[] encode(DataSource data, boolean sample) {
        Collected codes = new Collected(data.size(), vae.spec().latent());
        encode(data, sample, codes);
        return codes.values;
    }

    /**
     * Passes rows on as they are computed, as {@link #encode(DataSource, boolean)}.
     *
     * @param data examples
     * @param sample whether to draw, instead of the means
     * @param into is given some whole rows of J at a time, which are its to keep
     */
    public void encode(DataSource data, boolean sample, Consumer<float[]> into) {
        try (Scratch scratch = new Scratch(vae, data, data.size())) {
            NoiseSource noise = NoiseSource.perExample(seed, NoiseStream.EVALUATION, scratch.clock);
            scratch.run(
                    (a, x) -> {
                        vae.encode(x, a);
                        if (sample) {
                            vae.sample(a, noise);
                        }
                    },
                    (chunk, row, rows) -> into.accept((sample
                                    ? chunk.activations().z()
                                    : chunk.activations().mu())
                            .toFloats()));
        }
    }

    /**
     * {@return means of p(x|z) at the posterior means, or draws there, N × D}
     *
     * @param data examples
     */
    public float[] reconstruct(DataSource data) {
        Collected images = new Collected(data.size(), data.features());
        reconstruct(data, images);
        return images.values;
    }

    /**
     * Passes rows on as they are computed, as {@link #reconstruct(DataSource)}.
     *
     * @param data examples
     * @param into is given some whole rows of D at a time, which are its to keep
     */
    public void reconstruct(DataSource data, Consumer<float[]> into) {
        Chunks.Reader outputs = outputs(data.size(), into);
        try (Scratch scratch = new Scratch(vae, data, data.size())) {
            scratch.run(
                    (a, x) -> {
                        vae.encode(x, a);
                        vae.decode(a.mu(), a);
                        vae.mean(a, x);
                    },
                    outputs);
        }
    }

    /**
     * {@return means of p(x|z) at z drawn from the prior N(0, I), or draws there, {@code count} × D}
     *
     * @param count how many
     */
    public float[] sample(int count) {
        Collected images = new Collected(count, vae.spec().inputs());
        sample(count, images);
        return images.values;
    }

    /**
     * Passes rows on as they are computed, as {@link #sample(int)}.
     *
     * @param count how many
     * @param into is given some whole rows of D at a time, which are its to keep
     */
    public void sample(int count, Consumer<float[]> into) {
        Chunks.Reader outputs = outputs(count, into);
        try (Scratch scratch = new Scratch(vae, null, count)) {
            NoiseSource noise = NoiseSource.perExample(seed, NoiseStream.SAMPLE, scratch.clock);
            scratch.run(
                    (a, x) -> {
                        vae.backend().ops().normal(noise, scratch.latents(a.mu().rows()));
                        vae.decode(scratch.latents(a.mu().rows()), a);
                        vae.mean(a, x);
                    },
                    outputs);
        }
    }

    /**
     * {@return means of p(x|z) at given codes, or draws there, N × D}
     *
     * @param codes N × J
     * @throws IllegalArgumentException for no codes, or a part of one
     */
    public float[] decode(float[] codes) {
        Collected images =
                new Collected(codes.length / vae.spec().latent(), vae.spec().inputs());
        decode(codes, images);
        return images.values;
    }

    /**
     * Passes rows on as they are computed, as {@link #decode(float[])}.
     *
     * @param codes N × J
     * @param into is given some whole rows of D at a time, which are its to keep
     */
    public void decode(float[] codes, Consumer<float[]> into) {
        int latent = vae.spec().latent();
        if (codes.length == 0 || codes.length % latent != 0) {
            throw new IllegalArgumentException(codes.length + " values are no rows of " + latent);
        }
        Chunks.Reader outputs = outputs(codes.length / latent, into);
        try (Scratch scratch = new Scratch(vae, null, codes.length / latent);
                Chunks chunks = scratch.chunks((a, x) -> {
                    vae.decode(scratch.latents(a.mu().rows()), a);
                    vae.mean(a, x);
                })) {
            chunks.run(
                    (chunk, row, rows) ->
                            scratch.latents(rows).write(Arrays.copyOfRange(codes, row * latent, (row + rows) * latent)),
                    outputs);
        }
    }

    /** Means of p(x|z) where the recipe left them, or draws. */
    private Chunks.Reader outputs(int total, Consumer<float[]> into) {
        if (!outputDraws) {
            return (chunk, row, rows) -> into.accept(means(chunk));
        }
        OutputDistribution distribution = OutputDistribution.of(vae);
        distribution.requireNoise(total);
        return (chunk, row, rows) -> {
            float[] outputs = means(chunk);
            distribution.draw(outputs, row, seed);
            into.accept(outputs);
        };
    }

    private float[] means(Chunks.Chunk chunk) {
        return vae.meanAt(chunk.activations(), chunk.x()).toFloats();
    }

    /** All rows in one array. */
    private static final class Collected implements Consumer<float[]> {
        private final float[] values;
        private int filled;

        Collected(int rows, int cols) {
            values = Heap.results(rows, cols);
        }

        @Override
        public void accept(float[] rows) {
            System.arraycopy(rows, 0, values, filled, rows.length);
            filled += rows.length;
        }
    }

    /** Clock and latent rows of one pass. */
    private static final class Scratch implements AutoCloseable {
        private final Vae vae;
        private final DataSource data;
        private final int total;
        private final Clock clock;
        private final Tensor latents;

        /** @param data null: rows come from noise or codes */
        Scratch(Vae vae, DataSource data, int total) {
            this.vae = vae;
            this.data = data;
            this.total = total;
            this.clock = Clock.allocate(vae.backend());
            this.latents = vae.backend()
                    .allocate(
                            ElementType.REAL,
                            Math.min(total, Chunks.ROWS),
                            vae.spec().latent());
        }

        Tensor latents(int rows) {
            return latents.rows(0, rows);
        }

        Chunks chunks(Chunks.Recipe recipe) {
            return new Chunks(vae, clock, data, total, null, 1, recipe);
        }

        void run(Chunks.Recipe recipe, Chunks.Reader reader) {
            try (Chunks chunks = chunks(recipe)) {
                chunks.run(reader);
            }
        }

        @Override
        public void close() {
            latents.buffer().close();
            clock.counters().buffer().close();
        }
    }
}
