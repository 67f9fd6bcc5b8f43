package dev.elbo.serve;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.Scores;
import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A trained model that any number of threads may use at the same time. It holds a fixed number of replicas, each with a
 * backend and weights of its own. A call borrows one, first come, first served, and waits if all are in use.
 *
 * <p>Arrays are row-major, one example or code a row; they are not kept. The bits of a row's answer depend on the row, on its
 * place in the call and on {@link Builder#batchSize}, never on the replica, the thread, or other rows and calls. (The place
 * counts because products are rounded otherwise at the edge of a batch, by some units in the last place.)
 *
 * <p>A model of standardised values, see {@link InputSchema}, takes, returns and scores examples in their own unit. One of a table
 * takes and returns values at the places of {@link InputSchema#table()}, which {@link dev.elbo.data.TableText} makes of words; NaN
 * is a missing value, of a categorical column in all of its places. Only what is there counts in the score of a row. One with
 * classes is told those of the rows by {@link #inClass}; without it all calls are an {@link IllegalArgumentException}.
 *
 * <p>All calls throw
 * <ul>
 *   <li>{@link ElboException}: data, for rows of another width, values that are not finite, or none of their column, naming row and column from 0;
 *       numeric, for answers that are not finite; device, if a device failed, see {@link #healthy()}; unavailable, if no
 *       replica got free within {@link Builder#timeout};
 *   <li>{@link java.util.concurrent.CancellationException}, if the thread is interrupted, while it waits or between two
 *       runs; the interrupt status stays;
 *   <li>{@link IllegalStateException} after {@link #close()}.
 * </ul>
 */
public final class VaeService implements AutoCloseable {
    private final Served served;
    private final Codec codec;
    private final Scorer scorer;

    /** Builds a service; every setting has a default. */
    public static final class Builder {
        /** Name of the model in messages. */
        final String name;
        /** Reads the model when the service opens. */
        final Supplier<StoredModel> model;

        String backend = "auto";
        private Precision precision = Precision.FP32;
        private int threads = 1;
        int replicas;
        int batchSize = 32;
        int samples = 16;
        long seed;
        Duration timeout;
        Consumer<String> onNote;

        private Builder(String name, Supplier<StoredModel> model) {
            this.name = name;
            this.model = model;
        }

        /** Sets the backend: one of {@link Backends#NAMES}; by default "auto". */
        public Builder backend(String name) {
            backend = Objects.requireNonNull(name, "backend");
            return this;
        }

        /** Sets the precision of matrix products: any on cuda, else {@link Precision#FP32}, which is the default. */
        public Builder precision(Precision products) {
            precision = Objects.requireNonNull(products, "precision");
            return this;
        }

        /** Sets how many calls are computed at the same time: at least 1; by default one for each processor, and one on cuda. */
        public Builder replicas(int count) {
            replicas = Rows.positive("replicas", count);
            return this;
        }

        /** Sets the threads of each replica on the CPU: at least 1; by default 1. Answers do not depend on it. */
        public Builder threads(int count) {
            threads = Rows.positive("threads", count);
            return this;
        }

        /**
         * Sets the rows of every run on the backend: at least 1; by default 32. Larger calls are split, smaller ones cost as much as
         * this many rows. A small batch answers single rows sooner; a large one (on the CPU up to about 512 rows) has a higher
         * throughput. A score takes as many rows of a run as {@link #samples}.
         */
        public Builder batchSize(int rows) {
            batchSize = Rows.positive("batchSize", rows);
            return this;
        }

        /** Sets L, the number of draws from q(z|x) for each score: at least 1; by default 16. */
        public Builder samples(int count) {
            samples = Rows.positive("samples", count);
            return this;
        }

        /** Sets the seed of the scores' noise: any number; by default 0. */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        /** Sets how long a call waits for a replica: zero (fails at once if none is free) or more; by default without end. */
        public Builder timeout(Duration longest) {
            if (Objects.requireNonNull(longest, "timeout").isNegative()) {
                throw new IllegalArgumentException("timeout must be at least 0, not " + longest);
            }
            timeout = longest;
            return this;
        }

        /**
         * Sets the listener of one line of text, sent once if values are so far outside of the training data's range that they
         * seem to be in another unit; by default none, which saves a pass over each request. The caller gets its exceptions.
         */
        public Builder onNote(Consumer<String> listener) {
            onNote = Objects.requireNonNull(listener, "listener");
            return this;
        }

        Backends.Choice choose(String name) {
            return Backends.builder(name).threads(threads).precision(precision).choose();
        }

        /**
         * Reads the model once and makes all replicas.
         *
         * @return the service, to be closed by the caller
         * @throws ElboException data, for an invalid model; unavailable, for a missing backend or memory; usage, for a wrong name
         */
        public VaeService build() {
            return new VaeService(Served.open(this));
        }
    }

    private VaeService(Served served) {
        this.served = served;
        this.codec = served.codec();
        this.scorer = served.scorer();
    }

    /**
     * Starts a service of the model in a file; {@link Builder#build()} opens it.
     *
     * @param model a {@code model.safetensors}
     * @return a builder with all defaults
     */
    public static Builder builder(Path model) {
        return new Builder(Objects.requireNonNull(model, "model").toString(), () -> StoredModel.read(model));
    }

    /**
     * Starts a service of a model in memory; {@link Builder#build()} opens it.
     *
     * @param name of the model in messages
     * @param model its weights are copied into each replica
     * @return a builder with all defaults
     */
    public static Builder builder(String name, StoredModel model) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(model, "model");
        return new Builder(name, () -> model);
    }

    /** {@return the schema of examples: names and unit of values, shape of pictures, as far as the model knows} */
    public InputSchema inputs() {
        return scorer.inputs();
    }

    /** {@return the model's specification: D inputs, J latents, likelihood} */
    public VaeSpec spec() {
        return codec.spec();
    }

    /** {@return the model file's metadata besides the specification} */
    public Map<String, String> metadata() {
        return served.metadata();
    }

    /** {@return a description for people: replicas, their backend, and the reason for it if it was "auto"} */
    public String description() {
        return replicas() + (replicas() == 1 ? " replica, " : " replicas, ") + served.backend();
    }

    /** {@return the number of replicas: calls computed at the same time, if all of them work} */
    public int replicas() {
        return served.count();
    }

    /** {@return whether no device has failed} Calls are answered as long as one replica is left. */
    public boolean healthy() {
        return failure().isEmpty();
    }

    /** {@return the first failure of a device} */
    public Optional<ElboException> failure() {
        return Optional.ofNullable(served.replicas().failure());
    }

    /**
     * Returns a view of the service that tells a model with classes those of the rows: one name is the class of every row of every
     * call; of several, name i is the class of row i, and each call has as many rows. A stream needs a single name. All of the
     * service can be asked of the view, {@link #outputDraws} and other classes included; what needs classes is refused without.
     *
     * <p>The view shares the replicas and needs no closing: to close it is to close the service.
     *
     * @param names of {@link VaeSpec#classes()}, looked up now; at least one
     * @return the view; its calls throw {@link IllegalArgumentException} for another number of rows than of several names
     * @throws ElboException usage, for a name that is none of the classes, or a model without classes
     */
    public VaeService inClass(String... names) {
        return new VaeService(served.inClass(names));
    }

    /**
     * Computes the means of q(z|x).
     *
     * @param x examples, N × D
     * @return codes, N × J
     */
    public float[] encode(float[] x) {
        return codec.encode(x);
    }

    /**
     * Does {@link #encode(float[])} for float64: values such as times keep all digits until they are standardised.
     *
     * @param x examples, N × D
     * @return codes, N × J
     */
    public float[] encode(double[] x) {
        return codec.encode(x);
    }

    /**
     * Does {@link #encode(float[])} with an array for each row.
     *
     * @param x N examples of D values
     * @return N codes of J values
     */
    public float[][] encode(float[][] x) {
        return codec.encode(x);
    }

    /**
     * Draws from each q(z|x); a plain autoencoder returns its codes.
     *
     * @param x examples, N × D
     * @param seed of the noise, which example i has of its own
     * @return codes, N × J
     */
    public float[] samplePosterior(float[] x, long seed) {
        return codec.samplePosterior(x, seed);
    }

    /**
     * Computes the means of p(x|z).
     *
     * @param z codes, N × J
     * @return examples, N × D
     */
    public float[] decode(float[] z) {
        return codec.decode(z, Codec.MEANS);
    }

    /**
     * Does {@link #decode(float[])} with an array for each row.
     *
     * @param z N codes of J values
     * @return N examples of D values
     */
    public float[][] decode(float[][] z) {
        return codec.decode(z, Codec.MEANS);
    }

    /**
     * Computes the means of p(x|z) at the means of q(z|x).
     *
     * @param x examples, N × D
     * @return examples, N × D
     */
    public float[] reconstruct(float[] x) {
        return codec.reconstruct(x, Codec.MEANS);
    }

    /**
     * Does {@link #reconstruct(float[])} for float64, as {@link #encode(double[])} does.
     *
     * @param x examples, N × D
     * @return examples, N × D, with digits that float32 may not hold
     */
    public double[] reconstruct(double[] x) {
        return codec.reconstruct(x, Codec.MEANS);
    }

    /**
     * Does {@link #reconstruct(float[])} with an array for each row.
     *
     * @param x N examples of D values
     * @return N examples of D values
     */
    public float[][] reconstruct(float[][] x) {
        return codec.reconstruct(x, Codec.MEANS);
    }

    /**
     * Decodes draws from the prior.
     *
     * @param count N, at least 1
     * @param seed of the draws
     * @return examples, N × D: means of p(x|z)
     */
    public float[] sample(int count, long seed) {
        return codec.sample(count, seed, Codec.MEANS);
    }

    /**
     * Returns a view of the service that draws from p(x|z) instead of computing its means.
     *
     * @param seed of the noise of the draws, and of their codes if these are drawn too
     * @return the view, which needs no closing
     */
    public OutputDraws outputDraws(long seed) {
        return new OutputDraws(codec, served.distribution(), seed);
    }

    /**
     * Computes how badly the model explains each example, in nats; higher is stranger. Every example has the same noise, so that
     * its score is a function of the example: that of {@link Scores} for a data set of it alone.
     *
     * @param x examples, N × D; in [0, 1] for a Bernoulli likelihood
     * @param score the computed score
     * @return scores, N
     * @throws IllegalArgumentException for a plain autoencoder, and a score that needs a posterior
     */
    public double[] anomalyScores(float[] x, AnomalyScore score) {
        return scorer.scores(x, score);
    }

    /**
     * Does {@link #anomalyScores(float[], AnomalyScore)} with an array for each row.
     *
     * @param x N examples of D values
     * @param score the computed score
     * @return scores, N
     */
    public double[] anomalyScores(float[][] x, AnomalyScore score) {
        return scorer.scores(x, score);
    }

    /**
     * Does {@link #anomalyScores(float[], AnomalyScore)} for float64, as {@link #encode(double[])} does.
     *
     * @param x examples, N × D
     * @param score the computed score
     * @return scores, N
     */
    public double[] anomalyScores(double[] x, AnomalyScore score) {
        return scorer.scores(x, score);
    }

    /**
     * Computes the scores of a stream as it comes, in its order: {@link Builder#batchSize} examples are taken at a time, and scored
     * when the first of their scores is asked for. No replica is held in between.
     *
     * @param x examples of D values, numbered from 0 in errors; closed with the result
     * @param score the computed score
     * @return a score for each example
     */
    public DoubleStream anomalyScores(Stream<float[]> x, AnomalyScore score) {
        return scorer.scores(x, score);
    }

    /** Waits for the calls under way, turns away those that wait for a replica, and frees everything. Closing twice does nothing. */
    @Override
    public void close() {
        served.replicas().close();
    }
}
