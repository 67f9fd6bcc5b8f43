package dev.elbo.cuda;

import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/** A builder of launches from tensors or addresses, in the order of the parameters in kernels/README.md. */
final class LaunchBuilder {
    static final int BLOCK = 256;
    /** The least threads of a block that processes a single row. */
    private static final int MIN_BLOCK = 64;
    /** The most blocks: more would only wait for each other, and the kernels stride over the rest. */
    private static final long MAX_BLOCKS = 1 << 16;

    private static final int WARP = 32;

    private final Launch.Builder launch;

    /** @param launch whose list of arguments has just begun */
    LaunchBuilder(Launch.Builder launch) {
        this.launch = launch;
    }

    /** Adds pointers and strides. */
    LaunchBuilder matrices(KernelLauncher.Matrix... matrices) {
        for (KernelLauncher.Matrix matrix : matrices) {
            launch.pointer(matrix.address());
            launch.number(matrix.stride());
        }
        return this;
    }

    LaunchBuilder matrices(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            matrices(KernelLauncher.Matrix.of(tensor));
        }
        return this;
    }

    /** Adds pointers alone, of dense or optional tensors. */
    LaunchBuilder vectors(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            launch.pointer(CudaBuffer.address(tensor));
        }
        return this;
    }

    LaunchBuilder addresses(long... addresses) {
        for (long address : addresses) {
            launch.pointer(address);
        }
        return this;
    }

    LaunchBuilder number(int value) {
        launch.number(value);
        return this;
    }

    LaunchBuilder numbers(int... values) {
        for (int value : values) {
            launch.number(value);
        }
        return this;
    }

    LaunchBuilder number(long value) {
        launch.number(value);
        return this;
    }

    /** Adds a number that is float64 in Java and float32 in the kernels. */
    LaunchBuilder number(double value) {
        launch.number((float) value);
        return this;
    }

    LaunchBuilder schedule(Schedule schedule) {
        return vectors(schedule.table(), schedule.clock().counters());
    }

    /** Adds everything of a source but its clock. */
    LaunchBuilder noise(KernelLauncher.Noise noise) {
        matrices(noise.given());
        launch.number(noise.seed());
        launch.number(noise.stream());
        launch.number(noise.firstRow());
        return this;
    }

    /** Takes a thread for every quad of the rows. */
    Launch quads(int rows, long cols) {
        return threads(rows * quadsOf(cols));
    }

    Launch threads(long count) {
        return launch.grid(Math.min(MAX_BLOCKS, blocks(count, BLOCK)), 1, BLOCK);
    }

    /** Takes a team of lanes for every row; few rows in small blocks, so that they spread over more multiprocessors. */
    Launch teams(int rows, int cols) {
        return teamsOf(rows, quadsOf(cols));
    }

    /** Takes a team for every row, of at least so many lanes, or 32. */
    Launch teamsOf(int rows, long members) {
        long lanes = Math.min(WARP, Long.highestOneBit(2 * members - 1));
        long threads = rows * lanes;
        int block = threads <= (long) BLOCK * 128 ? 2 * WARP : BLOCK;
        return launch.grid(Math.min(MAX_BLOCKS, blocks(threads, block)), 1, block);
    }

    /** Takes tiles of 32 columns by chunks of rows. */
    Launch tiles(int cols, int chunks) {
        return launch.grid(blocks(cols, WARP), chunks, BLOCK);
    }

    /** Takes tiles of 32 columns of several matrices, one after the other. */
    Launch tilesOfAll(int... cols) {
        return launch.grid(
                Arrays.stream(cols).mapToLong(each -> blocks(each, WARP)).sum(), 1, BLOCK);
    }

    /** Takes tiles of 32 columns by so many rows; if there are very many, a block has several of the same columns. */
    Launch tilesOfRows(int rows, int cols, int each) {
        long across = blocks(cols, WARP);
        long down = Math.min(blocks(rows, each), Math.max(1, MAX_BLOCKS / across));
        return launch.grid(across, (int) Math.min(down, MAX_BLOCKS - 1), BLOCK);
    }

    /** Takes a block for each tile of 32 columns of each row. */
    Launch tilesOfEach(int rows, int cols) {
        return launch.grid(Math.min(MAX_BLOCKS, rows * blocks(cols, WARP)), 1, BLOCK);
    }

    /** Takes a block for so many rows at a time. */
    Launch rows(int rows, int each) {
        return launch.grid(Math.min(MAX_BLOCKS, blocks(rows, each)), 1, BLOCK);
    }

    /** Takes a block for each row, with a thread for so many of the values that each row reads. */
    Launch blockOfRow(int rows, long values, int each) {
        long wanted = Math.max(MIN_BLOCK, Long.highestOneBit(2 * blocks(values, each) - 1));
        return launch.grid(Math.min(MAX_BLOCKS, rows), 1, (int) Math.min(BLOCK, wanted));
    }

    Launch blocks(int blocks) {
        return launch.grid(blocks, 1, BLOCK);
    }

    Launch single(int threads) {
        return launch.grid(1, 1, threads);
    }

    private static long quadsOf(long cols) {
        return (cols - 1) / 4 + 1;
    }

    private static long blocks(long count, int each) {
        return (count - 1) / each + 1;
    }
}
