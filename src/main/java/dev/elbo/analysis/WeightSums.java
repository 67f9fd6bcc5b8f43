package dev.elbo.analysis;

/**
 * Sums over importance weights whose logarithms may be anything: all are kept relative to the largest weight so far. In
 * float64, with functions that have the same bits on every machine.
 */
final class WeightSums {
    private double largest = Double.NEGATIVE_INFINITY;
    /** Σ w. */
    private double sum;
    /** Σ w². */
    private double squares;
    /** Σ w log w, of the weights as they are and not relative to the largest. */
    private double products;

    private long count;

    /** @param logWeight finite */
    void add(double logWeight) {
        count++;
        double weight = 1;
        if (logWeight > largest) {
            rescale(logWeight);
        } else {
            weight = StrictMath.exp(logWeight - largest);
        }
        sum += weight;
        squares += weight * weight;
        products += weight * logWeight;
    }

    void add(WeightSums other) {
        if (other.count == 0) {
            return;
        }
        count += other.count;
        double scale = 1;
        if (other.largest > largest) {
            rescale(other.largest);
        } else {
            scale = StrictMath.exp(other.largest - largest);
        }
        sum += scale * other.sum;
        squares += scale * scale * other.squares;
        products += scale * other.products;
    }

    private void rescale(double logWeight) {
        double scale = StrictMath.exp(largest - logWeight);
        sum *= scale;
        squares *= scale * scale;
        products *= scale;
        largest = logWeight;
    }

    void clear() {
        largest = Double.NEGATIVE_INFINITY;
        sum = 0;
        squares = 0;
        products = 0;
        count = 0;
    }

    long count() {
        return count;
    }

    /** Returns the log of the mean weight. */
    double logMean() {
        return largest + StrictMath.log(sum / count);
    }

    /** Returns (Σ w)² / Σ w², from 1 to the number of weights. */
    double effective() {
        return sum * sum / squares;
    }

    /** Returns the sample variance of w over the squared mean of w, ÷ n: the variance of {@link #logMean} by the delta method. */
    double logMeanVariance() {
        return Math.max(0, (count / effective() - 1) / (count - 1));
    }

    /** Returns the mean of log w under the normalized weights. */
    double weightedLog() {
        return products / sum;
    }
}
