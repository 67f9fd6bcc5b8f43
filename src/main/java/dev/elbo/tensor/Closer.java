package dev.elbo.tensor;

import java.util.ArrayList;
import java.util.List;

/** Collects resources and closes all of them, the last first, even if one fails; the first failure is thrown. */
public final class Closer implements AutoCloseable {
    private final List<AutoCloseable> resources = new ArrayList<>();

    /** Creates an empty closer. */
    public Closer() {}

    /**
     * Registers a resource to be closed.
     *
     * @param <T> type of the resource
     * @param resource to be closed
     * @return the resource
     */
    public <T extends AutoCloseable> T register(T resource) {
        resources.add(resource);
        return resource;
    }

    /**
     * Registers the tensor's whole buffer.
     *
     * @param tensor whose buffer is to be closed
     * @return the tensor
     */
    public Tensor register(Tensor tensor) {
        resources.add(tensor.buffer());
        return tensor;
    }

    @Override
    public void close() {
        RuntimeException first = null;
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (Exception e) {
                RuntimeException failure = e instanceof RuntimeException known ? known : new IllegalStateException(e);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        resources.clear();
        if (first != null) {
            throw first;
        }
    }
}
