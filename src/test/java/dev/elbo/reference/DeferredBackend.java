package dev.elbo.reference;

import dev.elbo.backend.AllOperations;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.HostBackend;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * The reference as a device that works behind the caller's back: operations run when somebody waits for them, and no
 * sooner; copies of upload buffers run as early or as late as their contract lets them. What the contract leaves undefined is
 * poisoned: a slot that was released, host memory that is handed out.
 */
public final class DeferredBackend extends HostBackend {
    /** When copies run. */
    public enum Copies {
        /** When they are sent, as far as the last release lets them. */
        EARLY,
        /** When an operation behind them runs, or the host waits for them. */
        LATE
    }

    /** A caller that does not keep to the contract. */
    public enum Fault {
        NONE,
        /** Never releases a slot. */
        NO_RELEASE,
        /** Fills host memory without waiting for the copy out of it. */
        NO_WAIT,
        /** Releases a slot before the operations that use it are queued. */
        EARLY_RELEASE
    }

    private final Copies copies;
    private final Fault fault;
    private final int stepsPerProgram;
    private final long freeMemory;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private long queued;
    private long done;
    private int sends;
    private int uploads;

    public DeferredBackend(Copies copies, Fault fault, int stepsPerProgram, long freeMemory) {
        this.copies = copies;
        this.fault = fault;
        this.stepsPerProgram = stepsPerProgram;
        this.freeMemory = freeMemory;
    }

    /** How often something was sent. */
    public int sends() {
        return sends;
    }

    /** How many upload buffers were made. */
    public int uploads() {
        return uploads;
    }

    private void enqueue(Runnable command) {
        queue.add(command);
        queued++;
    }

    private void runUntil(long count) {
        while (done < count) {
            done++;
            queue.remove().run();
        }
    }

    @Override
    public String name() {
        return "deferred";
    }

    @Override
    public String description() {
        return "the reference, later";
    }

    @Override
    public double unitRoundoff() {
        return 0x1p-53;
    }

    @Override
    public int stepsPerProgram() {
        return stepsPerProgram;
    }

    @Override
    public long freeMemory() {
        return freeMemory;
    }

    @Override
    protected RawOps raw() {
        RawOps reference = new ReferenceBackend().raw();
        return AllOperations.proxy((op, args) -> {
            Object[] inner = Arrays.stream(args).map(DeferredBackend::unwrap).toArray();
            Runnable command = AllOperations.call(reference, op, inner);
            return () -> enqueue(command);
        });
    }

    private static Object unwrap(Object arg) {
        if (arg instanceof Tensor tensor) {
            return unwrap(tensor);
        }
        if (arg instanceof Clock clock) {
            return unwrap(clock);
        }
        if (arg instanceof Schedule schedule) {
            return new Schedule(unwrap(schedule.table()), unwrap(schedule.clock()));
        }
        if (arg instanceof NoiseSource noise) {
            return new NoiseSource(
                    noise.given() == null ? null : unwrap(noise.given()),
                    noise.seed(),
                    noise.stream(),
                    noise.clock() == null ? null : unwrap(noise.clock()),
                    noise.rowsOfData(),
                    noise.firstRow());
        }
        return arg;
    }

    private static Tensor unwrap(Tensor tensor) {
        return new Tensor(
                ((Deferred) tensor.buffer()).inner, tensor.offset(), tensor.rows(), tensor.cols(), tensor.stride());
    }

    private static Clock unwrap(Clock clock) {
        return new Clock(unwrap(clock.counters()));
    }

    @Override
    protected Buffer newBuffer(ElementType type, int size, Set<Buffer> open) {
        return new Deferred(type, size, open);
    }

    /** Memory that whoever reads it waits for; what is written is taken at once and arrives in its turn. */
    private final class Deferred extends Buffer {
        private final HostBuffer inner;

        Deferred(ElementType type, int size, Set<Buffer> open) {
            super(type, size, open);
            inner = new HostBuffer(type, double.class, size, new HashSet<>());
        }

        @Override
        protected void copyIn(long at, Object source, int from, int count) {
            Object now = Array.newInstance(source.getClass().getComponentType(), count);
            System.arraycopy(source, from, now, 0, count);
            enqueue(() -> inner.write(at, now, 0, count));
        }

        @Override
        protected void copyOut(long at, Object target, int to, int count) {
            runUntil(queued);
            inner.read(at, target, to, count);
        }

        @Override
        protected void release() {
            runUntil(queued);
            inner.close();
        }
    }

    @Override
    public UploadBuffers uploadBuffers(ElementType type, int rows, int cols) {
        uploads++;
        return new DeferredUploadBuffers(this, type, rows, cols);
    }

    /** Plain upload buffers over plain memory, whose sends come later. */
    private final class DeferredUploadBuffers implements UploadBuffers {
        private final Tensor[] slots = new Tensor[SLOTS];
        private final ReferenceBackend plain = new ReferenceBackend();
        private final UploadBuffers inner;
        private final long[] released = new long[SLOTS];
        private final long[] copied = new long[SLOTS];

        DeferredUploadBuffers(Backend backend, ElementType type, int rows, int cols) {
            inner = plain.uploadBuffers(type, rows, cols);
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = backend.allocate(type, rows, cols);
                poison(i);
            }
        }

        @Override
        public Tensor slot(int i) {
            return slots[i];
        }

        @Override
        public ByteBuffer hostBuffer(int i) {
            ByteBuffer host = inner.hostBuffer(i);
            if (fault != Fault.NO_WAIT) {
                runUntil(copied[i]);
                for (int at = 0; at < host.capacity(); at++) {
                    host.put(at, (byte) 0xff);
                }
            }
            return host;
        }

        @Override
        public void upload(int i, int rows) {
            sends++;
            if (copies == Copies.EARLY) {
                runUntil(released[i]);
                copy(i, rows);
            } else {
                enqueue(() -> copy(i, rows));
                copied[i] = queued;
            }
            if (fault == Fault.EARLY_RELEASE) {
                released[i] = queued;
            }
        }

        private void copy(int i, int rows) {
            inner.upload(i, rows);
            int count = Math.toIntExact(rows * (long) slots[i].cols());
            Object values = slots[i].type() == ElementType.UINT8 ? new byte[count] : new double[count];
            inner.slot(i).buffer().read(0, values, 0, count);
            memory(i).write(0, values, 0, count);
        }

        private Buffer memory(int i) {
            return ((Deferred) slots[i].buffer()).inner;
        }

        @Override
        public void release(int i) {
            if (fault == Fault.NONE || fault == Fault.NO_WAIT) {
                enqueue(() -> poison(i));
                released[i] = queued;
            }
        }

        private void poison(int i) {
            int count = Math.toIntExact(slots[i].size());
            if (slots[i].type() == ElementType.UINT8) {
                byte[] values = new byte[count];
                Arrays.fill(values, (byte) 0xff);
                memory(i).write(0, values, 0, count);
            } else {
                double[] values = new double[count];
                Arrays.fill(values, Double.NaN);
                memory(i).write(0, values, 0, count);
            }
        }

        @Override
        public void close() {
            runUntil(queued);
            for (Tensor slot : slots) {
                slot.buffer().close();
            }
            inner.close();
            plain.close();
        }
    }
}
