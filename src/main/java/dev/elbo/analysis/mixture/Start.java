package dev.elbo.analysis.mixture;

import java.util.Arrays;

/**
 * The start of expectation maximisation: greedy k-means++ (Arthur and Vassilvitskii 2007, section 4: the best of several
 * candidates, each drawn with probability in proportion to the squared distance to the nearest center), then Lloyd's steps.
 */
final class Start {
    /** Noise address of the candidates. */
    private static final int CANDIDATES = 2;

    private static final int MAX_STEPS = 50;

    private final double[] rows;
    private final int n;
    private final int d;

    Start(double[] rows, int n, int d) {
        this.rows = rows;
        this.n = n;
        this.d = d;
    }

    /** The number of every row's cluster, each from 0 to at most components − 1, none of them empty. */
    int[] clusters(int components, long seed) {
        double[][] centers = centers(components, seed);
        int[] clusters = new int[n];
        Arrays.fill(clusters, -1);
        for (int step = 0; step < MAX_STEPS && assign(centers, clusters); step++) {
            move(centers, clusters);
        }
        return renumbered(clusters, centers.length);
    }

    /** Chooses distinct rows, at most as many as there are. */
    private double[][] centers(int components, long seed) {
        int candidates = 2 + (int) Math.log(components);
        double[][] centers = new double[Math.min(components, n)][];
        long draw = 0;
        centers[0] = row((int) (GaussianMixture.uniform(seed, CANDIDATES, draw++) * n));
        double[] nearest = new double[n];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        double total = lower(nearest, centers[0], nearest);
        for (int c = 1; c < centers.length; c++) {
            if (!(total > 0)) {
                return Arrays.copyOf(centers, c);
            }
            double[] best = null;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < candidates; i++) {
                double[] center = row(at(nearest, GaussianMixture.uniform(seed, CANDIDATES, draw++) * total));
                double[] distances = new double[n];
                double sum = lower(nearest, center, distances);
                if (sum < least) {
                    least = sum;
                    best = distances;
                    centers[c] = center;
                }
            }
            nearest = best;
            total = least;
        }
        return centers;
    }

    /** The first row at which the sum of distances exceeds {@code sum}; never one at distance 0. */
    private int at(double[] distances, double sum) {
        int last = 0;
        for (int i = 0; i < n; i++) {
            if (distances[i] > 0) {
                last = i;
                sum -= distances[i];
                if (sum < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    /** Lowers the distances to those with one more center, and returns their sum. */
    private double lower(double[] before, double[] center, double[] after) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            after[i] = Math.min(before[i], distance(i, center));
            sum += after[i];
        }
        return sum;
    }

    private double[] row(int i) {
        return Arrays.copyOfRange(rows, i * d, (i + 1) * d);
    }

    private double distance(int i, double[] center) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
            double difference = rows[i * d + j] - center[j];
            sum += difference * difference;
        }
        return sum;
    }

    /** Assigns every row to its nearest center, and returns whether any assignment changed. */
    private boolean assign(double[][] centers, int[] clusters) {
        boolean changed = false;
        for (int i = 0; i < n; i++) {
            int nearest = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int c = 0; c < centers.length; c++) {
                double distance = distance(i, centers[c]);
                if (distance < least) {
                    least = distance;
                    nearest = c;
                }
            }
            changed |= clusters[i] != nearest;
            clusters[i] = nearest;
        }
        return changed;
    }

    /** Moves every center to the mean of its rows, where it has any. */
    private void move(double[][] centers, int[] clusters) {
        double[][] sums = new double[centers.length][d];
        int[] counts = new int[centers.length];
        for (int i = 0; i < n; i++) {
            counts[clusters[i]]++;
            for (int j = 0; j < d; j++) {
                sums[clusters[i]][j] += rows[i * d + j];
            }
        }
        for (int c = 0; c < centers.length; c++) {
            for (int j = 0; counts[c] > 0 && j < d; j++) {
                centers[c][j] = sums[c][j] / counts[c];
            }
        }
    }

    private static int[] renumbered(int[] clusters, int most) {
        int[] numbers = new int[most];
        Arrays.fill(numbers, -1);
        int next = 0;
        int[] renumbered = new int[clusters.length];
        for (int i = 0; i < clusters.length; i++) {
            if (numbers[clusters[i]] < 0) {
                numbers[clusters[i]] = next++;
            }
            renumbered[i] = numbers[clusters[i]];
        }
        return renumbered;
    }
}
