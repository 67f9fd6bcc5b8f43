package dev.elbo.train;

import java.util.Map;

/** Saves a run when its rule says so. */
final class Checkpointer {
    private static final double NANO = 1e-9;

    private final Trainer trainer;
    private final Store store;
    private final CheckpointRule rule;
    private final Map<String, String> resumedNotes;
    private long saved;
    private int measured;
    private long at;
    private double cost;

    /** Where checkpoints are kept; no interface, so that what is public need not show how it is written to. */
    abstract static class Store {
        /** Returns what every checkpoint keeps for the caller. */
        abstract Map<String, String> notes();

        /** Returns whether it has a checkpoint of a step. */
        abstract boolean has(long step);

        /** Keeps a checkpoint. */
        abstract void save(Checkpoint checkpoint);

        /** Returns the newest one that is whole. */
        abstract Checkpoint newest();
    }

    /** @param resumedNotes of the checkpoint that the run resumes, or null */
    Checkpointer(Trainer trainer, Store store, CheckpointRule rule, Map<String, String> resumedNotes) {
        this.trainer = trainer;
        this.store = store;
        this.rule = rule;
        this.resumedNotes = resumedNotes;
    }

    /** Saves the start of a run, unless it is saved with the same notes already. */
    void begin() {
        saved = trainer.step();
        measured = trainer.epochs().size();
        at = System.nanoTime();
        if (!store.notes().equals(resumedNotes) || !store.has(saved)) {
            save();
        }
    }

    /** Saves if a checkpoint is due, or, if training ends with the {@code last} one, if anything changed. */
    void save(boolean last, int stepsPerEpoch) {
        if (last
                ? saved != trainer.step() || measured != trainer.epochs().size()
                : rule.isDue(saved, trainer.step(), stepsPerEpoch, (System.nanoTime() - at) * NANO, cost)) {
            save();
        }
    }

    private void save() {
        long start = System.nanoTime();
        store.save(trainer.checkpoint(store.notes()));
        saved = trainer.step();
        measured = trainer.epochs().size();
        at = System.nanoTime();
        cost = (at - start) * NANO;
    }

    Checkpoint newest() {
        return store.newest();
    }
}
