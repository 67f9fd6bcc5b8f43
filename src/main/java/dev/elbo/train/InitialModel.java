package dev.elbo.train;

import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import dev.elbo.io.Messages;
import dev.elbo.net.StoredModel;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The model whose weights a run starts from, beside the data that the run trains on. */
final class InitialModel {
    /** Key of the model's digest in the run's identity. */
    static final String SHA256 = "initial_weights_sha256";

    private InitialModel() {}

    /** Returns differences between the model's training data and the new data, a line each. */
    static List<String> notes(StoredModel model, Dataset train) {
        InputSchema inputs = InputSchema.of("the initial model", model);
        return Stream.of(
                        unit(inputs.standardization(), train.standardization()),
                        columns(inputs.names(), train.columns()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> unit(Optional<Standardization> there, Optional<Standardization> here) {
        if (there.equals(here)) {
            return Optional.empty();
        }
        String trained = "the initial weights were trained on ";
        if (here.isEmpty()) {
            return Optional.of(trained + "standardised values; this run trains on values as they are");
        }
        return Optional.of(
                there.isEmpty()
                        ? trained + "values as they were; this run trains on standardised values"
                        : trained
                                + "values that were standardised by other means and deviations; this run uses those of"
                                + " its own training data");
    }

    private static Optional<String> columns(Optional<List<String>> there, Optional<List<String>> here) {
        // another number of columns is refused elsewhere
        if (there.isEmpty()
                || here.isEmpty()
                || there.equals(here)
                || there.get().size() != here.get().size()) {
            return Optional.empty();
        }
        int i = 0;
        while (i < here.get().size() - 1 && there.get().get(i).equals(here.get().get(i))) {
            i++;
        }
        return Optional.of("the initial weights were trained on columns of other names: column " + i + " (from 0) was "
                + Messages.quote(there.get().get(i)) + " there and is "
                + Messages.quote(here.get().get(i)) + " here");
    }
}
