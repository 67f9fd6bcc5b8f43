package dev.elbo.cuda;

import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.DeviceMemory;
import dev.elbo.cuda.driver.PinnedMemory;
import dev.elbo.cuda.driver.Stream;
import dev.elbo.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Java arrays to the device and back, by way of pinned memory on the backend's own stream: ordered with everything queued
 * there, which a copy from the array itself would not be, and without keeping the garbage collector out meanwhile.
 */
final class Staging {
    private static final int BYTES = 4 << 20;

    private final Stream stream;
    private final PinnedMemory pinned;

    Staging(Context context, Stream stream) {
        this.stream = stream;
        this.pinned = new PinnedMemory(context, BYTES);
    }

    void copyIn(DeviceMemory memory, ElementType type, long at, Object source, int from, int count) {
        int bytes = CudaBuffer.bytes(type);
        int most = BYTES / bytes;
        for (int done = 0; done < count; done += most) {
            int now = Math.min(most, count - done);
            put(pinned.buffer().clear(), source, from + done, now, type);
            stream.copyToDevice(memory, (at + done) * bytes, pinned, (long) now * bytes);
            stream.synchronize();
        }
    }

    void copyOut(DeviceMemory memory, ElementType type, long at, Object target, int to, int count) {
        int bytes = CudaBuffer.bytes(type);
        int most = BYTES / bytes;
        for (int done = 0; done < count; done += most) {
            int now = Math.min(most, count - done);
            stream.copyToHost(pinned, memory, (at + done) * bytes, (long) now * bytes);
            stream.synchronize();
            get(pinned.buffer().clear(), target, to + done, now, type);
        }
        if (count == 0) {
            stream.synchronize();
        }
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
