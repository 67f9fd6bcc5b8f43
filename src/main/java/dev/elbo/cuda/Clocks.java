package dev.elbo.cuda;

import dev.elbo.backend.Clock;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The clocks of a program. While one is recorded, advancing a clock gives its readers a clock of their own instead, which a
 * launch at the first of several equal advances makes for all of them; the caller's clock is advanced once, at the end. So
 * within a program no step waits for the one before on account of its clock.
 */
final class Clocks {
    /** The number of clocks that fit; then the callers' own are advanced and the memory is used anew. */
    static final int CAPACITY = 64;

    /** A clock that has been advanced in this program. */
    private static final class Advanced {
        final Clock own;
        final int[] total = new int[Clock.SIZE];
        Run run;

        Advanced(Clock own) {
            this.own = own;
        }
    }

    /** Equal advances one after the other. */
    private final class Run implements RecordedOperation {
        private final Tensor from;
        private final int first;
        private final int[] by;
        private int count = 1;
        private boolean read;

        Run(Tensor from, int first, int[] by) {
            this.from = from;
            this.first = first;
            this.by = by;
        }

        Tensor newest() {
            return memory.cols((first + count - 1) * Clock.SIZE, Clock.SIZE);
        }

        @Override
        public List<Node> nodes() {
            Tensor to = memory.cols(first * Clock.SIZE, count * Clock.SIZE);
            return read ? List.of(make(from, to, by, count)) : List.of();
        }
    }

    private final Tensor memory;
    private final KernelLauncher launches;
    private final List<Advanced> advanced = new ArrayList<>();
    private Thread recorder;
    private int used;

    /** @param memory INT32, 1 × {@link #CAPACITY} clocks, which programs use one after the other */
    Clocks(Tensor memory, KernelLauncher launches) {
        this.memory = memory;
        this.launches = launches;
    }

    /** Begins the recording of a program by the calling thread. */
    void begin() {
        recorder = Thread.currentThread();
        advanced.clear();
        used = 0;
    }

    /** Ends the recording and returns the last nodes of the program. */
    List<Node> end() {
        recorder = null;
        return flush();
    }

    /** Ends a recording that has failed. */
    void forget() {
        recorder = null;
        advanced.clear();
    }

    private boolean isRecording() {
        return recorder == Thread.currentThread();
    }

    private Advanced find(Clock clock) {
        for (Advanced candidate : advanced) {
            if (candidate.own.counters().equals(clock.counters())) {
                return candidate;
            }
        }
        return null;
    }

    /** Returns the clock to be read in place of the caller's; null for null. */
    Clock now(Clock clock) {
        Advanced found = clock == null || !isRecording() ? null : find(clock);
        if (found == null) {
            return clock;
        }
        found.run.read = true;
        return new Clock(found.run.newest());
    }

    RecordedOperation advance(Clock clock, int... by) {
        if (!isRecording()) {
            Node now = make(clock.counters(), clock.counters(), by, 1);
            return () -> List.of(now);
        }
        Advanced found = find(clock);
        if (found == null) {
            found = new Advanced(clock);
            advanced.add(found);
        }
        for (int i = 0; i < by.length; i++) {
            found.total[i] += by[i];
        }
        if (used == CAPACITY) {
            List<Node> all = flush();
            return () -> all;
        }
        Run run = found.run;
        used++;
        if (run != null && Arrays.equals(run.by, by) && run.first + run.count == used - 1) {
            run.count++;
            return List::of;
        }
        Tensor from = run == null ? clock.counters() : run.newest();
        if (run != null) {
            run.read = true;
        }
        found.run = new Run(from, used - 1, by);
        return found.run;
    }

    /** Advances the callers' clocks themselves, which are read again from here on. */
    private List<Node> flush() {
        List<Node> all = new ArrayList<>();
        for (Advanced clock : advanced) {
            all.add(make(clock.own.counters(), clock.own.counters(), clock.total, 1));
        }
        advanced.clear();
        used = 0;
        return all;
    }

    /** Makes the launch {@code to[i] = from + (i + 1) · by}, i below count. */
    private Node make(Tensor from, Tensor to, int[] by, int count) {
        return Node.of(launches.advance(
                        CudaBuffer.address(from), CudaBuffer.address(to), by[0], by[1], by[2], by[3], count))
                .reads(from)
                .writes(to);
    }
}
