package dev.elbo.cuda.embed;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * Importance weights (Burda et al. 2016, eq. 8 and 13): {@code log w = −reconstruction − sampledKl}, {@code bound = logsumexp_k
 * log w − log K}, {@code weights = softmax_k(log w)}, in one launch. With K = 1 the weight is exactly 1. The package says what
 * holds for all kernels.
 */
public final class ImportanceWeights {
    private final Arguments arguments;
    private final int batch;
    private final int samples;
    private final int rows;

    ImportanceWeights(ElboKernels kernels, int batch, int samples) {
        String op = "importance weights (batch " + batch + ", samples " + samples + ")";
        this.arguments = new Arguments(kernels, op, batch, samples);
        this.batch = batch;
        this.samples = samples;
        this.rows = arguments.rows(batch, samples);
    }

    /**
     * Queues the launch. All are dense vectors, in nats.
     *
     * @param stream null: the NULL stream
     * @param reconstruction −log p(x|z), K·B, read
     * @param sampledKl log q(z|x) − log p(z), K·B, read
     * @param logWeights K·B, written; null: left out
     * @param weights K·B, written; null: left out
     * @param bound B, written
     */
    public synchronized void run(
            CUstream stream,
            CUdeviceptr reconstruction,
            CUdeviceptr sampledKl,
            CUdeviceptr logWeights,
            CUdeviceptr weights,
            CUdeviceptr bound) {
        arguments.begin(stream);
        long reconstructionAt = arguments.read("reconstruction", reconstruction, rows);
        long sampledKlAt = arguments.read("sampledKl", sampledKl, rows);
        long logWeightsAt = arguments.optionalWritten("logWeights", logWeights, rows);
        long weightsAt = arguments.optionalWritten("weights", weights, rows);
        long boundAt = arguments.written("bound", bound, batch);
        arguments.requireDisjoint();
        arguments.queue(arguments.launches.importanceWeights(
                reconstructionAt, sampledKlAt, logWeightsAt, weightsAt, boundAt, samples, batch));
    }
}
