package dev.elbo.cuda;

import dev.elbo.cuda.driver.Blas;
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
 * List scheduler: assigns the nodes of a program to streams so that independent nodes run concurrently. One node waits for
 * another if both touch the same memory and one of them writes it; the one that comes first in the program runs first. Nodes
 * are taken in order of predicted time to the end of the program; each goes to the stream in which it can start earliest.
 */
final class GraphScheduler {
    /**
     * A node with its place.
     *
     * @param node the work to be queued
     * @param stream index of its stream
     * @param waits earlier steps of other streams that it waits for and that its stream has not waited for already
     */
    record Step(Node node, int stream, int[] waits) {}

    private record Touch(AddressRange range, int node, boolean written) {}

    private final List<Node> nodes;
    /** The nodes that each node waits for. */
    private final BitSet[] before;

    private final List<Step> steps = new ArrayList<>();
    private int criticalPathNodes;

    /** @param streams at least 1 */
    GraphScheduler(List<Node> nodes, int streams) {
        this.nodes = nodes;
        this.before = dependencies(nodes);
        schedule(streams);
    }

    /** Returns the steps in an order in which they may be queued. */
    List<Step> steps() {
        return steps;
    }

    /** Returns the number of nodes of the critical path, the order within streams included. */
    int criticalPathNodes() {
        return criticalPathNodes;
    }

    /** Counts the waits of steps for one of another stream. */
    int joins() {
        return steps.stream().mapToInt(step -> step.waits.length).sum();
    }

    /**
     * Queues all nodes, while the first stream is being captured; it ends up behind all of them.
     *
     * @param marks makes events, to stay open until the capture has ended
     */
    void capture(List<Blas> streams, Supplier<Event> marks) {
        Stream first = streams.get(0).stream();
        BitSet begun = new BitSet();
        begun.set(0);
        Event start = steps.stream().anyMatch(step -> step.stream > 0) ? mark(first, marks) : null;
        BitSet marked = new BitSet();
        steps.forEach(step -> Arrays.stream(step.waits).forEach(marked::set));
        Event[] events = new Event[steps.size()];
        for (int i = 0; i < events.length; i++) {
            Step step = steps.get(i);
            Blas blas = streams.get(step.stream);
            if (!begun.get(step.stream) && step.waits.length == 0) {
                blas.stream().waitFor(start);
            }
            begun.set(step.stream);
            for (int wait : step.waits) {
                blas.stream().waitFor(events[wait]);
            }
            step.node.on(blas);
            if (marked.get(i)) {
                events[i] = mark(blas.stream(), marks);
            }
        }
        begun.stream().skip(1).forEach(used -> first.waitFor(mark(streams.get(used).stream(), marks)));
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
                boolean meets = node.writes().stream().anyMatch(touch.range::overlaps)
                        || touch.written && node.reads().stream().anyMatch(touch.range::overlaps);
                if (meets) {
                    waits.set(touch.node);
                }
            }
            before[i] = waits;
            // whoever comes later and meets these meets the new write too
            touches.removeIf(touch -> node.writes().stream().anyMatch(written -> written.contains(touch.range)));
            for (AddressRange read : node.reads()) {
                touches.add(new Touch(read, i, false));
            }
            for (AddressRange written : node.writes()) {
                touches.add(new Touch(written, i, true));
            }
        }
        return before;
    }

    /** Returns the time of the longest chain that begins with each node. */
    private long[] criticalPathNanos() {
        long[] criticalPathNanos = new long[nodes.size()];
        for (int i = nodes.size() - 1; i >= 0; i--) {
            criticalPathNanos[i] += nodes.get(i).nanos();
            long nanos = criticalPathNanos[i];
            before[i].stream()
                    .forEach(earlier -> criticalPathNanos[earlier] = Math.max(criticalPathNanos[earlier], nanos));
        }
        return criticalPathNanos;
    }

    private void schedule(int streams) {
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
        ListScheduler scheduler = new ListScheduler(streams);
        while (!ready.isEmpty()) {
            int node = ready.remove();
            scheduler.place(node);
            for (int next : after.get(node)) {
                if (--unmet[next] == 0) {
                    ready.add(next);
                }
            }
        }
    }

    private final class ListScheduler {
        /** The end of each stream's last step. */
        private final long[] ends;

        private final int[] last;
        /** By stream, the latest step of each stream that the next step in it comes after. */
        private final int[][] behind;
        /** The {@link #behind} of each step's stream after it. */
        private final List<int[]> behindStep = new ArrayList<>();

        private final int[] stepOf = new int[nodes.size()];
        private final long[] endOf = new long[nodes.size()];
        private final int[] chainOf = new int[nodes.size()];
        /** The number of nodes of the longest chain that ends with each stream's last step. */
        private final int[] chains;

        ListScheduler(int streams) {
            ends = new long[streams];
            chains = new int[streams];
            last = new int[streams];
            behind = new int[streams][streams];
            Arrays.fill(last, -1);
            for (int[] of : behind) {
                Arrays.fill(of, -1);
            }
        }

        void place(int node) {
            long start = before[node].stream().mapToLong(i -> endOf[i]).max().orElse(0);
            int stream = streamFor(node, start);
            int[] latest = new int[ends.length];
            Arrays.fill(latest, -1);
            before[node].stream().map(i -> stepOf[i]).forEach(step -> {
                int of = steps.get(step).stream;
                latest[of] = Math.max(latest[of], step);
            });
            int[] waits = Arrays.stream(latest)
                    .filter(step -> needsWait(step, stream, latest))
                    .toArray();
            for (int wait : waits) {
                Arrays.setAll(
                        behind[stream],
                        i -> Math.max(behind[stream][i], behindStep.get(wait)[i]));
            }
            behind[stream][stream] = steps.size();
            behindStep.add(behind[stream].clone());
            endOf[node] = ends[stream] =
                    Math.max(start, ends[stream]) + nodes.get(node).nanos();
            int below = before[node].stream().map(i -> chainOf[i]).max().orElse(0);
            chainOf[node] = chains[stream] = Math.max(below, chains[stream]) + 1;
            criticalPathNodes = Math.max(criticalPathNodes, chainOf[node]);
            stepOf[node] = last[stream] = steps.size();
            steps.add(new Step(nodes.get(node), stream, waits));
        }

        /** Returns the stream in which it starts earliest; of several, one that it continues. */
        private int streamFor(int node, long start) {
            int stream = 0;
            for (int candidate = 1; candidate < ends.length; candidate++) {
                long gain = Math.max(start, ends[stream]) - Math.max(start, ends[candidate]);
                if (gain > 0 || gain == 0 && !continues(stream, node) && continues(candidate, node)) {
                    stream = candidate;
                }
            }
            return stream;
        }

        /** Returns whether a stream is not behind a step yet, nor gets there by waiting for one of the others. */
        private boolean needsWait(int step, int stream, int[] others) {
            if (step < 0) {
                return false;
            }
            int of = steps.get(step).stream;
            return step > behind[stream][of]
                    && Arrays.stream(others)
                            .noneMatch(other ->
                                    other >= 0 && other != step && behindStep.get(other)[of] >= step);
        }

        /** Returns whether a stream ends with something that the node waits for, so that it needs no event. */
        private boolean continues(int stream, int node) {
            return last[stream] >= 0 && before[node].stream().anyMatch(i -> stepOf[i] == last[stream]);
        }
    }
}
