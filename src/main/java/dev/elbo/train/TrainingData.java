package dev.elbo.train;

import dev.elbo.data.DataNotes;
import dev.elbo.data.Dataset;
import dev.elbo.data.Description;
import dev.elbo.data.Shards;
import dev.elbo.data.ValueRange;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The range of the training data, and a line on each problem of theirs that worsens training without an error. */
record TrainingData(ValueRange range, List<String> notes) {
    static TrainingData of(Dataset train, VaeSpec spec, Shards shards) {
        boolean own = Network.of(spec).likelihood().variancePerDimension();
        if (train.isBytes() && !own) {
            // bytes are scaled and lose nothing: no look at them is needed
            return new TrainingData(ValueRange.ofBytes(train), List.of());
        }
        Description seen = Description.of(train, shards);
        return new TrainingData(
                ValueRange.of(seen),
                Stream.of(
                                DataNotes.unscaled(seen),
                                DataNotes.rounded(seen),
                                own ? DataNotes.constant(seen) : Optional.<String>empty())
                        .flatMap(Optional::stream)
                        .toList());
    }
}
