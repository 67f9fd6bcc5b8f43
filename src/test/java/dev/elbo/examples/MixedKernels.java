package dev.elbo.examples;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.KlMode;
import dev.elbo.cuda.embed.Adam;
import dev.elbo.cuda.embed.DeviceNoise;
import dev.elbo.cuda.embed.DeviceSchedule;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ReconstructionLoss;
import dev.elbo.cuda.embed.ReconstructionLoss.Likelihood;
import dev.elbo.cuda.embed.Reparameterize;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Random;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A JCuda program with context, stream, memory and graph of its own that takes single kernels from elbo: variational inference
 * in the model z ~ N(0, I), x ~ N(z, I), whose posterior N(x/2, I/2) and evidence N(x; 0, 2I) are known. Each example has a μ
 * and a log σ² of its own, fitted by Adam on the ELBO.
 */
public final class MixedKernels {
    private static final int BATCH = 16;
    private static final int LATENT = 5;
    private static final int SAMPLES = 8;
    private static final int STEPS = 1500;
    private static final int COUNT = BATCH * LATENT;

    /**
     * What came out.
     *
     * @param errorOfMean largest |μ − x/2|
     * @param errorOfVariance largest |σ² − ½|
     * @param elbo mean over examples, nats
     * @param evidence mean log p(x), which the ELBO cannot exceed but by the noise of the samples
     */
    public record Result(double errorOfMean, double errorOfVariance, double elbo, double evidence) {}

    private MixedKernels() {}

    public static void main(String[] arguments) {
        run(System.out);
    }

    /** Fits, and says what it found. */
    public static Result run(PrintStream out) {
        JCudaDriver.setExceptionsEnabled(true);
        JCudaDriver.cuInit(0);
        CUdevice device = new CUdevice();
        JCudaDriver.cuDeviceGet(device, 0);
        CUcontext context = new CUcontext();
        JCudaDriver.cuCtxCreate(context, 0, device);
        try {
            Result result = fit(observations());
            out.printf(
                    Locale.ROOT,
                    "posterior mean within %.3f, variance within %.3f; ELBO %.3f, log p(x) %.3f nats%n",
                    result.errorOfMean(),
                    result.errorOfVariance(),
                    result.elbo(),
                    result.evidence());
            return result;
        } finally {
            JCudaDriver.cuCtxDestroy(context);
        }
    }

    private static float[] observations() {
        Random random = new Random(1);
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float) (Math.sqrt(2) * random.nextGaussian());
        }
        return values;
    }

    private static CUdeviceptr zeros(long elements) {
        CUdeviceptr memory = new CUdeviceptr();
        JCudaDriver.cuMemAlloc(memory, elements * Sizeof.FLOAT);
        JCudaDriver.cuMemsetD32(memory, 0, elements);
        return memory;
    }

    /** Outside of the Java heap: while a copy reads or fills an array, no thread can be collected. */
    private static ByteBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Sizeof.FLOAT).order(ByteOrder.nativeOrder());
    }

    private static CUdeviceptr copyOf(float[] values) {
        CUdeviceptr memory = zeros(values.length);
        ByteBuffer host = direct(values.length);
        host.asFloatBuffer().put(values);
        JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(host), host.capacity());
        return memory;
    }

    private static float[] read(CUdeviceptr memory, int count) {
        ByteBuffer host = direct(count);
        JCudaDriver.cuMemcpyDtoH(Pointer.to(host), memory, host.capacity());
        float[] values = new float[count];
        host.asFloatBuffer().get(values);
        return values;
    }

    private static Result fit(float[] observed) {
        CUstream stream = new CUstream();
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING);
        int batch = BATCH;
        int latent = LATENT;
        int samples = SAMPLES;
        // μ and log σ² side by side, so that one step of Adam moves both
        CUdeviceptr parameters = zeros(2 * COUNT);
        CUdeviceptr mu = parameters;
        CUdeviceptr logVar = parameters.withByteOffset((long) COUNT * Sizeof.FLOAT);
        CUdeviceptr gradient = zeros(2 * COUNT);
        CUdeviceptr dMu = gradient;
        CUdeviceptr dLogVar = gradient.withByteOffset((long) COUNT * Sizeof.FLOAT);
        CUdeviceptr m = zeros(2 * COUNT);
        CUdeviceptr v = zeros(2 * COUNT);
        CUdeviceptr x = copyOf(observed);
        CUdeviceptr z = zeros(SAMPLES * COUNT);
        CUdeviceptr dZ = zeros(SAMPLES * COUNT);
        CUdeviceptr kl = zeros(BATCH);
        CUdeviceptr loss = zeros(SAMPLES * BATCH);
        CUdeviceptr clock = zeros(4);
        CUdeviceptr table = copyOf(DeviceSchedule.constantTable(STEPS, AdamSettings.DEFAULT, 0.005, 1));
        CUdeviceptr[] all = {parameters, gradient, m, v, x, z, dZ, kl, loss, clock, table};
        CUgraph graph = new CUgraph();
        CUgraphExec step = new CUgraphExec();
        // [shown
        try (ElboKernels kernels = ElboKernels.load()) {
            Reparameterize reparameterize = kernels.reparameterize(batch, latent, samples);
            ReconstructionLoss gaussian = kernels.reconstructionLoss(Likelihood.GAUSSIAN, batch, latent, samples);
            Adam adam = kernels.adam(2L * batch * latent, AdamSettings.DEFAULT);
            DeviceNoise noise = DeviceNoise.generated(42, clock);
            DeviceSchedule schedule = new DeviceSchedule(table, STEPS, clock);
            double scale = 1.0 / samples;

            JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL);
            reparameterize.forward(stream, mu, logVar, noise, z, kl, null);
            gaussian.lossAndGradient(stream, z, x, null, scale, loss, dZ);
            reparameterize.backward(
                    stream, mu, logVar, noise, dZ, KlMode.ANALYTIC, schedule, null, scale, dMu, dLogVar);
            adam.step(stream, parameters, gradient, m, v, schedule);
            kernels.nextStep(stream, clock);
            JCudaDriver.cuStreamEndCapture(stream, graph);
            JCudaDriver.cuGraphInstantiate(step, graph, 0);
            for (int i = 0; i < STEPS; i++) {
                JCudaDriver.cuGraphLaunch(step, stream);
            }
            JCudaDriver.cuStreamSynchronize(stream);
        }
        // shown]
        Result result =
                result(observed, read(mu, COUNT), read(logVar, COUNT), read(loss, SAMPLES * BATCH), read(kl, BATCH));
        JCudaDriver.cuGraphExecDestroy(step);
        JCudaDriver.cuGraphDestroy(graph);
        for (CUdeviceptr memory : all) {
            JCudaDriver.cuMemFree(memory);
        }
        JCudaDriver.cuStreamDestroy(stream);
        return result;
    }

    private static Result result(float[] x, float[] mu, float[] logVar, float[] loss, float[] kl) {
        double errorOfMean = 0;
        double errorOfVariance = 0;
        double evidence = 0;
        for (int i = 0; i < x.length; i++) {
            errorOfMean = Math.max(errorOfMean, Math.abs(mu[i] - x[i] / 2));
            errorOfVariance = Math.max(errorOfVariance, Math.abs(Math.exp(logVar[i]) - 0.5));
            evidence -= 0.5 * (x[i] * x[i] / 2 + Math.log(2 * Math.PI * 2)) / BATCH;
        }
        double elbo = 0;
        for (float nats : loss) {
            elbo -= nats / loss.length;
        }
        for (float nats : kl) {
            elbo -= nats / kl.length;
        }
        return new Result(errorOfMean, errorOfVariance, elbo, evidence);
    }
}
