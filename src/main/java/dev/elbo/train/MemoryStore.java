package dev.elbo.train;

import java.util.Map;
import java.util.function.Consumer;

/** Hands the checkpoints of a run to its caller, and keeps the newest to go back to. */
final class MemoryStore extends Checkpointer.Store {
    private final Consumer<Checkpoint> save;
    private final boolean saves;
    private Checkpoint newest;

    /**
     * @param newest that the run resumes; null at its start
     * @param saves whether this is the member of a group that saves the run
     */
    MemoryStore(Consumer<Checkpoint> save, Checkpoint newest, boolean saves) {
        this.save = save;
        this.newest = newest;
        this.saves = saves;
    }

    @Override
    Map<String, String> notes() {
        return newest == null ? Map.of() : newest.notes();
    }

    @Override
    boolean has(long step) {
        return newest != null && newest.step() == step;
    }

    @Override
    void save(Checkpoint checkpoint) {
        newest = checkpoint;
        if (saves) {
            save.accept(checkpoint);
        }
    }

    @Override
    Checkpoint newest() {
        return newest;
    }
}
