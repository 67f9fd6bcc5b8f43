package dev.elbo.serve;

import dev.elbo.Backends;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.OutputDistribution;
import dev.elbo.analysis.Scores;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.tensor.Closer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A trained model that any number of threads use at the same time. It holds a fixed number of replicas, each with a backend
 * and weights of its own; a call borrows one, first come, first served, and waits for it where all are lent.
 *
 * <p>Arrays are row-major, one example or code a row; they are not kept. The bits of a row's answer depend on the row,
 * on its
 * place in the call and on {@link VaeServiceBuilder#batch}, never on the replica, the thread, or what else is asked with it or at the same
 * time. (The place counts because products of a batch are rounded otherwise at its edge, by some units in the last place.)
 *
 * <p>A model that was trained on standardised values, see {@link InputSchema}, takes and gives examples in their own unit, and its
 * scores are nats of these.
 *
 * <p>All calls throw
 * <ul>
 *   <li>{@link ElboException}: data, for rows of another width or values that are not finite, naming row and column from 0;
 *       numeric, for answers that are not finite; device, if a device failed, see {@link #healthy()}; unavailable, if no
 *       replica got free within {@link VaeServiceBuilder#timeout};
 *   <li>{@link java.util.concurrent.CancellationException}, where the thread is interrupted, while it waits or between two
 *       runs; the interrupt status stays;
 *   <li>{@link IllegalStateException} after {@link #close()}.
 * </ul>
 */
public final class VaeService implements AutoCloseable {
    private final VaeSpec spec;
    private final Map<String, String> metadata;
    private final InputSchema inputs;
    private final Unit unit;
    private final String description;
    private final Replicas replicas;
    private final Decoder decoder;
    private final OutputDistribution distribution;
    private final int count;
    private final int batch;

    VaeService(VaeServiceBuilder builder) {
        Closer made = new Closer();
        try {
            List<Replica> all = new ArrayList<>();
            Backends.Choice choice = builder.choose(builder.backend);
            Backend backend = made.register(choice.backend());
            String name = builder.backend.equals("auto") ? backend.name() : builder.backend;
            float[] weights;
            double logVar;
            try (ModelFile.Loaded loaded = ModelFile.read(builder.model, backend)) {
                spec = loaded.vae().spec();
                metadata = Map.copyOf(loaded.metadata());
                inputs = InputSchema.of(builder.model.toString(), loaded);
                unit = new Unit(inputs, builder.onNote);
                distribution = OutputDistribution.of(loaded.vae());
                weights = loaded.parameters().flat().toFloats();
                logVar = loaded.vae().storedLogVar();
            }
            description = choice.description();
            batch = builder.batch;
            count = builder.replicas > 0
                    ? builder.replicas
                    : backend.name().equals("cuda") ? 1 : Runtime.getRuntime().availableProcessors();
            for (int i = 0; i < count; i++) {
                Backend own = i == 0 ? backend : builder.choose(name).backend();
                all.add(made.register(new Replica(own, spec, weights, logVar, batch, builder.samples, builder.seed)));
            }
            replicas = new Replicas(all, builder.timeout);
            decoder = new Decoder(spec, unit, replicas);
        } catch (Throwable thrown) {
            made.close();
            throw thrown;
        }
    }

    /**
     * A service of the model in a file; nothing is opened before {@link VaeServiceBuilder#build()}.
     *
     * @param model a {@code model.safetensors}
     * @return a builder with all defaults
     */
    public static VaeServiceBuilder builder(Path model) {
        return new VaeServiceBuilder(model);
    }

    /** {@return what examples are: the names of their values, their unit, the shape of pictures, where the model knows} */
    public InputSchema inputs() {
        return inputs;
    }

    /** {@return what the model is: D inputs, J latents, likelihood} */
    public VaeSpec spec() {
        return spec;
    }

    /** {@return the model file's metadata besides the specification} */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** {@return for people: the number of replicas, what they compute with, and why, where the backend was "auto"} */
    public String description() {
        return count + (count == 1 ? " replica, " : " replicas, ") + description;
    }

    /** {@return how many calls are worked on at the same time, if all replicas work} */
    public int replicas() {
        return count;
    }

    /** {@return whether no device has failed} Calls are answered as long as one replica is left. */
    public boolean healthy() {
        return failure().isEmpty();
    }

    /** {@return the first failure of a device} */
    public Optional<ElboException> failure() {
        return Optional.ofNullable(replicas.failure());
    }

    /**
     * The means of q(z|x).
     *
     * @param x examples, N × D
     * @return codes, N × J
     */
    public float[] encode(float[] x) {
        int rows = Rows.count("encode", Objects.requireNonNull(x, "x"), spec.inputs());
        float[] codes = Heap.results(rows, spec.latent());
        float[] y = unit.toModelUnits("encode", x, rows, 0);
        replicas.use(replica -> replica.encode(y, rows, codes));
        return Unit.finite("encode", codes, spec.latent());
    }

    /**
     * {@link #encode(float[])} of float64, whose digits beyond float32 count where the model was trained on standardised
     * values: times, for example.
     *
     * @param x examples, N × D
     * @return codes, N × J
     */
    public float[] encode(double[] x) {
        float[] y = unit.toModelUnits("encode", Objects.requireNonNull(x, "x"));
        float[] codes = Heap.results(y.length / spec.inputs(), spec.latent());
        replicas.use(replica -> replica.encode(y, y.length / spec.inputs(), codes));
        return Unit.finite("encode", codes, spec.latent());
    }

    /**
     * {@link #encode(float[])}, an array a row.
     *
     * @param x N examples of D values
     * @return N codes of J values
     */
    public float[][] encode(float[][] x) {
        return Rows.unpack(encode(Rows.pack("encode", Objects.requireNonNull(x, "x"), spec.inputs())), spec.latent());
    }

    /**
     * A draw from each q(z|x); a plain autoencoder has its codes alone.
     *
     * @param x examples, N × D
     * @param seed of the noise, which example i has of its own
     * @return codes, N × J
     */
    public float[] samplePosterior(float[] x, long seed) {
        int rows = Rows.count("draw", Objects.requireNonNull(x, "x"), spec.inputs());
        float[] codes = Heap.results(rows, spec.latent());
        float[] y = unit.toModelUnits("draw", x, rows, 0);
        replicas.use(replica -> replica.draw(y, rows, seed, codes));
        return Unit.finite("draw", codes, spec.latent());
    }

    /**
     * The means of p(x|z).
     *
     * @param z codes, N × J
     * @return examples, N × D
     */
    public float[] decode(float[] z) {
        return decoder.decode(z, Decoder.MEANS);
    }

    /**
     * {@link #decode(float[])}, an array a row.
     *
     * @param z N codes of J values
     * @return N examples of D values
     */
    public float[][] decode(float[][] z) {
        return Rows.unpack(decode(Rows.pack("decode", Objects.requireNonNull(z, "z"), spec.latent())), spec.inputs());
    }

    /**
     * The means of p(x|z) at the means of q(z|x).
     *
     * @param x examples, N × D
     * @return examples, N × D
     */
    public float[] reconstruct(float[] x) {
        return decoder.reconstruct(x, Decoder.MEANS);
    }

    /**
     * {@link #reconstruct(float[])} of float64, as {@link #encode(double[])}.
     *
     * @param x examples, N × D
     * @return examples, N × D, with digits that float32 may not hold
     */
    public double[] reconstruct(double[] x) {
        return decoder.reconstruct(x, Decoder.MEANS);
    }

    /**
     * {@link #reconstruct(float[])}, an array a row.
     *
     * @param x N examples of D values
     * @return N examples of D values
     */
    public float[][] reconstruct(float[][] x) {
        return Rows.unpack(
                reconstruct(Rows.pack("reconstruct", Objects.requireNonNull(x, "x"), spec.inputs())), spec.inputs());
    }

    /**
     * Decoded draws from the prior N(0, I).
     *
     * @param count N, at least 1
     * @param seed of the draws
     * @return examples, N × D: means of p(x|z)
     */
    public float[] sample(int count, long seed) {
        return decoder.sample(count, seed, Decoder.MEANS);
    }

    /**
     * Draws from p(x|z) in place of its means.
     *
     * @param seed of their noise, and of their codes where these are drawn too
     * @return what decodes, reconstructs and samples so; needs no closing
     */
    public OutputDraws outputDraws(long seed) {
        return new OutputDraws(decoder, distribution, seed);
    }

    /**
     * How badly the model explains each example, in nats; higher is stranger. Every example has the same noise, so that its
     * score is a function of the example: that of {@link Scores} for a data set of it alone.
     *
     * @param x examples, N × D; in [0, 1] for a Bernoulli likelihood
     * @param kind what is computed
     * @return scores, N
     * @throws IllegalArgumentException for a plain autoencoder, and a kind that needs a posterior
     */
    public double[] score(float[] x, Scores.Kind kind) {
        Objects.requireNonNull(kind, "kind").requireFits(spec);
        return score(x, Rows.count("score", Objects.requireNonNull(x, "x"), spec.inputs()), kind, 0);
    }

    /**
     * {@link #score(float[], Scores.Kind)}, an array a row.
     *
     * @param x N examples of D values
     * @param kind what is computed
     * @return scores, N
     */
    public double[] score(float[][] x, Scores.Kind kind) {
        Objects.requireNonNull(kind, "kind").requireFits(spec);
        return score(Rows.pack("score", Objects.requireNonNull(x, "x"), spec.inputs()), x.length, kind, 0);
    }

    /**
     * Scores of a stream as it comes, in its order: {@link VaeServiceBuilder#batch} examples are taken at a time, and scored when the
     * first of their scores is asked for. No replica is held in between.
     *
     * @param x examples of D values, numbered from 0 in errors; closed with the result
     * @param kind what is computed
     * @return a score for each example
     */
    public DoubleStream score(Stream<float[]> x, Scores.Kind kind) {
        Objects.requireNonNull(kind, "kind").requireFits(spec);
        Spliterator.OfDouble scores = Spliterators.spliteratorUnknownSize(
                new Scored(Objects.requireNonNull(x, "x").iterator(), kind), Spliterator.ORDERED | Spliterator.NONNULL);
        return StreamSupport.doubleStream(scores, false).onClose(x::close);
    }

    /**
     * {@link #score(float[], Scores.Kind)} of float64, as {@link #encode(double[])}.
     *
     * @param x examples, N × D
     * @param kind what is computed
     * @return scores, N
     */
    public double[] score(double[] x, Scores.Kind kind) {
        Objects.requireNonNull(kind, "kind").requireFits(spec);
        return scoreTaken(
                unit.toModelUnits("score", Objects.requireNonNull(x, "x")), x.length / spec.inputs(), kind, 0);
    }

    private double[] score(float[] x, int rows, Scores.Kind kind, long first) {
        return scoreTaken(unit.toModelUnits("score", x, rows, first), rows, kind, first);
    }

    private double[] scoreTaken(float[] y, int rows, Scores.Kind kind, long first) {
        if (spec.likelihood() == Likelihood.BERNOULLI) {
            // a model of these is never of standardised values
            Rows.requireUnitInterval("score", y, rows, spec.inputs(), first);
        }
        double[] scores = new double[rows];
        replicas.use(replica -> replica.score(y, rows, kind, scores));
        for (int i = 0; i < rows; i++) {
            scores[i] += inputs.logJacobian(); // of the values as they were given, by the change of variables
            if (!Double.isFinite(scores[i])) {
                throw ElboException.numeric("score: row " + (first + i) + " (from 0) has the score " + scores[i]
                        + "; look for extreme values in it");
            }
        }
        return scores;
    }

    /** The scores of some examples at a time. */
    private final class Scored implements PrimitiveIterator.OfDouble {
        private final Iterator<float[]> examples;
        private final Scores.Kind kind;
        private final float[] x = new float[Math.multiplyExact(batch, spec.inputs())];
        private double[] scores = {};
        private long first;
        private int next;

        Scored(Iterator<float[]> examples, Scores.Kind kind) {
            this.examples = examples;
            this.kind = kind;
        }

        @Override
        public boolean hasNext() {
            return next < scores.length || examples.hasNext();
        }

        @Override
        public double nextDouble() {
            if (next == scores.length) {
                fill();
            }
            return scores[next++];
        }

        private void fill() {
            first += scores.length;
            scores = new double[0];
            next = 0;
            Rows.copy("score", examples.next(), spec.inputs(), first, x, 0);
            int rows = 1;
            while (rows < batch && examples.hasNext()) {
                Rows.copy("score", examples.next(), spec.inputs(), first + rows, x, rows);
                rows++;
            }
            scores = score(x, rows, kind, first);
        }
    }

    /** Waits for the calls under way, turns away those that wait for a replica, and frees everything. Closing twice does nothing. */
    @Override
    public void close() {
        replicas.close();
    }
}
