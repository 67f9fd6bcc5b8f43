package dev.elbo.backend;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;

/** The upload buffers of a host backend: operations run when they are called, so uploads arrive at once. */
final class HostUploadBuffers implements UploadBuffers {
    private final Tensor[] slots = new Tensor[SLOTS];
    private final ByteBuffer[] hosts = new ByteBuffer[SLOTS];
    private final FloatBuffer[] floats = new FloatBuffer[SLOTS];
    private final int cols;
    private final float[] row;
    private boolean closed;

    HostUploadBuffers(Backend backend, ElementType type, int rows, int cols) {
        if (type != ElementType.UINT8 && type != ElementType.REAL) {
            throw new IllegalArgumentException("upload buffers hold UINT8 or REAL, not " + type);
        }
        this.cols = cols;
        this.row = type == ElementType.REAL ? new float[cols] : null;
        long bytes = (long) rows * cols * (type == ElementType.REAL ? Float.BYTES : 1);
        try {
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = backend.allocate(type, rows, cols);
                hosts[i] = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
                floats[i] = hosts[i].asFloatBuffer();
            }
        } catch (ArithmeticException | OutOfMemoryError e) {
            close();
            throw ElboException.unavailable(
                    "no memory for upload buffers of 2 × " + bytes + " bytes on the " + backend.name()
                            + " backend; use a smaller batch, or raise -Xmx",
                    e);
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    @Override
    public Tensor slot(int i) {
        return slots[open(i)];
    }

    @Override
    public ByteBuffer hostBuffer(int i) {
        return hosts[open(i)];
    }

    @Override
    public void upload(int i, int rows) {
        Tensor slot = slots[open(i)];
        if (rows < 1) {
            throw new IndexOutOfBoundsException("upload of " + rows + " rows, at least 1 is needed");
        }
        Objects.checkFromIndexSize(0, rows, slot.rows());
        if (row == null) {
            slot.buffer().write(slot.offset(), hosts[i].array(), 0, rows * cols);
            return;
        }
        for (int r = 0; r < rows; r++) {
            floats[i].get(r * cols, row);
            slot.buffer().write(slot.offset() + (long) r * cols, row, 0, cols);
        }
    }

    @Override
    public void release(int i) {
        open(i);
    }

    private int open(int i) {
        if (closed) {
            throw new IllegalStateException("upload buffers are closed");
        }
        return Objects.checkIndex(i, SLOTS);
    }

    @Override
    public void close() {
        closed = true;
        for (Tensor slot : slots) {
            if (slot != null) {
                slot.buffer().close();
            }
        }
    }
}
