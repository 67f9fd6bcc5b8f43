package dev.elbo.analysis;

import dev.elbo.backend.LogVariance;
import dev.elbo.error.ElboException;
import dev.elbo.net.OutputLikelihood;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.noise.PhiloxBlocks;

/**
 * The distribution p(x|z) of a model at the time of creation: turns a decoder's means into draws. It is the
 * distribution whose negative log density {@link Vae#lossRows} computes, also of a plain autoencoder, whose
 * reconstruction error is one.
 *
 * <ul>
 *   <li>Bernoulli: 1 where the uniform u of the value is below its mean, otherwise 0, as {@code --binarize} draws pixels.
 *       u has steps of 2⁻²³, so that a mean within 2⁻²⁴ of 0 or 1 is never left.
 *   <li>Gaussian: mean + σ ε, with ε the standard normal of the value and σ² 1, the stored optimum or the learned variance
 *       (one for all inputs or one for each), log σ² within the bounds of {@link LogVariance}. Values are not clipped.
 *   <li>Columns of a table: each by its kind, with u or ε of its first place; a category or count is the least one whose
 *       cumulative probability exceeds u.
 * </ul>
 *
 * <p>u and ε are {@link Noise} of the stream {@link NoiseStream#OUTPUT}, step 0, k = the draw (0 unless there are
 * several), element = row · D + column. A value is a function of seed, row, column, draw, mean and σ, computed here for every backend: it depends neither on how rows are cut
 * into batches nor on threads.
 */
public final class OutputDistribution {
    private final int inputs;
    private final OutputLikelihood.Draws draws;

    private OutputDistribution(int inputs, OutputLikelihood.Draws draws) {
        this.inputs = inputs;
        this.draws = draws;
    }

    /**
     * {@return p(x|z) of a model, with its variance of now}
     *
     * @param vae the model; its variance is read from the backend's memory
     */
    public static OutputDistribution of(Vae vae) {
        return new OutputDistribution(
                vae.spec().inputs(), vae.network().likelihood().draws(vae::outputParameter));
    }

    /**
     * Replaces means by draws.
     *
     * @param means of p(x|z), N × D row-major, in the unit of the model; replaced by the draws, NaN by NaN
     * @param firstRow number of the first row, which its noise belongs to
     * @param seed of the noise
     * @throws IllegalArgumentException for no whole rows, or rows that have no noise, see {@link #requireNoise}
     */
    public void draw(float[] means, long firstRow, long seed) {
        draw(means, firstRow, 0, seed);
    }

    /**
     * Replaces means by one of several draws, as {@link #draw(float[], long, long)} does, whose number is 0.
     *
     * @param means of p(x|z), N × D row-major, in the unit of the model; replaced by the draws, NaN by NaN
     * @param firstRow number of the first row, which its noise belongs to
     * @param number of the draw, from 0
     * @param seed of the noise
     * @throws IllegalArgumentException as there
     */
    public void draw(float[] means, long firstRow, int number, long seed) {
        if (means.length % inputs != 0) {
            throw new IllegalArgumentException(means.length + " values do not divide into rows of " + inputs);
        }
        int rows = means.length / inputs;
        if (firstRow < 0 || firstRow > Noise.ELEMENTS / inputs - rows) {
            throw new IllegalArgumentException("rows " + firstRow + " + " + rows + " of " + inputs
                    + " values are not within the " + Noise.ELEMENTS + " values that a seed has noise for");
        }
        RowNoise noise = new RowNoise(seed, number, inputs);
        for (int at = 0; at < means.length; at += inputs) {
            noise.begin(firstRow + at / inputs);
            draws.draw(noise, means, at);
        }
    }

    /** The noise of one row after the other, computed when it is asked for. */
    private static final class RowNoise implements OutputLikelihood.RowNoise {
        private final long seed;
        private final int draw;
        private final PhiloxBlocks blocks;
        private final float[] uniforms;
        private final float[] normals;
        private long element;
        private boolean hasUniforms;
        private boolean hasNormals;

        RowNoise(long seed, int draw, int inputs) {
            this.seed = seed;
            this.draw = draw;
            this.blocks = new PhiloxBlocks(inputs);
            this.uniforms = new float[inputs];
            this.normals = new float[inputs];
        }

        void begin(long row) {
            element = row * uniforms.length;
            hasUniforms = false;
            hasNormals = false;
        }

        @Override
        public float[] uniforms() {
            if (!hasUniforms) {
                Noise.uniforms(seed, 0, NoiseStream.OUTPUT, draw, element, uniforms.length, uniforms, 0, blocks);
                hasUniforms = true;
            }
            return uniforms;
        }

        @Override
        public float[] normals() {
            if (!hasNormals) {
                Noise.normals(seed, 0, NoiseStream.OUTPUT, draw, element, normals.length, normals, 0, blocks);
                hasNormals = true;
            }
            return normals;
        }
    }

    /**
     * Checks that one seed has noise for the rows: 2³⁴ values.
     *
     * @param rows number of rows to draw
     * @throws ElboException usage, telling how many rows there can be
     */
    public void requireNoise(long rows) {
        long most = Noise.ELEMENTS / inputs;
        if (rows > most) {
            throw ElboException.usage("a seed has noise for draws of " + most + " rows of " + inputs
                    + " values, not of " + rows + "; draw fewer at a time, each with a seed of its own");
        }
    }
}
