package dev.elbo.serve;

import dev.elbo.Backends;
import dev.elbo.backend.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/** What a {@link VaeService} is made with; every setting has a default. */
public final class VaeServiceBuilder {
    final Path model;
    String backend = "auto";
    private Precision precision = Precision.FP32;
    private int threads = 1;
    int replicas;
    int batch = 32;
    int samples = 16;
    long seed;
    Duration timeout;
    /** Null: nobody. */
    Consumer<String> onNote;

    VaeServiceBuilder(Path model) {
        this.model = Objects.requireNonNull(model, "model");
    }

    /**
     * One of {@link Backends#NAMES}; "auto" unless set.
     *
     * @param name of the backend
     * @return this
     */
    public VaeServiceBuilder backend(String name) {
        backend = Objects.requireNonNull(name, "backend");
        return this;
    }

    /**
     * Precision of matrix products; {@link Precision#FP32} unless set, and the others need cuda.
     *
     * @param products their precision
     * @return this
     */
    public VaeServiceBuilder precision(Precision products) {
        precision = Objects.requireNonNull(products, "precision");
        return this;
    }

    /**
     * Calls that are worked on at the same time; unless set, one for each processor, and one on cuda.
     *
     * @param count at least 1
     * @return this
     */
    public VaeServiceBuilder replicas(int count) {
        replicas = positive("replicas", count);
        return this;
    }

    /**
     * Threads of each replica on the CPU; 1 unless set. Answers do not depend on it.
     *
     * @param count at least 1
     * @return this
     */
    public VaeServiceBuilder threads(int count) {
        threads = positive("threads", count);
        return this;
    }

    /**
     * Rows of every run on the backend; 32 unless set. A call of more is cut, one of fewer costs as much as this many: fewer
     * answer single rows sooner, more work off many faster, on the host up to some 512. A score takes as many rows of a run as it takes samples.
     *
     * @param rows at least 1
     * @return this
     */
    public VaeServiceBuilder batch(int rows) {
        batch = positive("batch", rows);
        return this;
    }

    /**
     * Draws from q(z|x) behind a score, L; 16 unless set.
     *
     * @param count at least 1
     * @return this
     */
    public VaeServiceBuilder samples(int count) {
        samples = positive("samples", count);
        return this;
    }

    /**
     * Of the scores' noise; 0 unless set.
     *
     * @param number any
     * @return this
     */
    public VaeServiceBuilder seed(long number) {
        seed = number;
        return this;
    }

    /**
     * How long a call waits for a replica; as long as it takes unless set.
     *
     * @param longest zero: a call that would have to wait fails at once; more than 292 years: as long as it takes
     * @return this
     */
    public VaeServiceBuilder timeout(Duration longest) {
        if (Objects.requireNonNull(longest, "timeout").isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative, it is " + longest);
        }
        timeout = longest;
        return this;
    }

    /**
     * Who is told, once, where values are so far outside of what the model was trained on that they seem to be in another unit.
     * Nobody unless set, and nobody looks then: a look costs a pass over every request until there was something to tell.
     *
     * @param listener given one line, on a thread that calls; what it throws that caller gets
     * @return this
     */
    public VaeServiceBuilder onNote(Consumer<String> listener) {
        onNote = Objects.requireNonNull(listener, "listener");
        return this;
    }

    private static int positive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, not " + value);
        }
        return value;
    }

    Backends.Choice choose(String name) {
        return Backends.builder(name).threads(threads).precision(precision).choose();
    }

    /**
     * Reads the model once and makes all replicas.
     *
     * @return to be closed by the caller
     * @throws dev.elbo.error.ElboException data, if the file is no model that can be trusted; unavailable, for a backend that is not there or
     *     has not the memory; usage, for a name that is none
     */
    public VaeService build() {
        return new VaeService(this);
    }
}
