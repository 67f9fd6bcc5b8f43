package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * A pass through a uploads, a chunk of several whole programs at a time. The next chunk is gathered once all operations on this
 * one are queued: the device never waits for the host to queue, and gathering, copying and computing go on side by side.
 *
 * <p>Rows within a slot are counted by a clock of the pass's own, so that the caller's clock, and with it all noise, is the
 * same wherever the data are.
 */
final class StreamedPass implements Pass {
    /** Bytes that are worth a copy of their own. */
    static final long MIN_CHUNK = 64 << 10;
    /** Bytes of a chunk, unless a single batch has more. */
    static final long LARGEST_CHUNK = 64 << 20;

    private final Backend backend;
    private final Dataset data;
    private final boolean ordered;
    private final int steps;
    /** Rows of a chunk: whole programs, or all examples. */
    final int chunk;

    private final Closer closer = new Closer();
    private final FloatBuffer[] floats = new FloatBuffer[UploadBuffers.SLOTS];
    private final UploadBuffers uploads;
    private final float[] labels;
    /** Those of the labels; null without. */
    private final UploadBuffers labelUploads;

    private final Clock place;
    private final Program rewind;
    private int[] order;
    private int sent;
    private int slot;
    private int left;

    StreamedPass(Backend backend, Dataset data, float[] labels, int batch, int steps, boolean ordered) {
        this.backend = backend;
        this.data = data;
        this.labels = labels;
        this.ordered = ordered;
        long bytes = batch * DataPlacement.rowBytes(data);
        if (bytes > Integer.MAX_VALUE) {
            throw ElboException.unavailable("a batch of " + batch + " examples of " + data.name() + " takes " + bytes
                    + " bytes, more than can be streamed at once; use a smaller batch");
        }
        this.steps = (int) Math.max(1, Math.min(steps, LARGEST_CHUNK / bytes));
        long program = this.steps * bytes;
        long programs = (MIN_CHUNK + program - 1) / program;
        this.chunk = (int) Math.min(data.size(), programs * this.steps * batch);
        try {
            uploads = closer.register(backend.uploadBuffers(ResidentData.type(data), chunk, data.features()));
            labelUploads = labels == null ? null : closer.register(backend.uploadBuffers(ElementType.REAL, chunk, 1));
            place = Clock.allocate(backend);
            closer.register(place.counters());
            rewind = closer.register(backend.record(() -> backend.ops().advance(place, 0, -chunk, 0, 0)));
            for (int i = 0; i < UploadBuffers.SLOTS; i++) {
                floats[i] = data.isBytes() ? null : uploads.hostBuffer(i).asFloatBuffer();
            }
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private int chunks() {
        return (data.size() - 1) / chunk + 1;
    }

    @Override
    public int slots() {
        return Math.min(UploadBuffers.SLOTS, chunks());
    }

    @Override
    public int lastSlot() {
        return (chunks() - 1) % UploadBuffers.SLOTS;
    }

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public void gather(int slot, Clock clock, int first, NoiseSource binarize, Tensor x, Tensor classes) {
        backend.ops().gather(uploads.slot(slot), null, place, data.scale(), binarize, x);
        if (ClassColumn.tells(labels != null, classes)) {
            backend.ops().gather(labelUploads.slot(slot), null, place, 1, null, classes);
        }
        backend.ops().advance(place, 0, x.rows(), 0, 0);
    }

    @Override
    public void start(int[] order, int firstRow) {
        ResidentData.requireOrder(order, ordered, data.size());
        Objects.checkIndex(firstRow, data.size());
        if (left > 0) {
            release(); // the pass before this one broke off
        }
        this.order = order;
        int before = firstRow / chunk;
        place.set(0, firstRow % chunk, 0, 0);
        sent = before * chunk;
        slot = before % UploadBuffers.SLOTS;
        fill();
        left -= firstRow % chunk;
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public void submitted(int rows) {
        if (rows > left) {
            throw new IllegalStateException(rows + " rows were submitted, but only " + left + " are left of the chunk");
        }
        left -= rows;
        if (left == 0) {
            release();
            if (sent < data.size()) {
                rewind.run();
                slot = (slot + 1) % UploadBuffers.SLOTS;
                fill();
            }
        }
    }

    private void release() {
        uploads.release(slot);
        if (labels != null) {
            labelUploads.release(slot);
        }
    }

    private void fill() {
        int rows = Math.min(chunk, data.size() - sent);
        ByteBuffer host = uploads.hostBuffer(slot);
        if (order == null) {
            copy(host, 0, sent, rows);
        } else {
            for (int i = 0; i < rows; i++) {
                copy(host, i, order[sent + i], 1);
            }
        }
        uploads.upload(slot, rows);
        if (labels != null) {
            fillLabels(rows);
        }
        sent += rows;
        left = rows;
    }

    private void fillLabels(int rows) {
        FloatBuffer host = labelUploads.hostBuffer(slot).asFloatBuffer();
        for (int i = 0; i < rows; i++) {
            host.put(i, labels[order == null ? sent + i : order[sent + i]]);
        }
        labelUploads.upload(slot, rows);
    }

    /** Copies rows {@code from} and on of the data to row {@code to} and on of the slot. */
    private void copy(ByteBuffer host, int to, int from, int rows) {
        if (data.isBytes()) {
            data.rows().copy(from, rows, host, to * data.features());
        } else {
            data.rows().copy(from, rows, floats[slot], to * data.features());
        }
    }

    @Override
    public void close() {
        closer.close();
    }
}
