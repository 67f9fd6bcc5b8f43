package dev.elbo.objective;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Part of a step: work that each shard of a batch does for itself, and then means over the whole batch that the next phase needs.
 *
 * @param work queues the operations of a shard
 * @param mean what follows it; empty if the next phase needs none
 */
public record Phase(Consumer<Shard> work, Optional<? extends BatchMean> mean) {
    /** {@return the fewest phases that do the same: those without a mean are joined with the next} */
    static List<Phase> joined(List<Phase> all) {
        List<Phase> fewest = new ArrayList<>();
        Consumer<Shard> work = shard -> {};
        for (int i = 0; i < all.size(); i++) {
            work = work.andThen(all.get(i).work);
            if (all.get(i).mean.isPresent() || i == all.size() - 1) {
                fewest.add(new Phase(work, all.get(i).mean));
                work = shard -> {};
            }
        }
        return fewest;
    }
}
