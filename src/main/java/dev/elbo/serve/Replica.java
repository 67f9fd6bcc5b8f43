package dev.elbo.serve;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.Scores;
import dev.elbo.backend.Backend;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.error.Interruption;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * A model on a backend of its own, used by one thread at a time, with all memory and programs made beforehand. All runs have
 * the same number of rows; surplus rows of the last run of a call keep old values. Libraries of matrix products
 * choose kernels, with different roundings, by the number of rows, so only a fixed number makes the answer for a row independent
 * of the number of rows in the call.
 */
final class Replica implements AutoCloseable {
    private final Closer closer = new Closer();
    private final Backend backend;
    private final int batch;
    private final Tensor x;
    private final Tensor z;
    private final Tensor noise;
    private final Tensor drawn;
    private final Tensor means;
    /** Where the classes of the rows go; null for a model without classes. */
    private final Tensor labels;

    private final Program encode;
    private final Program draw;
    private final Program decode;
    private final Program sample;
    private final Program reconstruct;
    private final Activations scored;
    private final Tensor scoredX;
    private final Tensor scoredLabels;
    private final Map<AnomalyScore, Program> scores = new EnumMap<>(AnomalyScore.class);

    /**
     * Takes over the backend.
     *
     * @param weights of all parameters, in the order of {@link Parameters#layout}
     * @param logVar the model's {@link Vae#storedLogVar()}
     * @param batch rows of a run
     * @param samples L of the scores
     * @param seed of the scores' noise
     */
    Replica(Backend backend, VaeSpec spec, float[] weights, double logVar, int batch, int samples, long seed) {
        this.backend = closer.register(backend);
        this.batch = batch;
        try {
            Arena parameters = closer.register(backend.allocate(Parameters.layout(spec)));
            parameters.flat().write(weights);
            Vae vae = closer.register(new Vae(backend, spec, parameters));
            vae.storeLogVar(logVar);

            x = matrix(batch, spec.inputs());
            z = matrix(batch, spec.latent());
            noise = matrix(batch, spec.latent());
            Activations a = closer.register(vae.allocate(batch, 1, false));
            labels = a.labels();
            drawn = a.z();
            means = vae.meanAt(a, x);
            encode = record(() -> vae.encodeMean(x, a, z));
            draw = record(() -> {
                vae.encode(x, a);
                vae.sample(a, NoiseSource.given(noise));
            });
            sample = record(() -> {
                vae.samplePrior(NoiseSource.given(noise), z);
                vae.decode(z, a);
                vae.mean(a, x);
            });
            decode = record(() -> {
                vae.decode(z, a);
                vae.mean(a, x);
            });
            reconstruct = record(() -> {
                vae.encodeMean(x, a, z);
                vae.decode(z, a);
                vae.mean(a, x);
            });

            int draws = vae.network().stochastic() ? samples : 1;
            scored = closer.register(vae.allocate(Math.max(1, batch / draws), draws, false));
            scoredX = matrix(scored.batch(), spec.inputs());
            scoredLabels = scored.labels();
            Tensor same = matrix(draws * scored.batch(), spec.latent());
            same.write(Scores.noise(seed, draws, scored.batch(), spec.latent()));
            for (AnomalyScore score : AnomalyScore.values()) {
                if (score.fits(vae.network())) {
                    scores.put(score, record(() -> score.queue(vae, scored, scoredX, NoiseSource.given(same))));
                }
            }
        } catch (Throwable thrown) {
            closer.close();
            throw thrown;
        }
    }

    private Tensor matrix(int rows, int cols) {
        return closer.register(backend.allocate(ElementType.REAL, rows, cols));
    }

    private Program record(Runnable operations) {
        return closer.register(backend.record(operations));
    }

    private interface Step {
        void at(int row, int rows);
    }

    private static void run(Program program, int batch, int total, Step before, Step after) {
        for (int row = 0; row < total; row += batch) {
            Interruption.throwIfInterrupted("serving");
            int rows = Math.min(batch, total - row);
            before.at(row, rows);
            program.run();
            after.at(row, rows);
        }
    }

    private static void write(float[] from, int row, int rows, Tensor to) {
        to.buffer().write(to.offset(), from, row * to.cols(), rows * to.cols());
    }

    private static void read(Tensor from, int row, int rows, float[] to) {
        from.buffer().read(from.offset(), to, row * from.cols(), rows * from.cols());
    }

    private void run(
            Program program, int total, RowClasses classes, Tensor in, float[] given, Tensor out, float[] result) {
        run(
                program,
                batch,
                total,
                (row, rows) -> {
                    classes.write(row, rows, labels);
                    write(given, row, rows, in);
                },
                (row, rows) -> read(out, row, rows, result));
    }

    void encode(float[] examples, int total, RowClasses classes, float[] codes) {
        run(encode, total, classes, x, examples, z, codes);
    }

    /** Draws from q(z|x) for examples, with the noise of row i for example i. */
    void draw(float[] examples, int total, RowClasses classes, long seed, float[] codes) {
        // first the noise, then the codes, run by run: no array of its own
        Noise.normals(seed, 0, NoiseStream.EVALUATION, 0, 0, codes.length, codes, 0);
        run(
                draw,
                batch,
                total,
                (row, rows) -> {
                    classes.write(row, rows, labels);
                    write(examples, row, rows, x);
                    write(codes, row, rows, noise);
                },
                (row, rows) -> read(drawn, row, rows, codes));
    }

    /** Computes means of p(x|z) from codes. */
    void decode(float[] codes, int total, RowClasses classes, float[] result) {
        run(decode, total, classes, z, codes, means, result);
    }

    /** Computes means of p(x|z) at draws from the prior, which are made of standard normals. */
    void sample(float[] normals, int total, RowClasses classes, float[] result) {
        run(sample, total, classes, noise, normals, means, result);
    }

    /** Computes means of p(x|z) from examples, at the means of q(z|x). */
    void reconstruct(float[] examples, int total, RowClasses classes, float[] result) {
        run(reconstruct, total, classes, x, examples, means, result);
    }

    /** Computes a score that fits the model from examples. */
    void score(float[] examples, int total, RowClasses classes, AnomalyScore score, double[] result) {
        run(
                scores.get(score),
                scored.batch(),
                total,
                (row, rows) -> {
                    classes.write(row, rows, scoredLabels);
                    write(examples, row, rows, scoredX);
                },
                (row, rows) -> score.read(scored, rows, result, row));
    }

    @Override
    public void close() {
        closer.close();
    }
}
