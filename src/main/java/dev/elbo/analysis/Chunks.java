package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.error.Interruption;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs the same recorded operations over rows 0 to n − 1 in chunks: one program for whole chunks and one for what is left.
 * The clock's step stays the same and its row is the chunk's first, so that noise that belongs to examples does not depend on
 * the chunks.
 */
final class Chunks implements AutoCloseable {
    /** Memory and recorded operations for a chunk of some rows; a program for each slot of the pass that it may be in. */
    record Chunk(Activations activations, Tensor x, Program[] programs) {}

    /** The memory of chunks, by their rows; those that run one after the other share it. */
    static final class Memory implements AutoCloseable {
        private final Closer closer = new Closer();
        private final Vae vae;
        private final int samples;
        private final Map<Integer, Place> places = new HashMap<>();

        private record Place(Activations activations, Tensor x) {}

        /** @param samples of each row */
        Memory(Vae vae, int samples) {
            this.vae = vae;
            this.samples = samples;
        }

        private Place of(int rows) {
            return places.computeIfAbsent(
                    rows,
                    some -> new Place(
                            closer.register(vae.allocate(some, samples, false)),
                            closer.register(vae.backend()
                                    .allocate(ElementType.REAL, some, vae.spec().inputs()))));
        }

        @Override
        public void close() {
            closer.close();
        }
    }

    /** A step before or after a chunk runs. */
    interface Reader {
        void read(Chunk chunk, int firstRow, int rows);
    }

    /** The operations of a chunk; {@code x} of rows × inputs holds its examples, and is its to use. */
    interface Recipe {
        void record(Activations activations, Tensor x, Clock clock);
    }

    /** Rows of a chunk when a data set is worked through: enough to keep the products busy. */
    static final int ROWS = 1024;

    private final Closer closer = new Closer();
    private final Vae vae;
    private final Clock clock;
    private final Memory memory;
    private final int step;
    private final int total;
    private final int size;
    private final NoiseSource binarize;
    private final Recipe recipe;
    private final Pass pass;
    private final Chunk whole;
    private final Chunk rest;

    /**
     * @param data the rows; null: x is undefined
     * @param total rows in all
     * @param binarize whether x has binary pixels, drawn with the seed
     * @param samples of each row
     */
    Chunks(Vae vae, DataSource data, int total, boolean binarize, long seed, int samples, Recipe recipe) {
        this(new Memory(vae, samples), true, 0, data, total, binarize, seed, recipe);
    }

    /**
     * @param memory shared with others, whose owner closes it
     * @param step that the noise is numbered by, besides the rows
     */
    Chunks(Memory memory, int step, DataSource data, boolean binarize, long seed, Recipe recipe) {
        this(memory, false, step, data, data.size(), binarize, seed, recipe);
    }

    private Chunks(
            Memory memory,
            boolean own,
            int step,
            DataSource data,
            int total,
            boolean binarize,
            long seed,
            Recipe recipe) {
        this.vae = memory.vae;
        this.memory = memory;
        this.step = step;
        this.total = total;
        this.size = Math.min(Math.max(1, ROWS / memory.samples), total);
        this.recipe = recipe;
        if (own) {
            closer.register(memory);
        }
        try {
            clock = Clock.allocate(vae.backend());
            closer.register(clock.counters());
            this.binarize = binarize ? NoiseSource.perExample(seed, NoiseStream.BINARIZE, clock) : null;
            pass = closer.register(data == null ? NO_DATA : data.pass(size, 1, false));
            whole = chunk(size, 0, pass.slots() - 1);
            rest = total % size == 0 ? null : chunk(total % size, pass.lastSlot(), pass.lastSlot());
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private Chunk chunk(int rows, int firstSlot, int lastSlot) {
        Activations activations = memory.of(rows).activations;
        Tensor x = memory.of(rows).x;
        Program[] programs = new Program[lastSlot + 1];
        for (int i = firstSlot; i <= lastSlot; i++) {
            int slot = i;
            programs[i] = closer.register(vae.backend().record(() -> {
                pass.gather(slot, clock, binarize, x, activations.labels());
                recipe.record(activations, x, clock);
            }));
        }
        return new Chunk(activations, x, programs);
    }

    /** Runs a whole chunk on undefined values, for a {@code CountingBackend}; returns its rows. */
    int dryRun() {
        whole.programs()[0].run();
        return size;
    }

    void run(Reader reader) {
        run((chunk, row, rows) -> {}, reader);
    }

    /** @param before called before each chunk runs */
    void run(Reader before, Reader reader) {
        pass.start(null);
        for (int row = 0; row < total; row += size) {
            Interruption.throwIfInterrupted("working through the data");
            int rows = Math.min(size, total - row);
            Chunk chunk = rows < size ? rest : whole;
            clock.set(step, row, 0, 0);
            before.read(chunk, row, rows);
            chunk.programs()[pass.slot()].run();
            // before the reader waits for this chunk, so that the next one is on its way
            pass.submitted(rows);
            reader.read(chunk, row, rows);
        }
    }

    @Override
    public void close() {
        closer.close();
    }

    private static final Pass NO_DATA = new Pass() {
        @Override
        public int steps() {
            return 1;
        }

        @Override
        public void gather(int slot, Clock clock, int first, NoiseSource binarize, Tensor x, Tensor classes) {}

        @Override
        public void start(int[] order, int firstRow) {}

        @Override
        public void close() {}
    };
}
