package dev.elbo.analysis;

import dev.elbo.backend.NoiseSource;
import dev.elbo.io.Heap;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.FloatBuffer;
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
    private final int[] classes;

    /**
     * Creates inference on a model, with the weights that it has at each call.
     *
     * @param vae the model, not closed here
     * @param seed of all draws
     */
    public Inference(Vae vae, long seed) {
        this(vae, seed, false, new int[0]);
    }

    private Inference(Vae vae, long seed, boolean outputDraws, int[] classes) {
        this.vae = vae;
        this.seed = seed;
        this.outputDraws = outputDraws;
        this.classes = classes;
    }

    /**
     * {@return inference whose {@code sample} and {@code decode} give examples of these classes} A model with classes needs them
     * there; what has data takes those of the data.
     *
     * @param numbers of the class of each row, from 0; one alone is that of all rows
     * @throws IllegalArgumentException if the model has no such class
     */
    public Inference inClasses(int... numbers) {
        for (int number : numbers) {
            if (number < 0 || number >= vae.spec().classes().size()) {
                throw new IllegalArgumentException("class " + number + " is none of the model's, 0 to "
                        + (vae.spec().classes().size() - 1));
            }
        }
        return new Inference(vae, seed, outputDraws, numbers.clone());
    }

    /**
     * {@return inference whose {@code sample} and {@code decode} give some examples of each class, one class after the other}
     *
     * @param rows examples of a class
     * @param numbers of the classes
     * @throws IllegalArgumentException if the model has no such class
     */
    public Inference inEachClass(int rows, int... numbers) {
        int[] classOf = new int[Math.multiplyExact(rows, numbers.length)];
        Arrays.setAll(classOf, i -> numbers[i / rows]);
        return inClasses(classOf);
    }

    /**
     * {@return inference whose {@code reconstruct}, {@code sample} and {@code decode} give draws from p(x|z) in place
     * of its means} The latents stay what they are. A draw has the noise of the seed and of its row, from 0, see {@link
     * OutputDistribution}; more rows than that has noise for are a {@link dev.elbo.error.ElboException} of kind usage.
     */
    public Inference outputDraws() {
        return new Inference(vae, seed, true, classes);
    }

    /**
     * {@return latent codes, N × J: the means of the posterior, or with {@code sample} a draw from it}
     *
     * @param data examples
     * @param sample whether to draw, instead of the means
     */
    public float[] encode(DataSource data, boolean sample) {
        return collect(data.size(), vae.spec().latent(), into -> encode(data, sample, into));
    }

    /**
     * Passes rows on as they are computed, as {@link #encode(DataSource, boolean)}.
     *
     * @param data examples
     * @param sample whether to draw, instead of the means
     * @param into is given some whole rows of J at a time, which are its to keep
     */
    public void encode(DataSource data, boolean sample, Consumer<float[]> into) {
        Chunks.Recipe recipe = (a, x, clock) -> {
            vae.encode(x, a);
            if (sample) {
                vae.sample(a, NoiseSource.perExample(seed, NoiseStream.EVALUATION, clock));
            }
        };
        try (Chunks chunks = chunks(data, data.size(), recipe)) {
            chunks.run((chunk, row, rows) -> {
                Activations a = chunk.activations();
                into.accept((sample ? a.z() : a.mu()).toFloats());
            });
        }
    }

    /**
     * {@return means of p(x|z) at the posterior means, or draws there, N × D}
     *
     * @param data examples
     */
    public float[] reconstruct(DataSource data) {
        return collect(data.size(), data.features(), into -> reconstruct(data, into));
    }

    /**
     * Passes rows on as they are computed, as {@link #reconstruct(DataSource)}.
     *
     * @param data examples
     * @param into is given some whole rows of D at a time, which are its to keep
     */
    public void reconstruct(DataSource data, Consumer<float[]> into) {
        Chunks.Reader outputs = outputs(data.size(), into);
        Chunks.Recipe recipe = (a, x, clock) -> {
            vae.encode(x, a);
            vae.decode(a.mu(), a);
            vae.mean(a, x);
        };
        try (Chunks chunks = chunks(data, data.size(), recipe)) {
            chunks.run(outputs);
        }
    }

    /**
     * {@return means of p(x|z) at z drawn from the prior, or draws there, {@code count} × D}
     *
     * @param count number of examples
     */
    public float[] sample(int count) {
        return collect(count, vae.spec().inputs(), into -> sample(count, into));
    }

    /**
     * Passes rows on as they are computed, as {@link #sample(int)}.
     *
     * @param count number of examples
     * @param into is given some whole rows of D at a time, which are its to keep
     */
    public void sample(int count, Consumer<float[]> into) {
        Chunks.Reader outputs = outputs(count, into);
        try (Closer closer = new Closer()) {
            Tensor latents = closer.register(latents(count));
            Chunks chunks = chunks(null, count, (a, x, clock) -> {
                Tensor z = latents.rows(0, a.batch());
                vae.samplePrior(NoiseSource.perExample(seed, NoiseStream.SAMPLE, clock), z);
                vae.decode(z, a);
                vae.mean(a, x);
            });
            closer.register(chunks).run(labels(count), outputs);
        }
    }

    /** A step before a chunk of rows that are not from data, which tells the model their classes. */
    private Chunks.Reader labels(int total) {
        if (!vae.spec().conditional()) {
            return (chunk, row, rows) -> {};
        }
        if (classes.length != 1 && classes.length != total) {
            throw new IllegalArgumentException("the model needs the class of each of " + total
                    + " rows, or one for all, not " + classes.length + " classes; give them with inClasses");
        }
        return (chunk, row, rows) -> {
            float[] labels = new float[rows];
            for (int i = 0; i < rows; i++) {
                labels[i] = classes[classes.length == 1 ? 0 : row + i];
            }
            chunk.activations().labels().write(labels);
        };
    }

    /**
     * {@return means of p(x|z) at given codes, or draws there, N × D}
     *
     * @param codes N × J
     * @throws IllegalArgumentException for no codes, or a part of one
     */
    public float[] decode(float[] codes) {
        return collect(codes.length / vae.spec().latent(), vae.spec().inputs(), into -> decode(codes, into));
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
            throw new IllegalArgumentException(codes.length + " values do not divide into rows of " + latent);
        }
        Chunks.Reader outputs = outputs(codes.length / latent, into);
        try (Closer closer = new Closer()) {
            Tensor latents = closer.register(latents(codes.length / latent));
            Chunks chunks = chunks(null, codes.length / latent, (a, x, clock) -> {
                vae.decode(latents.rows(0, a.batch()), a);
                vae.mean(a, x);
            });
            Chunks.Reader labels = labels(codes.length / latent);
            closer.register(chunks)
                    .run(
                            (chunk, row, rows) -> {
                                latents.rows(0, rows)
                                        .write(Arrays.copyOfRange(codes, row * latent, (row + rows) * latent));
                                labels.read(chunk, row, rows);
                            },
                            outputs);
        }
    }

    /** A reader that passes on the means of p(x|z), or draws. */
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

    private static float[] collect(int rows, int cols, Consumer<Consumer<float[]>> work) {
        FloatBuffer all = FloatBuffer.wrap(Heap.results(rows, cols));
        work.accept(all::put);
        return all.array();
    }

    /** @param data null: rows come from noise or codes */
    private Chunks chunks(DataSource data, int total, Chunks.Recipe recipe) {
        return new Chunks(vae, data, total, false, 0, 1, recipe);
    }

    private Tensor latents(int total) {
        return vae.backend()
                .allocate(
                        ElementType.REAL,
                        Math.min(total, Chunks.ROWS),
                        vae.spec().latent());
    }
}
