package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * Estimates log p(x) of every example by importance sampling from q(z|x) (Burda et al. 2016, eq. 8 at large K): a group
 * of examples after the other, their samples in chunks that fit into memory.
 *
 * <p>The noise belongs to the row of the data and the number of the sample, and weights are added up in the order of the
 * samples, so results do not depend on the chunks. Bit for bit this needs more: a product's rounding of a row may depend on
 * where the row is, and how many there are. Groups therefore have the same size to the last, whose missing examples are
 * stand-ins, and chunks are whole blocks of as many rows as the CPU's products take at a time.
 */
public final class MarginalLikelihood implements AutoCloseable {
    /** A listener for chunks that decides whether to continue. */
    public interface Progress {
        /** Never stops. */
        Progress NONE = (finished, chunk, chunks) -> true;

        /**
         * Called after every chunk.
         *
         * @param finished examples whose samples are all drawn
         * @param chunk done so far, from 1
         * @param chunks in all
         * @return false to stop; examples that are not finished are then left out
         */
        boolean shouldContinue(int finished, long chunk, long chunks);
    }

    /** Bytes of activations that keep products busy on every backend. */
    public static final long MEMORY = 64L << 20;

    /** Samples that the noise's counters hold, the overshoot of the last chunk included. */
    public static final int MAX_SAMPLES = 1_000_000_000;

    /** Examples of a group: a power of two. */
    private static final int GROUP = 32;
    /** Rows of a block. */
    private static final int BLOCK = 512;

    private final Closer closer = new Closer();
    private final Vae vae;
    private final int examples;
    private final int samples;
    private final int group;
    /** Samples of a chunk. */
    final int chunkSamples;

    private final Clock clock;
    private final Pass pass;
    private final Tensor x;
    private final Activations activations;
    private final Program[] encode;
    private final Program encodeRest;
    private final Program draw;

    /**
     * Allocates memory and records the operations of a run.
     *
     * @param vae variational
     * @param data examples
     * @param samples K of each example, 2 to {@link #MAX_SAMPLES}
     * @param binarize whether the model sees binary pixels drawn with the values as probabilities
     * @param seed of the noise
     * @param memory bytes that a chunk may take; a single block is taken whatever it needs
     */
    public MarginalLikelihood(Vae vae, DataSource data, int samples, boolean binarize, long seed, long memory) {
        if (samples < 2 || samples > MAX_SAMPLES || !vae.network().stochastic()) {
            throw new IllegalArgumentException("MarginalLikelihood needs a variational autoencoder and 2 to "
                    + MAX_SAMPLES + " samples, not " + samples + " samples of " + vae.spec());
        }
        this.vae = vae;
        this.examples = data.size();
        this.samples = samples;
        int batch = Math.min(GROUP, examples);
        this.group = Integer.highestOneBit(2 * batch - 1);
        this.chunkSamples = chunkSamples(vae.network(), samples, group, memory);
        Backend backend = vae.backend();
        try {
            clock = Clock.allocate(backend);
            closer.register(clock.counters());
            pass = closer.register(data.pass(batch, 1, false));
            x = closer.register(backend.allocate(ElementType.REAL, group, data.features()));
            activations = closer.register(vae.allocate(group, chunkSamples, false));
            NoiseSource pixels = binarize ? NoiseSource.perExample(seed, NoiseStream.BINARIZE, clock) : null;
            encode = new Program[pass.slots()];
            for (int slot = 0; slot < encode.length; slot++) {
                encode[slot] = recordEncode(slot, batch, pixels);
            }
            encodeRest = examples % batch == 0 ? null : recordEncode(pass.lastSlot(), examples % batch, pixels);
            NoiseSource latent = NoiseSource.perExample(seed, NoiseStream.EVALUATION, clock);
            draw = closer.register(backend.record(() -> {
                vae.sample(activations, latent);
                vae.decode(activations);
                vae.lossRows(x, activations);
                backend.ops().advance(clock, 0, 0, 0, chunkSamples);
            }));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** Returns the samples of a chunk: whole blocks, and all chunks the same, of which the last may overshoot. */
    private static int chunkSamples(Network network, int samples, int group, long memory) {
        int unit = BLOCK / group;
        long values = network.valuesPerSample();
        long units = (samples + unit - 1) / unit;
        // values may be float64, and what has one value a row is small
        long most = Math.max(1, memory / (values * Double.BYTES) / BLOCK);
        long chunks = (units + most - 1) / most;
        return Math.toIntExact((units + chunks - 1) / chunks * unit);
    }

    /** Records the encoding of the first {@code rows} rows; the others keep their values. */
    private Program recordEncode(int slot, int rows, NoiseSource pixels) {
        return closer.register(vae.backend().record(() -> {
            Tensor labels = activations.labels();
            Tensor classes = labels == null ? null : labels.rows(0, rows);
            pass.gather(slot, clock, pixels, x.rows(0, rows), classes);
            vae.encode(x, activations);
        }));
    }

    /**
     * Draws all samples and returns the estimate.
     *
     * @param name of the computation, for the error
     * @param progress decides after every chunk whether to continue
     * @return the estimate, partial if it was stopped
     * @throws ElboException numeric, if a log weight is not finite
     */
    public LikelihoodEstimate run(String name, Progress progress) {
        LikelihoodEstimate.Builder estimate = new LikelihoodEstimate.Builder(examples, samples);
        int batch = Math.min(group, examples);
        long chunksOfGroup = (samples + chunkSamples - 1) / chunkSamples;
        long chunks = (examples + batch - 1) / batch * chunksOfGroup;
        long done = 0;
        pass.start(null);
        for (int row = 0; row < examples; row += batch) {
            int rows = Math.min(batch, examples - row);
            clock.set(0, row, 0, 0);
            (rows < batch ? encodeRest : encode[pass.slot()]).run();
            pass.submitted(rows);
            ExampleWeights[] weights = new ExampleWeights[rows];
            for (int b = 0; b < rows; b++) {
                weights[b] = new ExampleWeights();
            }
            for (int first = 0; first < samples; first += chunkSamples) {
                Interruption.throwIfInterrupted("the marginal likelihood");
                draw.run();
                add(weights, name, row, first);
                if (first + chunkSamples >= samples) {
                    double[] kl = activations.kl().toDoubles();
                    for (int b = 0; b < rows; b++) {
                        estimate.add(weights[b], kl[b]);
                    }
                }
                if (!progress.shouldContinue(estimate.finished(), ++done, chunks)) {
                    return estimate.build();
                }
            }
        }
        return estimate.build();
    }

    private void add(ExampleWeights[] weights, String name, int row, int first) {
        double[] reconstruction = activations.reconstruction().toDoubles();
        double[] sampledKl = activations.sampledKl().toDoubles();
        int count = Math.min(chunkSamples, samples - first);
        IntStream.range(0, weights.length).parallel().forEach(b -> {
            for (int k = 0; k < count; k++) {
                int at = k * group + b;
                double logWeight = weights[b].add(reconstruction[at], sampledKl[at]);
                if (!Double.isFinite(logWeight)) {
                    throw ElboException.numeric(name + ": example " + (row + b) + ", sample " + (first + k)
                            + " (from 0) has a log weight of " + logWeight + " (-log p(x|z) " + reconstruction[at]
                            + ", log q(z|x) - log p(z) " + sampledKl[at] + "); look for extreme values in the data");
                }
            }
        });
    }

    @Override
    public void close() {
        closer.close();
    }
}
