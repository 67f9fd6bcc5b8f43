package dev.elbo.cpu;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Schedule;
import java.util.Arrays;

/** One step of Adam over flat memory. */
final class AdamCommand {
    private AdamCommand() {}

    /** @param slices parameters, gradient, first and second moment */
    static Runnable of(Workers workers, Slice[] slices, ScheduleRow schedule, AdamSettings settings) {
        Blocks blocks = Blocks.of(slices[0].cols(), Blocks.ELEMENTS, 16);
        float[][] arrays = Arrays.stream(slices).map(Slice::array).toArray(float[][]::new);
        int offset = slices[0].offset();
        boolean aligned = Arrays.stream(slices).allMatch(slice -> slice.offset() == offset);
        Workers.Body body = block -> {
            int from = blocks.start(block);
            int count = blocks.size(block);
            if (aligned) {
                update(arrays, offset + from, count, schedule, settings);
                return;
            }
            float[][] copies = new float[slices.length][count];
            for (int i = 0; i < slices.length; i++) {
                System.arraycopy(arrays[i], slices[i].offset() + from, copies[i], 0, count);
            }
            update(copies, 0, count, schedule, settings);
            for (int i : new int[] {0, 2, 3}) {
                System.arraycopy(copies[i], 0, arrays[i], slices[i].offset() + from, count);
            }
        };
        return () -> workers.run(blocks.count(), body);
    }

    /**
     * Handles the same place of all arrays, as in whole arenas: with one index the compiler vectorises, 13 times as
     * fast.
     */
    private static void update(float[][] arrays, int from, int count, ScheduleRow schedule, AdamSettings settings) {
        float[] p = arrays[0];
        float[] g = arrays[1];
        float[] m = arrays[2];
        float[] v = arrays[3];
        float stepSize = schedule.get(Schedule.STEP_SIZE);
        float scale = schedule.get(Schedule.SECOND_MOMENT_SCALE);
        float fresh1 = (float) (1 - settings.beta1());
        float fresh2 = (float) (1 - settings.beta2());
        float epsilon = (float) settings.epsilon();
        for (int i = from; i < from + count; i++) {
            float gradient = g[i];
            float first = Math.fma(fresh1, gradient - m[i], m[i]);
            float second = Math.fma(fresh2, Math.fma(gradient, gradient, -v[i]), v[i]);
            m[i] = first;
            v[i] = second;
            p[i] -= stepSize * first / Math.fma((float) Math.sqrt(second), scale, epsilon);
        }
    }
}
