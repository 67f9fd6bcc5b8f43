package dev.elbo.cuda.embed;

import dev.elbo.backend.AdamSettings;
import dev.elbo.cuda.KernelLauncher;
import dev.elbo.cuda.Kernels;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.DeviceMemory;
import dev.elbo.error.ElboException;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * The kernels, loaded into the caller's context. Close them after the queued work and before the context is destroyed;
 * graphs that hold captured launches must not run afterwards.
 *
 * <pre>{@code
 * try (ElboKernels kernels = ElboKernels.load()) {
 *     Reparameterize reparameterize = kernels.reparameterize(batch, latent, 1);
 *     reparameterize.forward(stream, mu, logVar, DeviceNoise.generated(seed, clock), z, kl, null);
 * }
 * }</pre>
 */
public final class ElboKernels implements AutoCloseable {
    private final Context context;
    private final Kernels kernels;
    private final Arguments ofAdvance;
    private final Validation validation;
    private volatile boolean closed;

    /** The checks before a call queues its launch. */
    public enum Validation {
        /** The arguments by themselves: null, alignment, sizes, strides and overlaps. No call of the driver. */
        ARGUMENTS,
        /**
         * Checks of arguments, and the driver is asked whether the stream and the calling thread's context are those of the kernels, and
         * whether each pointer is device memory that is allocated and large enough. This takes some microseconds a call and
         * waits for nothing. A fault that the device had before the call is reported as such.
         */
        DRIVER
    }

    private ElboKernels(Context context, Validation validation) {
        this.context = context;
        this.validation = validation;
        this.kernels = Kernels.load(context);
        this.ofAdvance = new Arguments(this, "advance");
    }

    /**
     * Loads the kernels as {@link #load(Validation)} with {@link Validation#ARGUMENTS}.
     *
     * @return the kernels, to be closed by the caller
     * @throws ElboException as that does
     */
    public static ElboKernels load() {
        return load(Validation.ARGUMENTS);
    }

    /**
     * Loads the kernels into the calling thread's current context. This takes as long as the driver needs to compile them, the
     * first time on a machine; it compiles in threads of elbo's, in which the context is current until then. JCuda's setting of
     * exceptions stays as it is, and makes no difference here.
     *
     * @param validation the checks of every call
     * @return the kernels, to be closed by the caller
     * @throws ElboException usage, if no context is current; unavailable, if its device has a compute capability below
     *     7.5, or the driver does not compile the kernels, or is not there
     */
    public static ElboKernels load(Validation validation) {
        Arguments.requireNonNull("load", "validation", validation);
        Context context = Context.current();
        Kernels.requireSupported(context.device());
        try {
            return new ElboKernels(context, validation);
        } catch (Throwable thrown) {
            try {
                context.close();
            } catch (RuntimeException e) {
                thrown.addSuppressed(e);
            }
            throw thrown;
        }
    }

    /**
     * {@return {@link Reparameterize} of a shape}
     *
     * @param batch B
     * @param latent J
     * @param samples K
     */
    public Reparameterize reparameterize(int batch, int latent, int samples) {
        return new Reparameterize(this, batch, latent, samples);
    }

    /**
     * {@return {@link ReconstructionLoss} of a shape} With a variance it takes min(64, ⌈K·B / 256⌉) · D · 8 bytes of
     * device memory, which closing it, or this, gives back.
     *
     * @param likelihood of an example given what the decoder gave for it
     * @param batch B
     * @param features D
     * @param samples K
     * @throws ElboException unavailable, if there is not enough memory
     */
    public ReconstructionLoss reconstructionLoss(
            ReconstructionLoss.Likelihood likelihood, int batch, int features, int samples) {
        return new ReconstructionLoss(this, likelihood, batch, features, samples);
    }

    /**
     * {@return {@link ImportanceWeights} of a shape}
     *
     * @param batch B
     * @param samples K
     */
    public ImportanceWeights importanceWeights(int batch, int samples) {
        return new ImportanceWeights(this, batch, samples);
    }

    /**
     * {@return {@link Adam} over so many parameters}
     *
     * @param count n
     * @param settings decays and ε
     */
    public Adam adam(long count, AdamSettings settings) {
        return new Adam(this, count, settings);
    }

    /**
     * Queues the launch that moves the clock on by one step of training: adds 1 to the step of the noise and to the row of the
     * schedule. Captured as the last launch of a step, it makes the graph's next launch the next step.
     *
     * @param stream null: the NULL stream
     * @param clock {@code int[4]}, read and written
     */
    public void nextStep(CUstream stream, CUdeviceptr clock) {
        advance(stream, clock, 1, 0, 1, 0);
    }

    /**
     * Queues the launch that adds to each of the clock's counters.
     *
     * @param stream null: the NULL stream
     * @param clock {@code int[4]}, read and written
     * @param step added to the step of the noise
     * @param row added to the first row of the batch
     * @param slot added to the row of the schedule
     * @param sample added to the number of the first sample
     */
    public synchronized void advance(CUstream stream, CUdeviceptr clock, int step, int row, int slot, int sample) {
        ofAdvance.begin(stream);
        long address = ofAdvance.written("clock", clock, DeviceNoise.CLOCK);
        ofAdvance.queue(ofAdvance.launches.advance(address, address, step, row, slot, sample, 1));
    }

    Context context() {
        return context;
    }

    KernelLauncher launches() {
        requireOpen("the kernels");
        return KernelLauncher.passing(kernels);
    }

    boolean asksDriver() {
        return validation == Validation.DRIVER;
    }

    DeviceMemory allocate(long bytes) {
        context.push();
        try {
            return new DeviceMemory(context, bytes);
        } finally {
            context.pop();
        }
    }

    void free(DeviceMemory memory) {
        if (!closed && !context.isDead()) {
            context.push();
            try {
                memory.close();
            } finally {
                context.pop();
            }
        }
    }

    void requireOpen(String operation) {
        if (closed) {
            throw new IllegalStateException(operation + ": the kernels were closed");
        }
    }

    /**
     * Unloads the kernels and frees what belongs to them. Closing twice does nothing.
     *
     * @throws IllegalStateException if their context was destroyed before; nothing is left to free then, and the device may be
     *     used on
     */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            context.close();
        }
    }
}
