package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import java.util.List;

/**
 * A data set that a backend can read, in its own memory or streamed. Every {@link Pass} over it must be closed before
 * it is.
 */
public sealed interface DataSource extends AutoCloseable permits ResidentData, StreamedData {
    /**
     * {@return a data set that a backend can read, to be closed before the backend is}
     *
     * @param backend that reads it
     * @param data to be read
     * @param placement of the data
     * @throws dev.elbo.error.ElboException unavailable, if it is to be resident and there is not enough memory
     */
    static DataSource of(Backend backend, Dataset data, DataPlacement placement) {
        return of(backend, data, placement, List.of());
    }

    /**
     * {@return a data set that a backend can read, with the class of each example}
     *
     * @param backend that reads it
     * @param data to be read
     * @param placement of the data
     * @param classes names of the model's classes, {@link dev.elbo.model.VaeSpec#classes()}; none: labels are not read
     * @throws dev.elbo.error.ElboException data, if a label is missing or none of the classes; unavailable, as above
     */
    static DataSource of(Backend backend, Dataset data, DataPlacement placement, List<String> classes) {
        return placement.resolve(backend, data) == DataPlacement.RESIDENT
                ? ResidentData.upload(backend, data, classes)
                : StreamedData.of(backend, data, classes);
    }

    /** {@return number of examples} */
    int size();

    /** {@return values of an example} */
    int features();

    /**
     * {@return a pass that can be repeated, in batches of which the last may be smaller; to be closed before this is}
     *
     * @param batch rows of a batch, 1 to {@link #size}
     * @param steps batches that the caller would like to gather in one program, at least 1
     * @param ordered whether {@link Pass#start} is given an order
     */
    Pass pass(int batch, int steps, boolean ordered);

    @Override
    void close();
}
