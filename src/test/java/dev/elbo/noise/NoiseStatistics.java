package dev.elbo.noise;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The statistics that a generator of addressed standard normals must pass, n = 2²⁰ numbers at a time. Sums are in float64;
 * "sigma" is the statistic's own standard deviation for independent normals.
 */
final class NoiseStatistics {
    static final int N = 1 << 20;

    private static final double SIGMAS = 5;
    /** P = 1e-6 for the limiting Kolmogorov distribution. */
    private static final double KOLMOGOROV_SMIRNOV = 2.69;

    private static final double ANDERSON_DARLING = 8;
    private static final int[] LAGS = {1, 2, 3, 4, 8, 32, 64, 1024};

    /** What is under test: elements 0 … length − 1 of an address. */
    interface Generator {
        void words(long seed, int step, NoiseStream stream, int k, int[] out);

        void normals(long seed, int step, NoiseStream stream, int k, float[] out);
    }

    private final Generator generator;
    private final List<String> violated = new ArrayList<>();

    private NoiseStatistics(Generator generator) {
        this.generator = generator;
    }

    /** The statistics of this seed that are out of bounds, each with its value; empty for a sound generator. */
    static List<String> violated(Generator generator, long seed) {
        NoiseStatistics statistics = new NoiseStatistics(generator);
        int[] words = new int[N];
        generator.words(seed, 1, NoiseStream.LATENT, 0, words);
        float[] z = statistics.normals(seed, 1, NoiseStream.LATENT, 0);
        statistics.bits(words);
        statistics.blocks(words);
        statistics.moments(z);
        statistics.autocorrelations(z);
        statistics.crossCorrelation("another stream", z, statistics.normals(seed, 1, NoiseStream.EVALUATION, 0));
        float[] outputs = statistics.normals(seed, 1, NoiseStream.OUTPUT, 0);
        statistics.crossCorrelation("the outputs' stream", z, outputs);
        statistics.crossCorrelation(
                "the outputs' stream, of samples,", statistics.normals(seed, 1, NoiseStream.SAMPLE, 0), outputs);
        statistics.crossCorrelation("the next step", z, statistics.normals(seed, 2, NoiseStream.LATENT, 0));
        statistics.crossCorrelation("the next k", z, statistics.normals(seed, 1, NoiseStream.LATENT, 1));
        statistics.crossCorrelation("the next seed", z, statistics.normals(seed + 1, 1, NoiseStream.LATENT, 0));
        statistics.crossCorrelation(
                "a seed of another high word", z, statistics.normals(seed + (1L << 32), 1, NoiseStream.LATENT, 0));
        // sorts, so the last
        statistics.distribution(z);
        return statistics.violated;
    }

    private float[] normals(long seed, int step, NoiseStream stream, int k) {
        float[] z = new float[N];
        generator.normals(seed, step, stream, k, z);
        return z;
    }

    private void demand(String name, double value, double limit) {
        // written so that NaN is a violation
        if (!(Math.abs(value) <= limit)) {
            violated.add(String.format("%s: %.3g beyond %.3g", name, value, limit));
        }
    }

    private void bits(int[] words) {
        for (int bit = 0; bit < 32; bit++) {
            int ones = 0;
            for (int word : words) {
                ones += word >>> bit & 1;
            }
            demand("bit " + bit, (ones - N / 2.0) / (Math.sqrt(N) / 2), SIGMAS);
        }
    }

    private void blocks(int[] words) {
        long[] blocks = new long[N / 4];
        for (int i = 0; i < blocks.length; i++) {
            // odd multipliers mix all four words; two different blocks meet with probability 2⁻⁶⁴
            long low = (long) words[4 * i] << 32 ^ words[4 * i + 1] & 0xFFFFFFFFL;
            long high = (long) words[4 * i + 2] << 32 ^ words[4 * i + 3] & 0xFFFFFFFFL;
            blocks[i] = low * 0x9E3779B97F4A7C15L + Long.rotateLeft(high * 0xC2B2AE3D27D4EB4FL, 31);
        }
        Arrays.sort(blocks);
        int repeated = 0;
        for (int i = 1; i < blocks.length; i++) {
            repeated += blocks[i] == blocks[i - 1] ? 1 : 0;
        }
        demand("repeated blocks", repeated, 0);
    }

    /** E z = 0, E z² = 1, E z³ = 0, E z⁴ = 3, with variances 1, 2, 15, 96 of one term. */
    private void moments(float[] z) {
        double[] sums = new double[4];
        for (float value : z) {
            double square = (double) value * value;
            sums[0] += value;
            sums[1] += square - 1;
            sums[2] += square * value;
            sums[3] += square * square - 3;
        }
        double[] variances = {1, 2, 15, 96};
        for (int i = 0; i < 4; i++) {
            demand("moment " + (i + 1), sums[i] / Math.sqrt(variances[i] * N), SIGMAS);
        }
    }

    private void autocorrelations(float[] z) {
        for (int lag : LAGS) {
            double linear = 0;
            double squared = 0;
            for (int i = lag; i < N; i++) {
                double a = z[i];
                double b = z[i - lag];
                linear += a * b;
                squared += (a * a - 1) * (b * b - 1) / 2;
            }
            demand("autocorrelation of z at lag " + lag, linear / Math.sqrt(N - lag), SIGMAS);
            demand("autocorrelation of z² at lag " + lag, squared / Math.sqrt(N - lag), SIGMAS);
        }
    }

    private void crossCorrelation(String name, float[] a, float[] b) {
        double linear = 0;
        double squared = 0;
        for (int i = 0; i < N; i++) {
            double x = a[i];
            double y = b[i];
            linear += x * y;
            squared += (x * x - 1) * (y * y - 1) / 2;
        }
        demand("correlation of z with " + name, linear / Math.sqrt(N), SIGMAS);
        demand("correlation of z² with " + name, squared / Math.sqrt(N), SIGMAS);
    }

    /** Kolmogorov–Smirnov, sup |F_n − Φ| √n, and Anderson–Darling, A² = −n − Σ (2i − 1)/n (ln Φ(z_i) + ln(1 − Φ(z_{n+1−i}))). */
    private void distribution(float[] z) {
        Arrays.sort(z);
        double distance = 0;
        double sum = 0;
        for (int i = 0; i < N; i++) {
            double tail = Erfc.of(Math.abs(z[i]) / Math.sqrt(2)) / 2;
            double below = z[i] < 0 ? tail : 1 - tail;
            double above = z[i] < 0 ? 1 - tail : tail;
            distance = Math.max(distance, Math.max(below - (double) i / N, (i + 1.0) / N - below));
            sum += (2 * i + 1) * Math.log(below) + (2 * (N - i) - 1) * Math.log(above);
        }
        demand("Kolmogorov-Smirnov", distance * Math.sqrt(N), KOLMOGOROV_SMIRNOV);
        demand("Anderson-Darling", -N - sum / N, ANDERSON_DARLING);
    }
}
