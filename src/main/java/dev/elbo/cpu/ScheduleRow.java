package dev.elbo.cpu;

import dev.elbo.backend.Clock;
import dev.elbo.backend.Schedule;

/** The schedule's row of the current step. */
record ScheduleRow(Slice table, ClockView clock) {
    static ScheduleRow of(Schedule schedule) {
        return new ScheduleRow(Slice.of(schedule.table()), ClockView.of(schedule.clock()));
    }

    int number() {
        return clock.get(Clock.SLOT);
    }

    float get(int column) {
        return table.array()[table.row(number()) + column];
    }

    void set(int column, float value) {
        table.array()[table.row(number()) + column] = value;
    }
}
