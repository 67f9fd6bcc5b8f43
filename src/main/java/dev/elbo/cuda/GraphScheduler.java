package dev.elbo.cuda;

import dev.elbo.cuda.driver.Event;
import dev.elbo.cuda.driver.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * Dealing the nodes of a program to lanes, so that what does not need each other may run side by side. One node waits for
 * another if both touch the same memory and one of them writes it; whoever comes first in the program runs first. The longest
 * chain in time is dealt first and stays in one lane, the rest goes where it starts earliest.
 */
final class GraphScheduler {
    /**
     * A node with its place.
     *
     * @param node what is to be queued
     * @param lane where
     * @param waits which earlier steps, of other lanes, it waits for beyond what its lane has waited for already
     */
    record Step(Node node, int lane, int[] waits) {}

    private record Touch(AddressRange extent, int node, boolean written) {}

    private final List<Node> nodes;
    /** Of each node, the nodes before it that it waits for. */
    private final BitSet[] before;

    private final List<Step> steps = new ArrayList<>();
    private int depth;

    /** @param lanes at least 1 */
    GraphScheduler(List<Node> nodes, int lanes) {
        this.nodes = nodes;
        this.before = dependencies(nodes);
        schedule(lanes);
    }

    /** In an order in which they may be queued. */
    List<Step> steps() {
        return steps;
    }

    /** Nodes of the longest chain, the order within lanes included. */
    int depth() {
        return depth;
    }

    /** How often a step waits for one of another lane. */
    int joins() {
        return steps.stream().mapToInt(step -> step.waits.length).sum();
    }

    /**
     * Queues all nodes, while the first lane's stream is being captured; it ends up behind all of them.
     *
     * @param marks makes events, to stay open until the capture has ended
     */
    void queue(List<BlasStream> lanes, Supplier<Event> marks) {
        Stream first = lanes.get(0).stream();
        BitSet begun = new BitSet();
        begun.set(0);
        Event start = steps.stream().anyMatch(step -> step.lane > 0) ? mark(first, marks) : null;
        BitSet marked = new BitSet();
        steps.forEach(step -> Arrays.stream(step.waits).forEach(marked::set));
        Event[] events = new Event[steps.size()];
        for (int i = 0; i < events.length; i++) {
            Step step = steps.get(i);
            BlasStream lane = lanes.get(step.lane);
            if (!begun.get(step.lane) && step.waits.length == 0) {
                lane.stream().waitFor(start);
            }
            begun.set(step.lane);
            for (int wait : step.waits) {
                lane.stream().waitFor(events[wait]);
            }
            step.node.on(lane);
            if (marked.get(i)) {
                events[i] = mark(lane.stream(), marks);
            }
        }
        begun.stream().skip(1).forEach(lane -> first.waitFor(mark(lanes.get(lane).stream(), marks)));
    }

    private static Event mark(Stream stream, Supplier<Event> marks) {
        Event event = marks.get();
        stream.record(event);
        return event;
    }

    private static BitSet[] dependencies(List<Node> nodes) {
        BitSet[] before = new BitSet[nodes.size()];
        List<Touch> touches = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            BitSet waits = new BitSet();
            for (Touch touch : touches) {
                boolean meets = node.writes().stream().anyMatch(touch.extent::overlaps)
                        || touch.written && node.reads().stream().anyMatch(touch.extent::overlaps);
                if (meets) {
                    waits.set(touch.node);
                }
            }
            before[i] = waits;
            // whoever comes later and meets these meets the new write too
            touches.removeIf(touch -> node.writes().stream().anyMatch(written -> written.contains(touch.extent)));
            for (AddressRange read : node.reads()) {
                touches.add(new Touch(read, i, false));
            }
            for (AddressRange written : node.writes()) {
                touches.add(new Touch(written, i, true));
            }
        }
        return before;
    }

    /** How long the longest chain takes that begins with each. */
    private long[] criticalPathNanos() {
        long[] criticalPathNanos = new long[nodes.size()];
        for (int i = nodes.size() - 1; i >= 0; i--) {
            criticalPathNanos[i] += nodes.get(i).nanos();
            long height = criticalPathNanos[i];
            before[i].stream()
                    .forEach(earlier -> criticalPathNanos[earlier] = Math.max(criticalPathNanos[earlier], height));
        }
        return criticalPathNanos;
    }

    private void schedule(int lanes) {
        long[] criticalPathNanos = criticalPathNanos();
        PriorityQueue<Integer> ready = new PriorityQueue<>(
                Comparator.<Integer>comparingLong(i -> -criticalPathNanos[i]).thenComparing(Comparator.naturalOrder()));
        int[] unmet = new int[nodes.size()];
        List<List<Integer>> after = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            int later = i;
            after.add(new ArrayList<>());
            before[i].stream().forEach(earlier -> after.get(earlier).add(later));
            unmet[i] = before[i].cardinality();
            if (unmet[i] == 0) {
                ready.add(i);
            }
        }
        ListScheduler dealer = new ListScheduler(lanes);
        while (!ready.isEmpty()) {
            int node = ready.remove();
            dealer.place(node);
            for (int next : after.get(node)) {
                if (--unmet[next] == 0) {
                    ready.add(next);
                }
            }
        }
    }

    private final class ListScheduler {
        /** Of each lane, when its last step is done. */
        private final long[] ends;

        private final int[] last;
        /** By lane, the latest step of each lane that whatever comes next in it is behind. */
        private final int[][] behind;
        /** Of each step, {@link #behind} of its lane then. */
        private final List<int[]> behindStep = new ArrayList<>();

        private final int[] stepOf = new int[nodes.size()];
        private final long[] endOf = new long[nodes.size()];
        private final int[] depthOf = new int[nodes.size()];
        /** Of each lane, the depth of its last step. */
        private final int[] depths;

        ListScheduler(int lanes) {
            ends = new long[lanes];
            depths = new int[lanes];
            last = new int[lanes];
            behind = new int[lanes][lanes];
            Arrays.fill(last, -1);
            for (int[] of : behind) {
                Arrays.fill(of, -1);
            }
        }

        void place(int node) {
            long start = before[node].stream().mapToLong(i -> endOf[i]).max().orElse(0);
            int lane = laneFor(node, start);
            int[] latest = new int[ends.length];
            Arrays.fill(latest, -1);
            before[node].stream().map(i -> stepOf[i]).forEach(step -> {
                int of = steps.get(step).lane;
                latest[of] = Math.max(latest[of], step);
            });
            int[] waits = Arrays.stream(latest)
                    .filter(step -> needsWait(step, lane, latest))
                    .toArray();
            for (int wait : waits) {
                Arrays.setAll(
                        behind[lane], i -> Math.max(behind[lane][i], behindStep.get(wait)[i]));
            }
            behind[lane][lane] = steps.size();
            behindStep.add(behind[lane].clone());
            endOf[node] =
                    ends[lane] = Math.max(start, ends[lane]) + nodes.get(node).nanos();
            int below = before[node].stream().map(i -> depthOf[i]).max().orElse(0);
            depthOf[node] = depths[lane] = Math.max(below, depths[lane]) + 1;
            depth = Math.max(depth, depthOf[node]);
            stepOf[node] = last[lane] = steps.size();
            steps.add(new Step(nodes.get(node), lane, waits));
        }

        /** Where it starts earliest; of several, one that it continues. */
        private int laneFor(int node, long start) {
            int lane = 0;
            for (int candidate = 1; candidate < ends.length; candidate++) {
                long gain = Math.max(start, ends[lane]) - Math.max(start, ends[candidate]);
                if (gain > 0 || gain == 0 && !continues(lane, node) && continues(candidate, node)) {
                    lane = candidate;
                }
            }
            return lane;
        }

        /** Whether a lane is not behind a step yet, nor gets there by waiting for one of the others. */
        private boolean needsWait(int step, int lane, int[] others) {
            if (step < 0) {
                return false;
            }
            int of = steps.get(step).lane;
            return step > behind[lane][of]
                    && Arrays.stream(others)
                            .noneMatch(other ->
                                    other >= 0 && other != step && behindStep.get(other)[of] >= step);
        }

        /** Whether a lane ends with something that the node waits for, so that it needs no event. */
        private boolean continues(int lane, int node) {
            return last[lane] >= 0 && before[node].stream().anyMatch(i -> stepOf[i] == last[lane]);
        }
    }
}
