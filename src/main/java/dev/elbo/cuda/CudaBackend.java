package dev.elbo.cuda;

import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Precision;
import dev.elbo.backend.ProgramCounts;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.SerialBackend;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.cuda.driver.Blas;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.Device;
import dev.elbo.cuda.driver.DeviceMemory;
import dev.elbo.cuda.driver.Event;
import dev.elbo.cuda.driver.Graph;
import dev.elbo.cuda.driver.Stream;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The float32 backend for NVIDIA GPUs: the kernels of {@code kernels/} and products by cuBLAS, on one stream of the
 * device's primary context; programs are graphs, which have up to three branches where the data allow. Operations are
 * queued and run behind the call; reading waits for them. Any thread may use it, one at a time: the context is made
 * current for each use, and the thread gets back what it had.
 */
public final class CudaBackend extends SerialBackend {
    private static final System.Logger LOG = System.getLogger(CudaBackend.class.getName());

    /** The workspaces that cuBLAS recommends for Hopper and newer, and for older devices. */
    private static final long WORKSPACE_OF_HOPPER = 32 << 20;

    private static final long WORKSPACE = 4 << 20;
    /** Doubles of the first scratch area: enough for all but very large layers. */
    private static final long SCRATCH = 1 << 16;

    /** Steps recorded into a graph: so many that its launch costs a step almost nothing. */
    private static final int STEPS_OF_GRAPH = 16;

    private final CudaSettings settings;
    private final Context context;
    private final Stream stream;
    /** A cuBLAS for each stream of programs; everything else goes to the first one. */
    private final List<Blas> streams = new ArrayList<>();

    private final Staging staging;
    private final Clocks clocks;
    private final OperationQueue queue;
    private DeviceMemory scratch;
    private long scratchUsed;
    private final boolean tf32Forced;
    /** The components of {@link ProgramCounts}, as plain numbers, so that a replay makes no garbage. */
    private final long[] counts = new long[4];

    /**
     * Opens a device.
     *
     * @param ordinal its number
     * @throws ElboException unavailable, if there is no driver, no such device, or no cuBLAS, or if one of them is too old
     */
    public static CudaBackend open(int ordinal, CudaSettings settings) {
        List<Device> devices = Device.all();
        if (devices.isEmpty()) {
            throw ElboException.unavailable("the CUDA driver shows no device to this process"
                    + " (CUDA_VISIBLE_DEVICES, or no GPU); run Backends.diagnose(0)");
        }
        if (ordinal >= devices.size()) {
            throw ElboException.unavailable(
                    "there is no cuda:" + ordinal + "; the devices are cuda:0 to cuda:" + (devices.size() - 1));
        }
        Device device = devices.get(ordinal);
        Kernels.requireSupported(device);
        if (settings.precision() != Precision.FP32 && device.major() < 8) {
            throw ElboException.unavailable("precision "
                    + settings.precision() + " needs compute capability 8.0 or newer, "
                    + device.label() + " has " + device.capability() + "; use fp32");
        }
        return new CudaBackend(device, settings);
    }

    private CudaBackend(Device device, CudaSettings settings) {
        this.settings = settings;
        this.context = Context.of(device);
        try {
            context.push();
            try {
                for (int i = 0; i < settings.streams(); i++) {
                    streams.add(newStream(device));
                }
                stream = streams.get(0).stream();
                KernelLauncher launches = KernelLauncher.kept(Kernels.load(context));
                clocks = newClocks(launches);
                staging = new Staging(context, stream);
                scratch = new DeviceMemory(context, SCRATCH * Double.BYTES);
                queue = new OperationQueue(launches, this::scratch, clocks, Command::new);
            } finally {
                context.pop();
            }
            tf32Forced =
                    settings.precision() == Precision.FP32 && !streams.get(0).isExact();
            if (tf32Forced) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "products are rounded to TF32 although fp32 was asked for: the environment forces it"
                                + " (NVIDIA_TF32_OVERRIDE); unset it");
            }
        } catch (Throwable thrown) {
            try {
                context.close();
            } catch (RuntimeException e) {
                thrown.addSuppressed(e);
            }
            throw thrown;
        }
    }

    private Blas newStream(Device device) {
        long workspace = device.major() >= 9 ? WORKSPACE_OF_HOPPER : WORKSPACE;
        Stream own = new Stream(context);
        DeviceMemory memory = new DeviceMemory(context, workspace);
        return streams.isEmpty()
                ? Blas.open(context, own, settings.precision(), memory)
                : streams.get(0).beside(own, memory);
    }

    private Clocks newClocks(KernelLauncher launches) {
        int size = Clocks.CAPACITY * Clock.SIZE;
        DeviceMemory memory = new DeviceMemory(context, (long) size * Integer.BYTES);
        // for programs alone: not among the open buffers
        Buffer buffer = new CudaBuffer(
                ElementType.INT32, size, ConcurrentHashMap.newKeySet(), memory.address(), new OwnMemory(memory));
        return new Clocks(Tensor.of(buffer, 1, size), launches);
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String description() {
        Device device = context.device();
        return device.label() + ", compute capability " + device.capability()
                + ", driver "
                + Device.driverVersion() + ", cuBLAS " + streams.get(0).version() + ", "
                + settings.precision()
                + settings.peculiarities()
                + (tf32Forced ? " rounded to tf32 by the environment" : "");
    }

    @Override
    public String kernelHash() {
        return Kernels.hash();
    }

    @Override
    public double unitRoundoff() {
        return Precision.FP32.unitRoundoff();
    }

    @Override
    public double productRoundoff() {
        return settings.precision().unitRoundoff();
    }

    @Override
    protected void attach() {
        context.push();
    }

    @Override
    protected void detach() {
        context.pop();
    }

    @Override
    public Buffer allocate(ElementType type, long size) {
        requireOpen();
        requireLength(size);
        return newBuffer(newMemory(type, size), type, size);
    }

    private DeviceMemory newMemory(ElementType type, long size) {
        DeviceMemory[] memory = new DeviceMemory[1];
        exclusively(() -> {
            memory[0] = new DeviceMemory(context, Math.multiplyExact(size, CudaBuffer.bytes(type)));
            stream.clear(memory[0]);
        });
        return memory[0];
    }

    private Buffer newBuffer(DeviceMemory memory, ElementType type, long size) {
        return new CudaBuffer(type, size, open, memory.address(), new OwnMemory(memory));
    }

    @Override
    public long freeMemory() {
        long[] free = new long[1];
        exclusively(() -> free[0] = context.freeMemory());
        return free[0];
    }

    @Override
    public long allocatedBytes() {
        return context.memory();
    }

    @Override
    public int stepsPerProgram() {
        return settings.graphs() ? STEPS_OF_GRAPH : 1;
    }

    @Override
    public BackendTimer timer() {
        requireOpen();
        return new CudaBackendTimer(
                this, context, streams.get(0), () -> new ProgramCounts(counts[0], counts[1], counts[2], counts[3]));
    }

    @Override
    public UploadBuffers uploadBuffers(ElementType type, int rows, int cols) {
        requireOpen();
        return new CudaUploadBuffers(this, type, rows, cols);
    }

    /** Makes a slot of upload buffers: memory on the device that is also a buffer. */
    CudaUploadBuffers.Slot slot(ElementType type, int rows, int cols) {
        long size = (long) rows * cols;
        DeviceMemory memory = newMemory(type, size);
        Buffer buffer = newBuffer(memory, type, size);
        CudaUploadBuffers.Slot[] slot = new CudaUploadBuffers.Slot[1];
        try {
            exclusively(
                    () -> slot[0] = new CudaUploadBuffers.Slot(context, stream, memory, Tensor.of(buffer, rows, cols)));
        } catch (Throwable thrown) {
            buffer.close();
            throw thrown;
        }
        return slot[0];
    }

    /** Calls {@link #exclusively}, for objects that belong to this backend. */
    void use(Runnable work) {
        exclusively(work);
    }

    /** Calls {@link #use}, unless the backend has freed everything already, or the device is lost. */
    void useIfAlive(Runnable work) {
        if (!isClosed() && !context.isDead()) {
            exclusively(work);
        }
    }

    private final class OwnMemory implements CudaBuffer.Transfers {
        private final DeviceMemory memory;

        OwnMemory(DeviceMemory memory) {
            this.memory = memory;
        }

        @Override
        public void copyIn(ElementType type, long at, Object source, int from, int count) {
            exclusively(() -> staging.copyIn(memory, type, at, source, from, count));
        }

        @Override
        public void copyOut(ElementType type, long at, Object target, int to, int count) {
            exclusively(() -> staging.copyOut(memory, type, at, target, to, count));
        }

        @Override
        public void release() {
            // a closing backend frees everything at once
            useIfAlive(memory::close);
        }
    }

    @Override
    protected RawOps raw() {
        return queue.operations();
    }

    /** An operation; alone it goes to the first stream. */
    private final class Command implements Runnable {
        private final RecordedOperation nodes;

        Command(RecordedOperation nodes) {
            this.nodes = nodes;
        }

        @Override
        public void run() {
            nodes.nodes().forEach(CudaBackend.this::run);
        }
    }

    private void run(Node node) {
        node.on(streams.get(0));
        if (settings.blocking()) {
            stream.synchronize();
        }
    }

    /**
     * Hands out stretches of the scratch memory in turn, so that neighbours of a program need not wait for each other; a stretch
     * stays where it is for the programs that hold it.
     */
    private AddressRange scratch(long count) {
        if (count > scratch.bytes() / Double.BYTES) {
            // the smaller one stays for the programs that hold it
            exclusively(() -> scratch = new DeviceMemory(context, count * Double.BYTES));
            scratchUsed = 0;
        }
        scratchUsed = scratchUsed + count > scratch.bytes() / Double.BYTES ? 0 : scratchUsed;
        long start = scratch.address() + scratchUsed * Double.BYTES;
        scratchUsed += count;
        return new AddressRange(start, start + count * Double.BYTES);
    }

    @Override
    protected void beginRecording() {
        clocks.begin();
    }

    @Override
    protected void endRecording() {
        clocks.forget();
    }

    @Override
    protected Executable compile(Runnable[] commands) {
        List<RecordedOperation> wanted = Arrays.stream(commands)
                .map(command -> ((Command) command).nodes)
                .toList();
        List<Node> nodes = settings.fusion() ? new Fusion(queue).nodes(wanted) : listed(wanted);
        nodes.addAll(clocks.end());
        if (!settings.graphs()) {
            return () -> nodes.forEach(this::run);
        }
        GraphScheduler scheduler = new GraphScheduler(nodes, streams.size());
        Graph graph = capture(scheduler, "a program of " + commands.length + " operations");
        ProgramCounts made =
                new ProgramCounts(graph.nodes(), nodes.size(), scheduler.criticalPathNodes(), scheduler.joins());
        return new Executable() {
            @Override
            public void run() {
                graph.launch(stream);
                counts[0] += made.launches();
                counts[1] += made.planned();
                counts[2] += made.criticalPathNodes();
                counts[3] += made.joins();
            }

            @Override
            public void release() {
                useIfAlive(graph::close);
            }
        };
    }

    private static List<Node> listed(List<RecordedOperation> wanted) {
        List<Node> nodes = new ArrayList<>();
        wanted.forEach(each -> nodes.addAll(each.nodes()));
        return nodes;
    }

    private Graph capture(GraphScheduler scheduler, String name) {
        try (Closer marks = new Closer()) {
            return stream.capture(() -> scheduler.capture(streams, () -> marks.register(new Event(context))), name);
        }
    }

    @Override
    public void synchronize() {
        exclusively(stream::synchronize);
    }

    @Override
    protected void dispose() {
        context.close();
    }
}
