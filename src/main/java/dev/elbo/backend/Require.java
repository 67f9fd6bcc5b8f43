package dev.elbo.backend;

import dev.elbo.model.Patches;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.function.Predicate;

/** The checks of one operation's arguments; every message names the operation, the argument and both shapes. */
final class Require {
    private final String op;
    private final Predicate<Buffer> owned;

    Require(String op, Predicate<Buffer> owned) {
        this.op = op;
        this.owned = owned;
    }

    /** Requires a matrix of REAL of this shape. */
    Require real(String argument, Tensor tensor, int rows, int cols) {
        return typed(argument, tensor, ElementType.REAL, rows, cols);
    }

    /** Requires what {@link #real} does, or null. */
    Require optional(String argument, Tensor tensor, int rows, int cols) {
        return tensor == null ? this : real(argument, tensor, rows, cols);
    }

    /** Requires a dense column vector of REAL, or null. */
    Require optionalColumn(String argument, Tensor tensor, int rows) {
        return tensor == null ? this : column(argument, tensor, rows);
    }

    /** Requires a dense column vector of REAL. */
    Require column(String argument, Tensor tensor, int rows) {
        return real(argument, tensor, rows, 1).dense(argument, tensor);
    }

    Require typed(String argument, Tensor tensor, ElementType type, int rows, int cols) {
        open(argument, tensor);
        if (tensor.type() != type) {
            throw fail(argument + " holds " + tensor.type() + ", not " + type);
        }
        if (tensor.rows() != rows || tensor.cols() != cols) {
            throw fail(argument + " is " + tensor.shape() + ", not " + rows + " × " + cols);
        }
        return this;
    }

    Require open(String argument, Tensor tensor) {
        if (tensor == null) {
            throw fail(argument + " is missing");
        }
        tensor.buffer().requireOpen();
        if (!owned.test(tensor.buffer())) {
            throw fail(argument + " belongs to another backend");
        }
        return this;
    }

    Require dense(String argument, Tensor tensor) {
        return that(tensor.isContiguous(), argument + " has gaps between its rows");
    }

    Require that(boolean holds, String otherwise) {
        if (!holds) {
            throw fail(otherwise);
        }
        return this;
    }

    /** Requires the patches of so many pictures, without gaps. */
    Require patches(String argument, Tensor tensor, int pictures, Patches patches) {
        long rows = (long) pictures * patches.count();
        that(rows <= Integer.MAX_VALUE, argument + " of " + pictures + " pictures has more than 2^31 rows");
        return real(argument, tensor, (int) rows, patches.size()).dense(argument, tensor);
    }

    /** Requires samples · batch rows and returns the number of samples of each example. */
    int samples(String argument, Tensor tensor, int batch) {
        that(
                tensor.rows() % batch == 0,
                argument + " has " + tensor.rows() + " rows, not a multiple of the batch of " + batch);
        return tensor.rows() / batch;
    }

    /** Requires an output that shares no memory with the other arguments; null ones are passed over. */
    Require requireDisjoint(String argument, Tensor output, Tensor... others) {
        if (output != null) {
            for (Tensor other : others) {
                that(other == null || !output.overlaps(other), argument + " overlaps another argument");
            }
        }
        return this;
    }

    Require noise(NoiseSource noise, int rows, int cols) {
        if (noise.given() != null) {
            return real("noise", noise.given(), rows, cols);
        }
        that(
                ((long) noise.firstRow() + rows) * cols <= 1L << 34,
                "the noise has more than 2^34 values"
                        + (noise.firstRow() == 0 ? "" : ", those of rows before these included"));
        return clock(noise.clock());
    }

    Require clock(Clock clock) {
        return open("clock", clock.counters());
    }

    Require schedule(Schedule schedule) {
        return open("schedule", schedule.table()).clock(schedule.clock());
    }

    private IllegalArgumentException fail(String problem) {
        return new IllegalArgumentException(op + ": " + problem);
    }
}
