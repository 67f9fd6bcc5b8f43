package dev.elbo.train;

import java.nio.file.Files;
import java.util.Map;

/** Saves a run where its rule says so. */
final class RunSaver {
    private static final double NANO = 1e-9;

    private final Trainer trainer;
    private final Checkpoints checkpoints;
    private final CheckpointRule rule;
    private final Map<String, String> resumedNotes;
    private long saved;
    private long at;
    private double cost;

    /** @param resumedNotes of the checkpoint that the run goes on from, or null */
    RunSaver(Trainer trainer, Checkpoints checkpoints, CheckpointRule rule, Map<String, String> resumedNotes) {
        this.trainer = trainer;
        this.checkpoints = checkpoints;
        this.rule = rule;
        this.resumedNotes = resumedNotes;
    }

    /** A run can be resumed from its first moment on, and with the notes that it has now. */
    void begin() {
        saved = trainer.step();
        at = System.nanoTime();
        if (!checkpoints.notes().equals(resumedNotes) || !Files.exists(checkpoints.file(saved))) {
            save();
        }
    }

    void saveIfDue(int stepsPerEpoch) {
        if (rule.isDue(saved, trainer.step(), stepsPerEpoch, (System.nanoTime() - at) * NANO, cost)) {
            save();
        }
    }

    void saveAtEnd() {
        if (saved != trainer.step()) {
            save();
        }
    }

    private void save() {
        long start = System.nanoTime();
        checkpoints.save(trainer.checkpoint(checkpoints.notes()));
        saved = trainer.step();
        at = System.nanoTime();
        cost = (at - start) * NANO;
    }

    Checkpoint newest() {
        return checkpoints.newest();
    }
}
