package dev.elbo.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.util.AccumulatorV2;

/** What the first worker tells the driver, with its heartbeats while it trains and with its result at the end. */
final class FitProgress extends AccumulatorV2<FitProgress.Event, FitProgress.State> {
    /** Something that the driver is told. */
    sealed interface Event extends Serializable {}

    /** An attempt begins. */
    record Started(int attempt, String how) implements Event {}

    /** An epoch is complete. */
    record Epoch(EpochText epoch) implements Event {}

    /** A remark on the data or the result. */
    record Note(String line) implements Event {}

    /** So many steps are done, of so many. */
    record Steps(long done, long all) implements Event {}

    /** All of it so far; of the steps the last. */
    record State(List<Event> events, Steps steps) implements Serializable {}

    private final List<Event> events = new ArrayList<>();
    private Steps steps;

    @Override
    public synchronized boolean isZero() {
        return events.isEmpty() && steps == null;
    }

    @Override
    public synchronized FitProgress copy() {
        FitProgress copy = new FitProgress();
        copy.events.addAll(events);
        copy.steps = steps;
        return copy;
    }

    @Override
    public synchronized void reset() {
        events.clear();
        steps = null;
    }

    @Override
    public synchronized void add(Event event) {
        if (event instanceof Steps last) {
            steps = last;
        } else {
            events.add(event);
        }
    }

    @Override
    public synchronized void merge(AccumulatorV2<Event, State> other) {
        State more = other.value();
        events.addAll(more.events);
        steps = more.steps == null ? steps : more.steps;
    }

    @Override
    public synchronized State value() {
        return new State(List.copyOf(events), steps);
    }
}
