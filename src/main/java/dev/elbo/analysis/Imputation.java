package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Imputes the missing values of a table by importance sampling (Mattei and Frellsen 2019, MIWAE): K samples z ~ q(z|what is
 * observed) of each row that has gaps, their weights w ∝ p(what is observed|z) p(z) / q(z|what is observed), normalised to a sum of
 * 1, and the mixture Σ w p(x|z) of each missing column. It presumes that values are missing at random: whether one is missing
 * depends on what is observed alone.
 *
 * <ul>
 *   <li>gaussian: the mean of the mixture, and its standard deviation;
 *   <li>bernoulli, categorical: the most probable word (the first of several), and its probability;
 *   <li>counts: the least count whose cumulative probability is at least one half, and the standard deviation.
 * </ul>
 *
 * <p>Draws for multiple imputation are those of sampling importance resampling: one sample by its weight, then x from p(x|z).
 *
 * <p>A row is computed on its own, its samples in chunks of whole blocks of as many rows as the CPU's products take at a time, and
 * its noise belongs to its number in the data. So results do not depend on the chunks, nor on other rows, bit for bit; rows without
 * gaps cost nothing.
 */
public final class Imputation implements AutoCloseable {
    /** The most samples of a row: means of counts are kept of all. */
    public static final int MAX_SAMPLES = 1_000_000;

    /** Samples of a block. */
    private static final int BLOCK = 512;

    private final Closer closer = new Closer();
    private final Vae vae;
    private final Dataset data;
    private final int samples;
    private final int draws;
    private final long seed;
    private final float[] classes;
    /** The unit of the data, which numbers of a gaussian column have; null if it is that of the model. */
    private final double[] unitMeans;

    private final double[] unitDeviations;
    private final int[] incomplete;
    private final int[] gaps;
    private final int[] gapColumns;
    /** The modelled columns by their number in the table; null for a constant one. */
    private final PredictiveMixture.Placed[] columns;
    /** Samples of a chunk. */
    final int chunkSamples;

    private final Clock clock;
    private final Tensor x;
    private final Tensor means;
    private final Activations activations;
    private final Program encode;
    private final Program draw;

    /**
     * Finds the gaps, allocates memory and records the operations of a run.
     *
     * @param vae a model of columns
     * @param data rows of the model's table, in the unit of the model
     * @param samples K of each row, 1 to {@link #MAX_SAMPLES}
     * @param draws of each missing value besides its mean, mode or median; 0 for none
     * @param seed of all noise
     * @throws IllegalArgumentException if the model has no columns or is no variational one, or a number is out of range
     * @throws ElboException data, if the data are not rows of that table; usage, if a seed has no noise for so many rows and
     *     samples; unavailable, if there is not enough memory
     */
    public Imputation(Vae vae, Dataset data, int samples, int draws, long seed) {
        this(vae, data, samples, draws, seed, MarginalLikelihood.MEMORY);
    }

    /** @param memory bytes that a chunk may take; a single block is taken whatever it needs */
    Imputation(Vae vae, Dataset data, int samples, int draws, long seed, long memory) {
        Objects.requireNonNull(vae, "vae");
        Objects.requireNonNull(data, "data");
        if (samples < 1 || samples > MAX_SAMPLES || draws < 0) {
            throw new IllegalArgumentException("Imputation needs 1 to " + MAX_SAMPLES
                    + " samples and 0 or more draws, not " + samples + " and " + draws);
        }
        if (!vae.network().stochastic() || vae.network().likelihood().columns().isEmpty()) {
            throw new IllegalArgumentException(
                    "Imputation needs a variational autoencoder of columns, not " + vae.spec());
        }
        this.vae = vae;
        this.data = data;
        this.samples = samples;
        this.draws = draws;
        this.seed = seed;
        this.classes = ClassColumn.of(data, vae.spec().classes());
        this.unitMeans = data.standardization().map(Standardization::mean).orElse(null);
        this.unitDeviations =
                data.standardization().map(Standardization::deviation).orElse(null);
        this.columns = columns(vae, data);
        if (draws > 0) {
            requireNoise();
        }
        IntStream.Builder rows = IntStream.builder();
        IntStream.Builder counts = IntStream.builder();
        IntStream.Builder cells = IntStream.builder();
        findGaps(rows, counts, cells);
        this.incomplete = rows.build().toArray();
        this.gaps = counts.build().toArray();
        this.gapColumns = cells.build().toArray();
        this.chunkSamples = chunkSamples(memory);
        Backend backend = vae.backend();
        try {
            clock = Clock.allocate(backend);
            closer.register(clock.counters());
            x = closer.register(backend.allocate(ElementType.REAL, 1, data.features()));
            means = closer.register(backend.allocate(ElementType.REAL, chunkSamples, data.features()));
            activations = closer.register(vae.allocate(1, chunkSamples, false));
            encode = closer.register(backend.record(() -> vae.encode(x, activations)));
            NoiseSource latent = NoiseSource.perExample(seed, NoiseStream.EVALUATION, clock);
            draw = closer.register(backend.record(() -> {
                vae.sample(activations, latent);
                vae.decode(activations);
                vae.lossRows(x, activations);
                vae.mean(activations, means);
                backend.ops().advance(clock, 0, 0, 0, chunkSamples);
            }));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private static PredictiveMixture.Placed[] columns(Vae vae, Dataset data) {
        Columns known = vae.network().likelihood().columns().orElseThrow();
        List<TableColumn> all = data.table()
                .filter(table -> table.modelled().equals(known))
                .map(Table::columns)
                .orElseThrow(() -> ElboException.data(
                        data.name() + ": its rows are not those of the model's table; use data of its columns"));
        List<PredictiveMixture.Placed> placed = PredictiveMixture.Placed.of(vae);
        PredictiveMixture.Placed[] columns = new PredictiveMixture.Placed[all.size()];
        int modelled = 0;
        for (int c = 0; c < columns.length; c++) {
            columns[c] = all.get(c).isConstant() ? null : placed.get(modelled++);
        }
        return columns;
    }

    private void requireNoise() {
        long most = Noise.ELEMENTS / Math.max(samples, data.features());
        if (data.size() > most) {
            throw ElboException.usage("a seed has noise for draws of " + most + " rows of " + data.features()
                    + " values with " + samples + " samples, not of " + data.size()
                    + "; take fewer samples, or fewer rows at a time, each with a seed of its own");
        }
    }

    private void findGaps(IntStream.Builder rows, IntStream.Builder counts, IntStream.Builder cells) {
        float[] example = new float[data.features()];
        for (int row = 0; row < data.size(); row++) {
            data.row(row, example, 0);
            int found = 0;
            for (int c = 0; c < columns.length; c++) {
                if (columns[c] != null && Float.isNaN(example[columns[c].place()])) {
                    cells.add(c);
                    found++;
                }
            }
            if (found > 0) {
                rows.add(row);
                counts.add(found);
            }
        }
    }

    /** Returns the samples of a chunk: all if these are a block at most, else whole blocks, of which the last may overshoot. */
    private int chunkSamples(long memory) {
        if (samples <= BLOCK) {
            return samples;
        }
        long values = vae.network().valuesPerSample() + data.features();
        long blocks = (samples + BLOCK - 1) / BLOCK;
        // values may be float64, and what has one value a row is small
        long most = Math.max(1, memory / (values * Double.BYTES) / BLOCK);
        long chunks = (blocks + most - 1) / most;
        return Math.toIntExact((blocks + chunks - 1) / chunks * BLOCK);
    }

    /** {@return the number of rows that have gaps} */
    public int incomplete() {
        return incomplete.length;
    }

    /**
     * Imputes all rows that have gaps, in their order.
     *
     * @param progress decides after every chunk of samples whether to continue; rows without gaps do not count
     * @return what the gaps are imputed as, of the first rows if it was stopped
     * @throws ElboException numeric, if a log weight is not finite; data, if the heap does not hold the result
     */
    public ImputedData run(MarginalLikelihood.Progress progress) {
        Objects.requireNonNull(progress, "progress");
        ImputedData imputed = new ImputedData(data, samples, draws, incomplete, gaps, gapColumns);
        PredictiveMixture mixture = new PredictiveMixture(samples);
        Resampling resampling =
                draws == 0 ? null : new Resampling(OutputDistribution.of(vae), data.features(), samples, draws, seed);
        long chunksOfRow = (samples + chunkSamples - 1) / chunkSamples;
        long chunks = incomplete.length * chunksOfRow;
        long done = 0;
        float[] example = new float[data.features()];
        for (int i = 0; i < incomplete.length; i++) {
            int row = incomplete[i];
            data.row(row, example, 0);
            begin(row, example);
            List<PredictiveMixture.Placed> missing = new ArrayList<>();
            for (int column : imputed.columns(i)) {
                missing.add(columns[column]);
            }
            mixture.begin(missing);
            if (resampling != null) {
                resampling.begin();
            }
            for (int first = 0; first < samples; first += chunkSamples) {
                Interruption.throwIfInterrupted("the imputation");
                draw.run();
                add(mixture, resampling, row, first);
                if (first + chunkSamples >= samples) {
                    finish(imputed, mixture, missing, resampling == null ? null : resampling.draws(row, example));
                }
                if (!progress.shouldContinue(imputed.finished(), ++done, chunks)) {
                    return imputed;
                }
            }
        }
        return imputed;
    }

    private void begin(int row, float[] example) {
        x.write(example);
        if (classes != null) {
            activations.labels().write(new float[] {classes[row]});
        }
        clock.set(0, row, 0, 0);
        encode.run();
    }

    private void add(PredictiveMixture mixture, Resampling resampling, int row, int first) {
        double[] reconstruction = activations.reconstruction().toDoubles();
        double[] sampledKl = activations.sampledKl().toDoubles();
        double[] rows = means.toDoubles();
        double[] logWeights = new double[Math.min(chunkSamples, samples - first)];
        for (int k = 0; k < logWeights.length; k++) {
            logWeights[k] = -reconstruction[k] - sampledKl[k];
            if (!Double.isFinite(logWeights[k])) {
                throw ElboException.numeric("the imputation of " + data.name() + ": row " + row + ", sample "
                        + (first + k)
                        + " (from 0) has a log weight of " + logWeights[k] + " (-log p(x|z) " + reconstruction[k]
                        + ", log q(z|x) - log p(z) " + sampledKl[k] + "); look for extreme values in the data");
            }
            mixture.add(logWeights[k], rows, k * data.features());
        }
        if (resampling != null) {
            resampling.add(row, first, logWeights, rows);
        }
    }

    private void finish(
            ImputedData imputed, PredictiveMixture mixture, List<PredictiveMixture.Placed> missing, float[][] drawn) {
        List<PredictiveMixture.Estimate> estimates = mixture.estimates();
        double[] values = new double[missing.size()];
        double[] uncertainties = new double[missing.size()];
        double[][] drawnValues = new double[draws][missing.size()];
        for (int i = 0; i < values.length; i++) {
            PredictiveMixture.Placed column = missing.get(i);
            values[i] = inUnit(column, estimates.get(i).value());
            uncertainties[i] = deviation(column) * estimates.get(i).uncertainty();
            for (int m = 0; m < draws; m++) {
                drawnValues[m][i] = inUnit(column, drawn(column, drawn[m]));
            }
        }
        imputed.add(mixture.effective(), values, uncertainties, drawnValues);
    }

    private static double drawn(PredictiveMixture.Placed column, float[] draw) {
        if (column.kind() != ColumnKind.CATEGORICAL) {
            return draw[column.place()];
        }
        int word = 0;
        while (draw[column.place() + word] != 1) {
            word++;
        }
        return word;
    }

    /** Returns a value in the unit of the data. */
    private double inUnit(PredictiveMixture.Placed column, double value) {
        return column.kind() == ColumnKind.GAUSSIAN && unitMeans != null
                ? unitMeans[column.place()] + unitDeviations[column.place()] * value
                : value;
    }

    private double deviation(PredictiveMixture.Placed column) {
        return column.kind() == ColumnKind.GAUSSIAN && unitDeviations != null ? unitDeviations[column.place()] : 1;
    }

    @Override
    public void close() {
        closer.close();
    }
}
