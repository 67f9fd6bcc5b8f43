package dev.elbo.cuda.embed;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Schedule;
import jcuda.driver.CUdeviceptr;

/**
 * The values that change by plan from step to step, in the caller's memory. The row is the clock's third counter, which
 * must stay below the number of rows: the host does not check it.
 *
 * @param table rows × 3, dense: Adam's step size η / (1 − β₁ᵗ), its 1 / √(1 − β₂ᵗ), and β, the weight of the KL divergence
 * @param rows of the table
 * @param clock {@code int[4]}
 */
public record DeviceSchedule(CUdeviceptr table, int rows, CUdeviceptr clock) {
    public DeviceSchedule {
        Arguments.requireNonNull("schedule", "table", table);
        Arguments.requireNonNull("schedule", "clock", clock);
        if (rows < 1) {
            throw new IllegalArgumentException("schedule: rows must be at least 1, not " + rows);
        }
    }

    /**
     * Returns the table of the steps t = 1 to {@code steps} at one learning rate and one β, computed in float64, to be
     * copied to the device.
     *
     * @param steps number of steps
     * @param settings Adam's decays and ε
     * @param learningRate of all steps
     * @param beta weight of the KL divergence in all steps
     * @return steps × 3 values, row-major
     */
    public static float[] constantTable(int steps, AdamSettings settings, double learningRate, double beta) {
        Arguments.requireNonNull("schedule", "settings", settings);
        float[] table = new float[Math.multiplyExact(steps, Schedule.COLUMNS)];
        for (int step = 0; step < steps; step++) {
            double[] row = settings.scheduleRow(step + 1L, learningRate, beta);
            for (int i = 0; i < Schedule.COLUMNS; i++) {
                table[step * Schedule.COLUMNS + i] = (float) row[i];
            }
        }
        return table;
    }
}
