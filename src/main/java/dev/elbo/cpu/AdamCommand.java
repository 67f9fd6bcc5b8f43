package dev.elbo.cpu;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Schedule;

/** One step of Adam over flat memory. */
final class AdamCommand {
    private final Slice p;
    private final Slice g;
    private final Slice m;
    private final Slice v;
    private final ScheduleRow schedule;
    private final float fresh1;
    private final float fresh2;
    private final float epsilon;

    private AdamCommand(Slice p, Slice g, Slice m, Slice v, ScheduleRow schedule, AdamSettings settings) {
        this.p = p;
        this.g = g;
        this.m = m;
        this.v = v;
        this.schedule = schedule;
        this.fresh1 = (float) (1 - settings.beta1());
        this.fresh2 = (float) (1 - settings.beta2());
        this.epsilon = (float) settings.epsilon();
    }

    static Runnable of(
            Workers workers, Slice p, Slice g, Slice m, Slice v, ScheduleRow schedule, AdamSettings settings) {
        AdamCommand command = new AdamCommand(p, g, m, v, schedule, settings);
        Blocks blocks = Blocks.of(p.cols(), CpuOps.ELEMENTS, 16);
        boolean aligned = p.offset() == g.offset() && p.offset() == m.offset() && p.offset() == v.offset();
        Workers.Body body = aligned
                ? block -> command.aligned(p.offset() + blocks.start(block), p.offset() + blocks.start(block + 1))
                : block -> command.scattered(blocks.start(block), blocks.start(block + 1));
        return () -> workers.run(blocks.count(), body);
    }

    /** Whole arenas lie at the same place of their arrays: with one index for all the compiler vectorises this, ×13. */
    private void aligned(int from, int to) {
        update(
                p.array(),
                g.array(),
                m.array(),
                v.array(),
                from,
                to,
                schedule.get(Schedule.STEP_SIZE),
                schedule.get(Schedule.SECOND_MOMENT_SCALE),
                fresh1,
                fresh2,
                epsilon);
    }

    private static void update(
            float[] p,
            float[] g,
            float[] m,
            float[] v,
            int from,
            int to,
            float stepSize,
            float scale,
            float fresh1,
            float fresh2,
            float epsilon) {
        for (int i = from; i < to; i++) {
            float gradient = g[i];
            float first = Math.fma(fresh1, gradient - m[i], m[i]);
            float second = Math.fma(fresh2, Math.fma(gradient, gradient, -v[i]), v[i]);
            m[i] = first;
            v[i] = second;
            p[i] -= stepSize * first / Math.fma((float) Math.sqrt(second), scale, epsilon);
        }
    }

    /** The same where the four do not lie alike: element by element through the aligned form. */
    private void scattered(int from, int to) {
        float[] pi = new float[1];
        float[] gi = new float[1];
        float[] mi = new float[1];
        float[] vi = new float[1];
        float stepSize = schedule.get(Schedule.STEP_SIZE);
        float scale = schedule.get(Schedule.SECOND_MOMENT_SCALE);
        for (int i = from; i < to; i++) {
            pi[0] = p.at(i);
            gi[0] = g.at(i);
            mi[0] = m.at(i);
            vi[0] = v.at(i);
            update(pi, gi, mi, vi, 0, 1, stepSize, scale, fresh1, fresh2, epsilon);
            p.put(i, pi[0]);
            m.put(i, mi[0]);
            v.put(i, vi[0]);
        }
    }
}
