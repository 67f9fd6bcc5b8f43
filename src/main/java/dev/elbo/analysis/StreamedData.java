package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import java.util.List;

/**
 * A data set in the host's memory, of which a pass uploads what it needs while the backend works.
 *
 * @param backend receives the data
 * @param data in the host's memory
 * @param labels the class of each example; null if the model is not told it
 */
public record StreamedData(Backend backend, Dataset data, float[] labels) implements DataSource {
    /**
     * Creates a source without classes.
     *
     * @param backend receives the data
     * @param data in the host's memory
     */
    public StreamedData(Backend backend, Dataset data) {
        this(backend, data, null);
    }

    static StreamedData of(Backend backend, Dataset data, List<String> classes) {
        return new StreamedData(backend, data, ClassColumn.of(data, classes));
    }

    @Override
    public int size() {
        return data.size();
    }

    @Override
    public int features() {
        return data.features();
    }

    @Override
    public Pass pass(int batch, int steps, boolean ordered) {
        return new StreamedPass(backend, data, labels, batch, steps, ordered);
    }

    @Override
    public void close() {}
}
