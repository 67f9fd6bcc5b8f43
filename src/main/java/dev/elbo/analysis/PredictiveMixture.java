package dev.elbo.analysis;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.net.ColumnParameters;
import dev.elbo.net.CountDistribution;
import dev.elbo.net.Vae;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The distribution of what is missing in an example, given what is observed: the mixture of p(x|z) over samples z ~ q(z|x) with
 * their importance weights, self-normalised (Mattei and Frellsen 2019, eq. 6). Samples are added one by one, relative to the
 * largest weight so far, in float64 and with functions that have the same bits on every machine.
 */
final class PredictiveMixture {
    /** The weighted median is the least count whose cumulative probability is above this: at least one half. */
    private static final double BELOW_HALF = Math.nextDown(0.5);

    /**
     * A column with its first place.
     *
     * @param parameter σ² of a gaussian column, θ of a negative-binomial one, otherwise 0
     */
    record Placed(ColumnKind kind, int place, int size, double parameter) {
        /** Returns the columns of a model, with its parameters of now. */
        static List<Placed> of(Vae vae) {
            Columns columns = vae.network().likelihood().columns().orElseThrow();
            double[] parameters = ColumnParameters.of(columns, vae::outputParameter);
            List<Columns.Placed> placed = columns.placed();
            return IntStream.range(0, parameters.length)
                    .mapToObj(c -> {
                        Columns.Placed column = placed.get(c);
                        return new Placed(column.kind(), column.first(), column.size(), parameters[c]);
                    })
                    .toList();
        }
    }

    /**
     * What a column is imputed as, in the unit of the model.
     *
     * @param value the mean of a gaussian column, the most probable of 0 and 1 or category, by its number, the median of a count
     * @param uncertainty the standard deviation of numbers; otherwise the probability of the value
     */
    record Estimate(double value, double uncertainty) {}

    private final double[] logWeights;
    private List<Placed> missing;
    /** Of each missing place, and what is subtracted from its means so that squares do not cancel. */
    private int[] places;

    private double[] origins;
    private double[] sums;
    private double[] squares;
    /** The means of each missing column of counts, by its place; null for other places. */
    private double[][] counts;

    private int count;
    private double largest;
    private double total;
    private double totalOfSquares;

    /** @param samples the most that an example has */
    PredictiveMixture(int samples) {
        this.logWeights = new double[samples];
    }

    /** Begins an example without samples. */
    void begin(List<Placed> columns) {
        missing = columns;
        places = columns.stream()
                .flatMapToInt(column -> IntStream.range(column.place, column.place + column.size))
                .toArray();
        origins = new double[places.length];
        sums = new double[places.length];
        squares = new double[places.length];
        counts = columns.stream()
                .flatMap(column -> IntStream.range(0, column.size)
                        .mapToObj(i -> column.kind.isCount() ? new double[logWeights.length] : null))
                .toArray(double[][]::new);
        count = 0;
        largest = Double.NEGATIVE_INFINITY;
        total = 0;
        totalOfSquares = 0;
    }

    /**
     * Adds a sample.
     *
     * @param logWeight finite
     * @param means of p(x|z), in the unit of the model
     * @param at place of the first of them
     */
    void add(double logWeight, double[] means, int at) {
        double weight = 1;
        if (logWeight > largest) {
            rescale(StrictMath.exp(largest - logWeight));
            largest = logWeight;
        } else {
            weight = StrictMath.exp(logWeight - largest);
        }
        total += weight;
        totalOfSquares += weight * weight;
        for (int i = 0; i < places.length; i++) {
            double mean = means[at + places[i]];
            if (count == 0) {
                origins[i] = mean;
            }
            double error = mean - origins[i];
            sums[i] += weight * error;
            squares[i] += weight * error * error;
            if (counts[i] != null) {
                counts[i][count] = mean;
            }
        }
        logWeights[count++] = logWeight;
    }

    private void rescale(double scale) {
        total *= scale;
        totalOfSquares *= scale * scale;
        for (int i = 0; i < places.length; i++) {
            sums[i] *= scale;
            squares[i] *= scale;
        }
    }

    /** Returns the effective sample size, (Σ w)² / Σ w². */
    double effective() {
        return total * total / totalOfSquares;
    }

    /** Returns what the missing columns are imputed as, in their order. */
    List<Estimate> estimates() {
        int[] first = new int[missing.size()];
        for (int i = 1; i < first.length; i++) {
            first[i] = first[i - 1] + missing.get(i - 1).size;
        }
        double[] weights = new double[count];
        Arrays.setAll(weights, k -> StrictMath.exp(logWeights[k] - largest) / total);
        return IntStream.range(0, first.length)
                .mapToObj(i -> estimate(missing.get(i), first[i], weights))
                .toList();
    }

    private Estimate estimate(Placed column, int i, double[] weights) {
        double mean = mean(i);
        double spread = Math.max(0, squares[i] / total - sums[i] / total * (sums[i] / total));
        return switch (column.kind) {
            case GAUSSIAN -> new Estimate(mean, Math.sqrt(spread + column.parameter));
            case BERNOULLI -> new Estimate(mean > 0.5 ? 1 : 0, Math.max(mean, 1 - mean));
            case CATEGORICAL -> mode(i, column.size);
            case POISSON, NEGATIVE_BINOMIAL -> {
                // Var x = E m + E m² / θ + Var m
                double within = mean + (column.parameter == 0 ? 0 : (spread + mean * mean) / column.parameter);
                yield new Estimate(median(counts[i], weights, column.parameter), Math.sqrt(spread + within));
            }
        };
    }

    private double mean(int i) {
        return origins[i] + sums[i] / total;
    }

    private Estimate mode(int from, int size) {
        int best = from;
        double sum = 0;
        for (int i = from; i < from + size; i++) {
            sum += mean(i);
            best = mean(i) > mean(best) ? i : best;
        }
        // the probabilities of a sample add up to 1 but for float32 rounding
        return new Estimate(best - from, mean(best) / sum);
    }

    private static long median(double[] means, double[] weights, double dispersion) {
        CountDistribution[] samples = Arrays.stream(means, 0, weights.length)
                .mapToObj(mean -> new CountDistribution(mean, dispersion))
                .toArray(CountDistribution[]::new);
        double[] terms = new double[weights.length];
        CountDistribution.Cumulative mixture = value -> {
            Arrays.parallelSetAll(terms, k -> weights[k] == 0 ? 0 : weights[k] * samples[k].cumulative(value));
            double sum = 0;
            for (double term : terms) {
                sum += term;
            }
            return sum;
        };
        return CountDistribution.quantile(BELOW_HALF, mixture, (long) medianOfMeans(means, weights));
    }

    /** Returns the median of the samples' means, which is near that of their mixture. */
    private static double medianOfMeans(double[] means, double[] weights) {
        int[] order = IntStream.range(0, weights.length)
                .boxed()
                .sorted((a, b) -> Double.compare(means[a], means[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        double sum = 0;
        for (int k : order) {
            sum += weights[k];
            if (sum >= 0.5) {
                return means[k];
            }
        }
        return means[order[order.length - 1]];
    }
}
