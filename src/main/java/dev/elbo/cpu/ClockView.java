package dev.elbo.cpu;

import dev.elbo.backend.Clock;
import dev.elbo.backend.HostBuffer;

/** A view of a clock's counters. */
record ClockView(int[] array, int offset) {
    static ClockView of(Clock clock) {
        return new ClockView(
                HostBuffer.array(clock.counters()), (int) clock.counters().offset());
    }

    int get(int counter) {
        return array[offset + counter];
    }

    void add(int counter, int value) {
        array[offset + counter] += value;
    }
}
