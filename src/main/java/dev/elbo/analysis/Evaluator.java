package dev.elbo.analysis;

import dev.elbo.backend.NoiseSource;
import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import java.util.List;

/**
 * Evaluates a model on one data set, again and again while it is trained: every time with the same draw of noise, which
 * belongs to the example and not to the batch, so that differences are the model's. A data set in shards is evaluated shard by
 * shard, so that whoever has some of the shards gets the same sums of them.
 */
public final class Evaluator implements AutoCloseable {
    private static final int SUMS = 3;

    private final Closer closer = new Closer();
    private final Vae vae;
    private final int samples;
    private final boolean stochastic;
    private final Shards shards;
    /** Of each shard that is here; null of one without examples. */
    private final Chunks[] chunks;

    private final long examples;

    /**
     * Allocates memory and records the operations of an evaluation.
     *
     * @param vae the model; its weights are read at every run
     * @param data for the evaluation
     * @param samples latent samples of each example
     * @param binarize whether the model sees binary pixels drawn with the values as probabilities
     * @param seed of the noise
     */
    public Evaluator(Vae vae, DataSource data, int samples, boolean binarize, long seed) {
        this(vae, Shards.all(1), List.of(data), samples, binarize, seed);
    }

    /**
     * Allocates memory and records the operations of an evaluation in shards. Noise is numbered by the shard and the example's place
     * in it.
     *
     * @param vae the model; its weights are read at every run
     * @param shards of the data
     * @param data of the first shards that are here, in their order; those behind them have no examples
     * @param samples latent samples of each example
     * @param binarize whether the model sees binary pixels drawn with the values as probabilities
     * @param seed of the noise
     */
    public Evaluator(Vae vae, Shards shards, List<DataSource> data, int samples, boolean binarize, long seed) {
        this.vae = vae;
        this.shards = shards;
        this.stochastic = vae.network().stochastic();
        this.samples = stochastic ? samples : 1;
        this.examples = shards.rows(data.stream().mapToInt(DataSource::size).sum());
        this.chunks = new Chunks[shards.width()];
        try {
            Chunks.Memory memory = closer.register(new Chunks.Memory(vae, this.samples));
            for (int i = 0; i < data.size(); i++) {
                chunks[i] = closer.register(new Chunks(
                        memory, shards.from() + i, data.get(i), binarize, seed, (a, x, clock) -> {
                            vae.encode(x, a);
                            vae.sample(a, NoiseSource.perExample(seed, NoiseStream.EVALUATION, clock));
                            vae.decode(a);
                            vae.lossRows(x, a);
                            if (stochastic && this.samples > 1) {
                                vae.backend()
                                        .ops()
                                        .importanceWeights(
                                                a.reconstruction(),
                                                a.sampledKl(),
                                                a.logWeights(),
                                                a.weights(),
                                                a.bound());
                            }
                        }));
            }
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /**
     * Evaluates the model with its current weights.
     *
     * @param name of the data, for the error
     * @return means over the data, in nats per example
     * @throws ElboException numeric, if a mean is not finite
     */
    public Evaluation run(String name) {
        Evaluation evaluation = measure();
        if (!isFinite(evaluation)) {
            throw ElboException.numeric(name + " is not finite: reconstruction " + evaluation.reconstruction() + ", KL "
                    + evaluation.kl() + "; look for extreme values in the data, or train with a lower learningRate");
        }
        return evaluation;
    }

    /**
     * {@return whether the means of an evaluation are finite; of a plain autoencoder its reconstruction, which is all
     * that it has}
     *
     * @param evaluation of this evaluator's model
     */
    public boolean isFinite(Evaluation evaluation) {
        return Double.isFinite(evaluation.reconstruction()) && (!stochastic || Double.isFinite(evaluation.kl()));
    }

    /** {@return means over the data, in nats per example, with the current weights, finite or not} */
    public Evaluation measure() {
        double[] ofShards = new double[chunks.length * SUMS];
        for (int i = 0; i < chunks.length; i++) {
            if (chunks[i] != null) {
                add(chunks[i], ofShards, i * SUMS);
            }
        }
        double[] sums = shards.total(ofShards);
        double reconstruction = sums[0] / samples / examples;
        double kl = sums[1] / examples;
        if (!stochastic) {
            return new Evaluation(Double.NaN, reconstruction, Double.NaN, Double.NaN);
        }
        return new Evaluation(-reconstruction - kl, reconstruction, kl, samples > 1 ? sums[2] / examples : Double.NaN);
    }

    private void add(Chunks shard, double[] sums, int at) {
        shard.run((chunk, row, rows) -> {
            sums[at] += sum(chunk.activations().reconstruction().toDoubles());
            if (stochastic) {
                sums[at + 1] += sum(chunk.activations().kl().toDoubles());
                if (samples > 1) {
                    sums[at + 2] += sum(chunk.activations().bound().toDoubles());
                }
            }
        });
    }

    /**
     * Runs the operations of a chunk of examples without reading data or results, to count them.
     *
     * @return the number of examples
     */
    public int dryRun() {
        return chunks[0].dryRun();
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    @Override
    public void close() {
        closer.close();
    }
}
