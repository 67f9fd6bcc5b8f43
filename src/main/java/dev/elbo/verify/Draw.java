package dev.elbo.verify;

import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Arrays;

/**
 * A source of repeatable values for inputs, all of them float32 numbers. Each call draws new ones.
 *
 * @hidden
 */
public final class Draw {
    private final long seed;
    private int calls;

    public Draw(long seed) {
        this.seed = seed;
    }

    /** {@return normals of this mean and standard deviation} */
    public double[] normal(int count, double mean, double deviation) {
        double[] values = new double[count];
        Noise.normals(seed, ++calls, NoiseStream.INITIALIZE, 0, 0, count, values, 0);
        Arrays.setAll(values, i -> (float) (mean + deviation * values[i]));
        return values;
    }

    /** {@return standard normals} */
    public double[] normal(int count) {
        return normal(count, 0, 1);
    }

    /** {@return uniforms between {@code low} and {@code high}} */
    public double[] uniform(int count, double low, double high) {
        float[] uniforms = new float[count];
        Noise.uniforms(seed, ++calls, NoiseStream.INITIALIZE, 0, 0, count, uniforms, 0);
        double[] values = new double[count];
        Arrays.setAll(values, i -> (float) (low + (high - low) * uniforms[i]));
        return values;
    }

    /** {@return whole numbers from {@code low} to {@code high}, both included} */
    public double[] integers(int count, int low, int high) {
        double[] values = uniform(count, 0, 1);
        Arrays.setAll(values, i -> low + Math.min(high - low, Math.floor(values[i] * (high - low + 1))));
        return values;
    }

    /** {@return whole numbers from −{@code largest} to {@code largest} without 0} */
    public double[] signedIntegers(int count, int largest) {
        double[] values = integers(count, 1, 2 * largest);
        Arrays.setAll(values, i -> values[i] > largest ? largest - values[i] : values[i]);
        return values;
    }

    /** {@return a permutation of 0 … count − 1} */
    public double[] order(int count) {
        return Arrays.stream(Noise.permutation(seed, ++calls, count))
                .asDoubleStream()
                .toArray();
    }
}
