package dev.elbo.analysis.information;

import java.util.Arrays;

/**
 * Information of discrete distributions, each given by its probabilities. 0 log 0 is 0; an outcome that p has and q does not
 * makes cross-entropy and divergence infinite. Probabilities must be at least 0 and sum to 1 within {@value #TOLERANCE},
 * room for float32, and are then scaled to sum to 1 in float64, so that the identities hold to rounding. All methods throw
 * {@link IllegalArgumentException} where they do not, naming the outcome, counted from 0.
 */
public final class Discrete {
    /** The largest distance of the sum of the probabilities from 1. */
    public static final double TOLERANCE = 1e-5;

    private Discrete() {}

    /**
     * {@return H(p) = −Σ p log p}
     *
     * @param p probabilities
     * @param unit of the result
     */
    public static double entropy(double[] p, Unit unit) {
        return crossEntropy(p, p, unit);
    }

    /**
     * {@return H(p, q) = −Σ p log q: the mean length of a code made for q where p is the truth}
     *
     * @param p probabilities
     * @param q probabilities, as many
     * @param unit of the result
     */
    public static double crossEntropy(double[] p, double[] q, Unit unit) {
        requireSameSize(p, q);
        double[] ps = normalised("p", p);
        double[] qs = normalised("q", q);
        double sum = 0;
        for (int i = 0; i < ps.length; i++) {
            sum -= ps[i] == 0 ? 0 : ps[i] * Math.log(qs[i]);
        }
        return unit.of(Math.max(0, sum));
    }

    /**
     * {@return KL(p ‖ q) = Σ p log p/q = H(p, q) − H(p): at least 0, and 0 for equal distributions}
     *
     * @param p probabilities
     * @param q probabilities, as many
     * @param unit of the result
     */
    public static double kl(double[] p, double[] q, Unit unit) {
        requireSameSize(p, q);
        double[] ps = normalised("p", p);
        double[] qs = normalised("q", q);
        double sum = 0;
        for (int i = 0; i < ps.length; i++) {
            sum += divergence(ps[i], qs[i]);
        }
        return unit.of(sum);
    }

    /**
     * {@return I(X; Y) = KL(p(x, y) ‖ p(x) p(y))}
     *
     * @param joint p(x, y), a row for each x
     * @param unit of the result
     */
    public static double mutualInformation(double[][] joint, Unit unit) {
        int rows = joint.length;
        int cols = rows == 0 ? 0 : joint[0].length;
        for (int x = 0; x < rows; x++) {
            if (joint[x].length != cols) {
                throw new IllegalArgumentException(
                        "joint: row " + x + " has " + joint[x].length + " columns, the first " + cols);
            }
        }
        double[] table = normalised(
                "joint", Arrays.stream(joint).flatMapToDouble(Arrays::stream).toArray());
        double[] ofX = new double[rows];
        double[] ofY = new double[cols];
        for (int i = 0; i < table.length; i++) {
            ofX[i / cols] += table[i];
            ofY[i % cols] += table[i];
        }
        double sum = 0;
        for (int i = 0; i < table.length; i++) {
            sum += divergence(table[i], ofX[i / cols] * ofY[i % cols]);
        }
        return unit.of(sum);
    }

    /**
     * p log p/q − p + q: its sum is that of p log p/q alone, but no term is negative, so that no rounding makes the sum so.
     */
    private static double divergence(double p, double q) {
        if (p == 0) {
            return q;
        }
        double difference = q - p;
        double log = Math.abs(difference) < 0.5 * p ? Math.log1p(difference / p) : Math.log(q) - Math.log(p);
        return Math.max(0, difference - p * log);
    }

    private static void requireSameSize(double[] p, double[] q) {
        if (p.length != q.length) {
            throw new IllegalArgumentException("p has " + p.length + " outcomes, q " + q.length);
        }
    }

    private static double[] normalised(String name, double[] p) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            if (!(p[i] >= 0)) {
                throw new IllegalArgumentException(name + ": the probability of outcome " + i + " is " + p[i]);
            }
            sum += p[i];
        }
        if (!(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException(
                    name + ": the probabilities of " + p.length + " outcomes sum to " + sum + ", not to 1");
        }
        double total = sum;
        return Arrays.stream(p).map(value -> value / total).toArray();
    }
}
