// Importance weights.
#include "elementary.cuh"

DEVICE float larger(float a, float b) {
    // a NaN wins, and stays
    return b > a || b != b ? b : a;
}

// log w = −reconstruction − sampledKl; bound = logsumexp_k log w − log K; weights = softmax_k(log w). A block takes up to
// 32 examples side by side, so that neighbours read neighbours, and deals the samples of each to its other threads. Any
// grid of BLOCK threads, ⌈batch / 32⌉ blocks at most have work.
KERNEL importance_weights(
        const float* __restrict__ reconstruction,  // samples · batch
        const float* __restrict__ sampledKl,       // samples · batch
        float* __restrict__ logWeights,            // samples · batch; optional
        float* __restrict__ weights,               // samples · batch; optional
        float* __restrict__ bound,                 // batch
        int samples,
        int batch) {
    __shared__ float maxima[BLOCK];
    __shared__ double sums[BLOCK];
    int width = 1;
    while (width < WARP && width < batch) {
        width *= 2;
    }
    int thread = (int)threadIdx.x;
    int lane = thread % width;
    int firstSample = thread / width;
    int step = BLOCK / width;
    for (long long tile = (long long)blockIdx.x * width; tile < batch; tile += (long long)gridDim.x * width) {
        long long b = tile + lane;
        int count = b < batch ? samples : 0;

        float max = __int_as_float((int)0xff800000u);
        for (int k = firstSample; k < count; k += step) {
            long long r = (long long)k * batch + b;
            float logWeight = -reconstruction[r] - sampledKl[r];
            if (logWeights) {
                logWeights[r] = logWeight;
            }
            max = larger(max, logWeight);
        }
        maxima[thread] = max;
        __syncthreads();
        for (int half = BLOCK / 2; half >= width; half /= 2) {
            if (thread < half) {
                maxima[thread] = larger(maxima[thread], maxima[thread + half]);
            }
            __syncthreads();
        }
        max = maxima[lane];

        double sum = 0;
        for (int k = firstSample; k < count; k += step) {
            long long r = (long long)k * batch + b;
            sum += exponential(-reconstruction[r] - sampledKl[r] - max);
        }
        sums[thread] = sum;
        __syncthreads();
        for (int half = BLOCK / 2; half >= width; half /= 2) {
            if (thread < half) {
                sums[thread] += sums[thread + half];
            }
            __syncthreads();
        }
        sum = sums[lane];
        // the next tile writes maxima and sums again
        __syncthreads();

        if (weights) {
            for (int k = firstSample; k < count; k += step) {
                long long r = (long long)k * batch + b;
                weights[r] = exponential(-reconstruction[r] - sampledKl[r] - max) / (float)sum;
            }
        }
        if (firstSample == 0 && b < batch) {
            // one logarithm of the mean, not the difference of two large ones
            bound[b] = max + logarithm((float)(sum / samples));
        }
    }
}
