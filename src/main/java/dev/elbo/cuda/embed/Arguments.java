package dev.elbo.cuda.embed;

import dev.elbo.backend.Schedule;
import dev.elbo.cuda.KernelLauncher;
import dev.elbo.cuda.driver.Address;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.cuda.driver.PointerFacts;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * The arguments of a call, checked before anything is queued: there, aligned, inside the address space, outputs apart
 * from everything else. All are of 4-byte elements. Kept by its operation and filled anew for each call.
 */
final class Arguments {
    private static final int MAX_ARGUMENTS = 12;
    private static final int BYTES = 4;

    /** Launches with arguments of their own. */
    final KernelLauncher launches;

    private final ElboKernels kernels;
    private final String op;
    private final String[] names = new String[MAX_ARGUMENTS];
    private final long[] first = new long[MAX_ARGUMENTS];
    private final long[] end = new long[MAX_ARGUMENTS];
    /** Bytes of a row, and from one to the next. */
    private final long[] row = new long[MAX_ARGUMENTS];

    private final long[] step = new long[MAX_ARGUMENTS];
    private final boolean[] written = new boolean[MAX_ARGUMENTS];
    private int count;
    private CUstream stream;

    /**
     * @param op the operation and its shape, for messages
     * @param sizes of its arguments, each at least 1
     */
    Arguments(ElboKernels kernels, String op, long... sizes) {
        this.kernels = kernels;
        this.op = op;
        for (long size : sizes) {
            require(size >= 1, "sizes must be at least 1");
        }
        this.launches = kernels.launches();
    }

    /** Returns K·B as an int. */
    int rows(int batch, int samples) {
        long rows = (long) batch * samples;
        require(rows <= Integer.MAX_VALUE, rows + " rows are more than " + Integer.MAX_VALUE);
        return (int) rows;
    }

    static <T> T requireNonNull(String op, String name, T value) {
        if (value == null) {
            throw new IllegalArgumentException(op + ": " + name + " is null");
        }
        return value;
    }

    /** Begins a new call on this stream. */
    void begin(CUstream on) {
        kernels.requireOpen(op);
        count = 0;
        stream = on;
        if (!kernels.asksDriver()) {
            return;
        }
        Context context = kernels.context();
        if (!context.isCurrent()) {
            context.requireThere();
            throw new IllegalStateException(op + ": another context than that of the kernels is current in thread "
                    + Thread.currentThread().getName());
        }
        if (stream != null && !context.owns(stream)) {
            throw new IllegalStateException(op + ": the stream is not one of the kernels' context, or was destroyed");
        }
    }

    /** Queues a launch in the stream of this call. */
    void queue(Launch launch) {
        launch.on(kernels.context(), stream);
    }

    KernelLauncher.Matrix read(String name, CUdeviceptr pointer, int rows, int cols, long stride) {
        return new KernelLauncher.Matrix(take(name, pointer, rows, cols, stride, false), stride);
    }

    KernelLauncher.Matrix written(String name, CUdeviceptr pointer, int rows, int cols, long stride) {
        return new KernelLauncher.Matrix(take(name, pointer, rows, cols, stride, true), stride);
    }

    KernelLauncher.Matrix optionalWritten(String name, CUdeviceptr pointer, int rows, int cols, long stride) {
        return pointer == null ? KernelLauncher.Matrix.NONE : written(name, pointer, rows, cols, stride);
    }

    long read(String name, CUdeviceptr pointer, long elements) {
        return take(name, pointer, 1, elements, elements, false);
    }

    long written(String name, CUdeviceptr pointer, long elements) {
        return take(name, pointer, 1, elements, elements, true);
    }

    long optionalRead(String name, CUdeviceptr pointer, long elements) {
        return pointer == null ? 0 : read(name, pointer, elements);
    }

    long optionalWritten(String name, CUdeviceptr pointer, long elements) {
        return pointer == null ? 0 : written(name, pointer, elements);
    }

    KernelLauncher.Noise noise(DeviceNoise noise, int rows, int cols) {
        requireNonNull(op, "noise", noise);
        KernelLauncher.Matrix given = KernelLauncher.Matrix.NONE;
        long clock = 0;
        if (noise.given != null) {
            given = read("noise", noise.given, rows, cols, noise.stride == 0 ? cols : noise.stride);
        } else {
            require((long) rows * cols <= 1L << 34, "more than 2^34 normals in one draw");
            clock = read("the noise's clock", noise.clock, DeviceNoise.CLOCK);
        }
        int firstRow = noise.rowsOfData ? KernelLauncher.Noise.ROW_OF_CLOCK : 0;
        return new KernelLauncher.Noise(given, noise.seed, noise.stream.id(), firstRow, clock);
    }

    KernelLauncher.Schedule schedule(DeviceSchedule schedule) {
        requireNonNull(op, "schedule", schedule);
        return new KernelLauncher.Schedule(
                read("the schedule's table", schedule.table(), (long) schedule.rows() * Schedule.COLUMNS),
                read("the schedule's clock", schedule.clock(), DeviceNoise.CLOCK));
    }

    void require(boolean holds, String otherwise) {
        if (!holds) {
            throw fail(otherwise);
        }
    }

    IllegalArgumentException fail(String problem) {
        return new IllegalArgumentException(op + ": " + problem);
    }

    private long take(String name, CUdeviceptr pointer, long rows, long cols, long stride, boolean isWritten) {
        long address = pointer == null ? 0 : Address.of(pointer);
        if (address == 0) {
            throw fail(name + " is null");
        }
        if (address % BYTES != 0) {
            throw fail(name + " at 0x" + Long.toHexString(address) + " is not a multiple of 4 bytes");
        }
        if (stride < cols || stride > Long.MAX_VALUE / (2 * BYTES) / rows) {
            throw fail(name + " is " + rows + " × " + cols + ", and cannot have a stride of " + stride);
        }
        long bytes = ((rows - 1) * stride + cols) * BYTES;
        if (kernels.asksDriver()) {
            requireMemory(name, pointer, address, bytes);
        }
        names[count] = name;
        first[count] = address;
        end[count] = address + bytes;
        row[count] = cols * BYTES;
        // a single row is never beside itself
        step[count] = rows == 1 ? bytes : stride * BYTES;
        written[count] = isWritten;
        count++;
        return address;
    }

    private void requireMemory(String name, CUdeviceptr pointer, long address, long bytes) {
        PointerFacts facts = PointerFacts.of(kernels.context(), pointer);
        String where = name + " at 0x" + Long.toHexString(address);
        if (facts == null) {
            throw fail(where + " is not device memory, or was freed");
        }
        if (facts.context() != 0 && !kernels.context().is(facts.context())) {
            throw fail(where + " is memory of another context");
        }
        long left = facts.base() + facts.bytes() - address;
        if (bytes > left) {
            throw fail(
                    where + " needs " + bytes + " bytes, " + left + " are left of an allocation of " + facts.bytes());
        }
    }

    /** Checks, when all are there, that no written element is shared with another argument. */
    void requireDisjoint() {
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < i; j++) {
                if ((written[i] || written[j]) && overlap(i, j)) {
                    throw fail(names[written[i] ? i : j] + " overlaps " + names[written[i] ? j : i]);
                }
            }
        }
    }

    private boolean overlap(int i, int j) {
        if (end[i] <= first[j] || end[j] <= first[i]) {
            return false;
        }
        if (step[i] != step[j]) {
            return true;
        }
        // columns of one matrix side by side
        long column = Math.floorMod(first[j] - first[i], step[i]);
        return column < row[i] || column + row[j] > step[i];
    }
}
