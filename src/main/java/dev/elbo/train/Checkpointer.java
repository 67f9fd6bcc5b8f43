package dev.elbo.train;

import java.nio.file.Files;
import java.util.Map;

/** Saves a run when its rule says so. */
final class Checkpointer {
    private static final double NANO = 1e-9;

    private final Trainer trainer;
    private final CheckpointStore checkpoints;
    private final CheckpointRule rule;
    private final Map<String, String> resumedNotes;
    private long saved;
    private int measured;
    private long at;
    private double cost;

    /** @param resumedNotes of the checkpoint that the run resumes, or null */
    Checkpointer(Trainer trainer, CheckpointStore checkpoints, CheckpointRule rule, Map<String, String> resumedNotes) {
        this.trainer = trainer;
        this.checkpoints = checkpoints;
        this.rule = rule;
        this.resumedNotes = resumedNotes;
    }

    /** Saves the start of a run, unless it is saved with the same notes already. */
    void begin() {
        saved = trainer.step();
        measured = trainer.epochs().size();
        at = System.nanoTime();
        if (!checkpoints.notes.equals(resumedNotes) || !Files.exists(checkpoints.file(saved))) {
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
        checkpoints.save(trainer.checkpoint(checkpoints.notes));
        saved = trainer.step();
        measured = trainer.epochs().size();
        at = System.nanoTime();
        cost = (at - start) * NANO;
    }

    Checkpoint newest() {
        return checkpoints.newest();
    }
}
