package dev.elbo.cuda;

import dev.elbo.backend.Clock;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.SerialBackend;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The CUDA operations without a device: launches are made, held against the PTX and listed, but not run, nor are programs. */
final class LaunchRecorder extends SerialBackend {
    /** In the order in which they were queued. */
    final List<Node> nodes = new ArrayList<>();

    /** Where sums of two stages would lie. */
    static final long SCRATCH = 1L << 41;

    private long nextAddress = 1L << 40;

    @Override
    public String name() {
        return "launches";
    }

    @Override
    public String description() {
        return "no device";
    }

    @Override
    public double unitRoundoff() {
        return 0x1p-24;
    }

    @Override
    public Buffer allocate(ElementType type, long size) {
        return newBuffer(type, size, open);
    }

    private Buffer newBuffer(ElementType type, long size, Set<Buffer> among) {
        long address = nextAddress;
        nextAddress += (size * CudaBuffer.bytes(type) + 511) / 256 * 256;
        return new CudaBuffer(type, size, among, address, new CudaBuffer.Transfers() {
            @Override
            public void copyIn(ElementType type, long at, Object source, int from, int count) {
                // there is no memory behind the address
            }

            @Override
            public void copyOut(ElementType type, long at, Object target, int to, int count) {
                throw new IllegalStateException("there is no memory behind the address");
            }

            @Override
            public void release() {
                // nothing was taken
            }
        });
    }

    private final KernelLauncher launcher = KernelLauncher.kept(Kernels.unloaded());
    private final Clocks clocks = newClocks();
    private final OperationQueue queue = new OperationQueue(
            launcher, count -> new AddressRange(SCRATCH, SCRATCH + count * Double.BYTES), clocks, Made::new);

    private final class Made implements Runnable {
        private final RecordedOperation made;

        Made(RecordedOperation made) {
            this.made = made;
        }

        @Override
        public void run() {
            nodes.addAll(made.nodes());
        }
    }

    private Clocks newClocks() {
        int size = Clocks.CAPACITY * Clock.SIZE;
        return new Clocks(
                Tensor.of(newBuffer(ElementType.INT32, size, ConcurrentHashMap.newKeySet()), 1, size), launcher);
    }

    @Override
    protected RawOps raw() {
        return queue.operations();
    }

    @Override
    protected void beginRecording() {
        clocks.begin();
    }

    @Override
    protected void endRecording() {
        clocks.forget();
    }

    /** The launches among the nodes. */
    List<Launch> launches() {
        return nodes.stream()
                .map(Node::work)
                .filter(Launch.class::isInstance)
                .map(Launch.class::cast)
                .toList();
    }

    @Override
    protected Executable compile(Runnable[] commands) {
        nodes.addAll(new Fusion(queue)
                .nodes(Arrays.stream(commands).map(made -> ((Made) made).made).toList()));
        nodes.addAll(clocks.end());
        return () -> {};
    }

    @Override
    public long freeMemory() {
        return Long.MAX_VALUE;
    }

    @Override
    public int stepsPerProgram() {
        return 1;
    }

    @Override
    public UploadBuffers uploadBuffers(ElementType type, int rows, int cols) {
        throw new IllegalStateException("upload buffers need a device");
    }

    @Override
    public void synchronize() {
        // nothing runs
    }

    @Override
    protected void dispose() {
        // nothing was taken
    }
}
