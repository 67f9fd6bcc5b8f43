package dev.elbo.cost;

import dev.elbo.backend.Backend;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.SerialBackend;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A backend that counts work in place of another backend: its buffers have no memory, ignore writes and read as zeros,
 * and it records the work of the operations that run. A plan sends it the same requests as that backend, so its cost
 * needs no second derivation.
 */
public final class CountingBackend extends SerialBackend {
    private final Backend like;
    private final List<Work> done = new ArrayList<>();

    /** @param like the backend that it replaces; only queried, and not closed with it */
    public CountingBackend(Backend like) {
        this.like = like;
    }

    /** {@return launches that have run since the last call, in order} */
    public List<Work> takeWork() {
        List<Work> works = List.copyOf(done);
        done.clear();
        return works;
    }

    /** {@return bytes that the replaced backend uses itself, besides its buffers} */
    public long workspaceBytes() {
        return like.allocatedBytes()
                - like.openBuffers().stream().mapToLong(this::bytes).sum();
    }

    /** {@return bytes of an element of {@link ElementType#REAL}} */
    public int realBytes() {
        return bytes(ElementType.REAL);
    }

    @Override
    public String name() {
        return like.name();
    }

    @Override
    public String description() {
        return like.description();
    }

    @Override
    public double unitRoundoff() {
        return like.unitRoundoff();
    }

    @Override
    public double productRoundoff() {
        return like.productRoundoff();
    }

    @Override
    public long freeMemory() {
        return like.freeMemory();
    }

    @Override
    public long longestBuffer() {
        return like.longestBuffer();
    }

    @Override
    public int stepsPerProgram() {
        return like.stepsPerProgram();
    }

    /** @throws dev.elbo.error.ElboException unavailable, if that backend has no buffers of this length */
    @Override
    public Buffer allocate(ElementType type, long size) {
        requireOpen();
        requireLength(size);
        return new Counted(type, size, open);
    }

    private static final class Counted extends Buffer {
        Counted(ElementType type, long size, Set<Buffer> open) {
            super(type, size, open);
        }

        @Override
        protected void copyIn(long at, Object source, int from, int count) {}

        @Override
        protected void copyOut(long at, Object target, int to, int count) {}

        @Override
        protected void release() {}
    }

    @Override
    public UploadBuffers uploadBuffers(ElementType type, int rows, int cols) {
        return new CountedFeed(allocate(type, rows, cols), allocate(type, rows, cols));
    }

    /** Upload buffers without host memory, which send nothing. */
    private record CountedFeed(Tensor first, Tensor second) implements UploadBuffers {
        @Override
        public Tensor slot(int i) {
            return i == 0 ? first : second;
        }

        @Override
        public ByteBuffer hostBuffer(int i) {
            return ByteBuffer.allocate(0).order(ByteOrder.nativeOrder());
        }

        @Override
        public void upload(int i, int rows) {
            throw new IllegalStateException("upload buffers of a counting backend have nothing to upload");
        }

        @Override
        public void release(int i) {}

        @Override
        public void close() {
            first.buffer().close();
            second.buffer().close();
        }
    }

    @Override
    protected RawOps raw() {
        CountedOps ops = new CountedOps(done::addAll);
        return new RawOps(ops, ops, ops, ops, ops, ops, ops);
    }

    @Override
    protected Executable compile(Runnable[] commands) {
        return () -> {
            for (Runnable command : commands) {
                command.run();
            }
        };
    }

    @Override
    public void synchronize() {
        requireOpen();
    }
}
