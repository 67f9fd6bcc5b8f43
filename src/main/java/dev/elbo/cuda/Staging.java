package dev.elbo.cuda;

import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.DeviceMemory;
import dev.elbo.cuda.driver.Event;
import dev.elbo.cuda.driver.PinnedMemory;
import dev.elbo.cuda.driver.Stream;
import dev.elbo.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * The copies of Java arrays to the device and back, through pinned memory on the backend's own stream: ordered with
 * everything queued there, which a copy from the array itself would not be, and without keeping the garbage collector
 * out meanwhile. A copy to the device is queued and not waited for: its half of the memory is filled up by further
 * ones, and only when both halves are full does one wait for the copies that still read the other.
 */
final class Staging {
    private static final int HALF = 2 << 20;
    /** The alignment of values of every type, in bytes. */
    private static final int ALIGNMENT = Double.BYTES;

    private final Stream stream;
    private final PinnedMemory pinned;
    /** The events after the last copy out of each half. */
    private final Event[] copied;

    private int half;
    private int used;

    Staging(Context context, Stream stream) {
        this.stream = stream;
        this.pinned = new PinnedMemory(context, 2 * HALF);
        this.copied = new Event[] {new Event(context), new Event(context)};
    }

    void copyIn(DeviceMemory memory, ElementType type, long at, Object source, int from, int count) {
        int bytes = CudaBuffer.bytes(type);
        int now;
        for (int done = 0; done < count; done += now) {
            if (used == HALF) {
                turn();
            }
            now = Math.min((HALF - used) / bytes, count - done);
            int start = half * HALF + used;
            put(values(start), source, from + done, now, type);
            stream.copyToDevice(memory, (at + done) * bytes, pinned, start, (long) now * bytes);
            used += (now * bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
    }

    private void turn() {
        stream.record(copied[half]);
        half = 1 - half;
        used = 0;
        copied[half].synchronize();
    }

    void copyOut(DeviceMemory memory, ElementType type, long at, Object target, int to, int count) {
        int bytes = CudaBuffer.bytes(type);
        int most = 2 * HALF / bytes;
        for (int done = 0; done < count; done += most) {
            int now = Math.min(most, count - done);
            stream.copyToHost(pinned, memory, (at + done) * bytes, (long) now * bytes);
            stream.synchronize();
            get(values(0), target, to + done, now, type);
        }
        if (count == 0) {
            stream.synchronize();
        }
        // nothing is under way any more
        used = 0;
    }

    private ByteBuffer values(int start) {
        ByteBuffer all = pinned.buffer();
        return all.slice(start, all.capacity() - start).order(all.order());
    }

    private static void put(ByteBuffer buffer, Object source, int from, int count, ElementType type) {
        if (source instanceof float[] floats) {
            buffer.asFloatBuffer().put(floats, from, count);
        } else if (source instanceof int[] ints) {
            buffer.asIntBuffer().put(ints, from, count);
        } else if (source instanceof byte[] values) {
            buffer.put(values, from, count);
        } else if (type == ElementType.FLOAT64) {
            buffer.asDoubleBuffer().put((double[]) source, from, count);
        } else {
            double[] doubles = (double[]) source;
            FloatBuffer floats = buffer.asFloatBuffer();
            for (int i = 0; i < count; i++) {
                floats.put(i, (float) doubles[from + i]);
            }
        }
    }

    private static void get(ByteBuffer buffer, Object target, int to, int count, ElementType type) {
        if (target instanceof float[] floats) {
            buffer.asFloatBuffer().get(floats, to, count);
        } else if (target instanceof int[] ints) {
            buffer.asIntBuffer().get(ints, to, count);
        } else if (target instanceof byte[] values) {
            buffer.get(values, to, count);
        } else if (type == ElementType.FLOAT64) {
            buffer.asDoubleBuffer().get((double[]) target, to, count);
        } else {
            double[] doubles = (double[]) target;
            FloatBuffer floats = buffer.asFloatBuffer();
            for (int i = 0; i < count; i++) {
                doubles[to + i] = floats.get(i);
            }
        }
    }
}
