package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Program;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.function.IntFunction;

/**
 * Runs the same recorded operations over rows 0 to n − 1 in chunks: one program for whole chunks and one for what is left.
 * The clock's step stays 0 and its row is the chunk's first, so that noise that belongs to examples does not depend on the
 * chunks.
 */
final class Chunks implements AutoCloseable {
    /** Memory and recorded operations for a chunk of some rows. */
    record Chunk(Activations activations, Tensor x, Program program) implements AutoCloseable {
        @Override
        public void close() {
            program.close();
            x.buffer().close();
            activations.close();
        }
    }

    /** What to do with a chunk that has run. */
    interface Reader {
        void read(Chunk chunk, int firstRow, int rows);
    }

    /** What a chunk computes; {@code x} of rows × inputs is its to use. */
    interface Recipe {
        void record(Activations activations, Tensor x);
    }

    /** Rows of a chunk when a data set is worked through: enough to keep the products busy. */
    static final int ROWS = 1024;

    private final Clock clock;
    private final int total;
    private final int size;
    private final Chunk whole;
    private final Chunk rest;

    private Chunks(Clock clock, int total, int size, IntFunction<Chunk> maker) {
        this.clock = clock;
        this.total = total;
        this.size = Math.min(size, total);
        this.whole = maker.apply(this.size);
        try {
            this.rest = total % this.size == 0 ? null : maker.apply(total % this.size);
        } catch (Throwable thrown) {
            whole.close();
            throw thrown;
        }
    }

    /**
     * @param clock read by the recipe's operations
     * @param total rows in all
     * @param samples of each row
     */
    static Chunks of(Vae vae, Clock clock, int total, int samples, Recipe recipe) {
        Backend backend = vae.backend();
        return new Chunks(clock, total, Math.max(1, ROWS / samples), rows -> {
            Activations activations = vae.allocate(rows, samples, false);
            try {
                Tensor x = backend.allocate(ElementType.REAL, rows, vae.spec().inputs());
                return new Chunk(activations, x, backend.record(() -> recipe.record(activations, x)));
            } catch (Throwable thrown) {
                activations.close();
                throw thrown;
            }
        });
    }

    void run(Reader reader) {
        for (int row = 0; row < total; row += size) {
            Chunk chunk = total - row < size ? rest : whole;
            clock.set(0, row, 0, 0);
            chunk.program().run();
            reader.read(chunk, row, Math.min(size, total - row));
        }
    }

    @Override
    public void close() {
        whole.close();
        if (rest != null) {
            rest.close();
        }
    }
}
