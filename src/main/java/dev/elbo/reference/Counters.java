package dev.elbo.reference;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.noise.Noise;

/** Readers of a clock's counters, schedule values and noise. */
final class Counters {
    private Counters() {}

    static int get(Clock clock, int counter) {
        return Matrix.ints(clock.counters())[(int) clock.counters().offset() + counter];
    }

    static double scheduled(Schedule schedule, int column) {
        return Matrix.view(schedule.table()).get(get(schedule.clock(), Clock.SLOT), column);
    }

    /** The normals of row {@code sample · batch + row}. */
    static double[] normals(NoiseSource noise, int row, int sample, int batch, int cols) {
        double[] eps = new double[cols];
        if (noise.given() != null) {
            Matrix given = Matrix.view(noise.given());
            for (int j = 0; j < cols; j++) {
                eps[j] = given.get(sample * batch + row, j);
            }
        } else {
            Noise.normals(
                    noise.seed(),
                    get(noise.clock(), Clock.STEP),
                    noise.stream(),
                    sampleNumber(noise, sample),
                    firstElement(noise, row, cols),
                    cols,
                    eps,
                    0);
        }
        return eps;
    }

    static float[] uniforms(NoiseSource noise, int row, int cols) {
        float[] uniforms = new float[cols];
        if (noise.given() != null) {
            Matrix given = Matrix.view(noise.given());
            for (int j = 0; j < cols; j++) {
                uniforms[j] = (float) given.get(row, j);
            }
        } else {
            Noise.uniforms(
                    noise.seed(),
                    get(noise.clock(), Clock.STEP),
                    noise.stream(),
                    sampleNumber(noise, 0),
                    firstElement(noise, row, cols),
                    cols,
                    uniforms,
                    0);
        }
        return uniforms;
    }

    private static int sampleNumber(NoiseSource noise, int sample) {
        return get(noise.clock(), Clock.SAMPLE) + sample;
    }

    private static long firstElement(NoiseSource noise, int row, int cols) {
        long first = noise.rowsOfData() ? get(noise.clock(), Clock.ROW) : noise.firstRow();
        return (first + row) * cols;
    }
}
