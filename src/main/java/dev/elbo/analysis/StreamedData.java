package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;

/**
 * A data set in the host's memory, of which a pass uploads what it needs while the backend works.
 *
 * @param backend receives the data
 * @param data in the host's memory
 */
public record StreamedData(Backend backend, Dataset data) implements DataSource {
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
        return new StreamedPass(backend, data, batch, steps, ordered);
    }

    @Override
    public void close() {}
}
