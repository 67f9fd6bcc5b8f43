package dev.elbo.cuda.embed;

import dev.elbo.cuda.KernelLauncher;
import dev.elbo.cuda.driver.DeviceMemory;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * The reconstruction loss −log p(x|z) of each row, in nats, and the gradient of {@code scale · Σ_r rowWeight_r loss_r}
 * with respect to what the decoder gave, in one launch; row r is compared with x's row r mod B. With a gradient for the
 * variance come two launches more, which hand sums to each other in memory of this object: calls with {@code dLogVar},
 * captured ones too, must not run on two streams at once. The package says what holds for all kernels.
 */
public final class ReconstructionLoss implements AutoCloseable {
    /** The distribution of an example given the decoder's output. */
    public enum Likelihood {
        /** {@code ½ Σ_d ((x − output)² + log 2π)}. */
        GAUSSIAN(false),
        /** {@code ½ Σ_d ((x − output)² / σ² + log σ² + log 2π)} with one σ² for all d. */
        GAUSSIAN_SHARED_VARIANCE(true),
        /** A Gaussian with a learned σ² for each d. */
        GAUSSIAN_VARIANCE_PER_DIMENSION(true),
        /** {@code Σ_d (max(l, 0) − l x + log1p(exp(−|l|)))}: the output l is logits, x is in [0, 1]. */
        BERNOULLI(false);

        private final boolean hasVariance;

        Likelihood(boolean hasVariance) {
            this.hasVariance = hasVariance;
        }
    }

    private final ElboKernels kernels;
    private final Arguments arguments;
    private final Likelihood likelihood;
    private final int batch;
    private final int features;
    private final int rows;
    private final int variances;
    private final DeviceMemory partial;
    private boolean closed;

    ReconstructionLoss(ElboKernels kernels, Likelihood likelihood, int batch, int features, int samples) {
        Arguments.requireNonNull("reconstruction loss", "likelihood", likelihood);
        String op = "reconstruction loss (" + likelihood + ", batch " + batch + ", features " + features + ", samples "
                + samples + ")";
        this.kernels = kernels;
        this.arguments = new Arguments(kernels, op, batch, features, samples);
        this.likelihood = likelihood;
        this.batch = batch;
        this.features = features;
        this.rows = arguments.rows(batch, samples);
        this.variances = !likelihood.hasVariance ? 0 : likelihood == Likelihood.GAUSSIAN_SHARED_VARIANCE ? 1 : features;
        this.partial = likelihood.hasVariance
                ? kernels.allocate(KernelLauncher.Loss.partials(rows, features) * Double.BYTES)
                : null;
    }

    /**
     * Queues {@link #loss(CUstream, CUdeviceptr, long, CUdeviceptr, long, CUdeviceptr, CUdeviceptr)} with dense
     * matrices, for likelihoods without a variance.
     *
     * @param stream null: the NULL stream
     * @param output K·B × D, means or logits, read
     * @param x B × D, read
     * @param loss K·B, written
     */
    public void loss(CUstream stream, CUdeviceptr output, CUdeviceptr x, CUdeviceptr loss) {
        loss(stream, output, features, x, features, null, loss);
    }

    /**
     * Queues the launch that computes the loss alone.
     *
     * @param stream null: the NULL stream
     * @param output K·B × D, means or logits, read
     * @param outputStride elements from one row of output to the next
     * @param x B × D, read
     * @param xStride elements from one row of x to the next
     * @param logVar log σ², 1 or D values, clamped to {@link dev.elbo.backend.LogVariance}'s bounds, read; null for
     *     likelihoods without a variance
     * @param loss K·B, written
     */
    public void loss(
            CUstream stream,
            CUdeviceptr output,
            long outputStride,
            CUdeviceptr x,
            long xStride,
            CUdeviceptr logVar,
            CUdeviceptr loss) {
        arguments.require(loss != null, "loss is null");
        call(stream, output, outputStride, x, xStride, logVar, null, 1, loss, null, features, null);
    }

    /**
     * Queues the loss and its gradient with dense matrices, for likelihoods without a variance.
     *
     * @param stream null: the NULL stream
     * @param output K·B × D, means or logits, read
     * @param x B × D, read
     * @param rowWeight K·B, read; null: 1
     * @param scale of the gradient
     * @param loss K·B, written; null: left out
     * @param dOutput K·B × D, written
     */
    public void lossAndGradient(
            CUstream stream,
            CUdeviceptr output,
            CUdeviceptr x,
            CUdeviceptr rowWeight,
            double scale,
            CUdeviceptr loss,
            CUdeviceptr dOutput) {
        lossAndGradient(stream, output, x, null, rowWeight, scale, loss, dOutput, null);
    }

    /**
     * Queues the loss and its gradients with dense matrices.
     *
     * @param stream null: the NULL stream
     * @param output K·B × D, means or logits, read
     * @param x B × D, read
     * @param logVar log σ², 1 or D values, read; null for likelihoods without a variance
     * @param rowWeight K·B, read; null: 1
     * @param scale of the gradients
     * @param loss K·B, written; null: left out
     * @param dOutput K·B × D, written; null: left out
     * @param dLogVar like logVar, written; null: left out
     */
    public void lossAndGradient(
            CUstream stream,
            CUdeviceptr output,
            CUdeviceptr x,
            CUdeviceptr logVar,
            CUdeviceptr rowWeight,
            double scale,
            CUdeviceptr loss,
            CUdeviceptr dOutput,
            CUdeviceptr dLogVar) {
        lossAndGradient(
                stream, output, features, x, features, logVar, rowWeight, scale, loss, dOutput, features, dLogVar);
    }

    /**
     * Queues the launches that compute the gradients of {@code scale · Σ_r rowWeight_r loss_r}, and the loss beside them. At
     * least one of dOutput and dLogVar is to be given.
     *
     * @param stream null: the NULL stream
     * @param output K·B × D, means or logits, read
     * @param outputStride elements from one row of output to the next
     * @param x B × D, read
     * @param xStride elements from one row of x to the next
     * @param logVar log σ², 1 or D values, clamped to {@link dev.elbo.backend.LogVariance}'s bounds, read; null for
     *     likelihoods without a variance
     * @param rowWeight K·B, read; null: 1
     * @param scale of the gradients, rounded to float32
     * @param loss K·B, written; null: left out
     * @param dOutput K·B × D, σ² held fixed, written; null: left out
     * @param dOutputStride elements from one row of dOutput to the next
     * @param dLogVar like logVar, written, exactly 0 where log σ² is clamped; null: left out
     */
    public void lossAndGradient(
            CUstream stream,
            CUdeviceptr output,
            long outputStride,
            CUdeviceptr x,
            long xStride,
            CUdeviceptr logVar,
            CUdeviceptr rowWeight,
            double scale,
            CUdeviceptr loss,
            CUdeviceptr dOutput,
            long dOutputStride,
            CUdeviceptr dLogVar) {
        arguments.require(
                dOutput != null || dLogVar != null,
                "dOutput and dLogVar are both null; loss(…) computes the loss alone");
        call(stream, output, outputStride, x, xStride, logVar, rowWeight, scale, loss, dOutput, dOutputStride, dLogVar);
    }

    private synchronized void call(
            CUstream stream,
            CUdeviceptr output,
            long outputStride,
            CUdeviceptr x,
            long xStride,
            CUdeviceptr logVar,
            CUdeviceptr rowWeight,
            double scale,
            CUdeviceptr loss,
            CUdeviceptr dOutput,
            long dOutputStride,
            CUdeviceptr dLogVar) {
        arguments.begin(stream);
        if (closed) {
            throw new IllegalStateException("reconstruction loss: closed");
        }
        arguments.require(
                likelihood.hasVariance || logVar == null && dLogVar == null,
                "this likelihood takes no logVar or dLogVar");
        KernelLauncher.Loss all = new KernelLauncher.Loss(
                arguments.read("output", output, rows, features, outputStride),
                arguments.read("x", x, batch, features, xStride),
                likelihood.hasVariance ? arguments.read("logVar", logVar, variances) : 0,
                variances,
                arguments.optionalRead("rowWeight", rowWeight, rows),
                scale,
                arguments.optionalWritten("loss", loss, rows),
                arguments.optionalWritten("dOutput", dOutput, rows, features, dOutputStride),
                arguments.optionalWritten("dLogVar", dLogVar, variances),
                rows,
                batch,
                features);
        arguments.requireDisjoint();
        if (likelihood == Likelihood.BERNOULLI) {
            arguments.queue(arguments.launches.bernoulliLoss(all));
            return;
        }
        if (loss != null || dOutput != null) {
            arguments.queue(arguments.launches.gaussianLoss(all));
        }
        if (dLogVar != null) {
            arguments.queue(arguments.launches.gaussianLossVariance(all, partial.address()));
            arguments.queue(arguments.launches.gaussianLossFinish(all, partial.address()));
        }
    }

    /** Frees the memory of the sums; needed only if the object is dropped before the kernels are closed. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (partial != null) {
                kernels.free(partial);
            }
        }
    }
}
