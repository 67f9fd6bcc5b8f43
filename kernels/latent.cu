// Reparameterization, the KL divergence and their gradient; normals.
#include "latent.cuh"

// Standard normals. Any grid of BLOCK threads.
KERNEL normal(
        const float* __restrict__ noise,  // rows × cols; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int firstRow,                   // of a shard; -1: the clock's
        const int* __restrict__ clock,  // 4; unused with given noise
        float* __restrict__ out,        // rows × cols
        long long outStride,
        int rows,
        int cols) {
    Noise source(noise, noiseStride, seed, stream, firstRow, clock, cols);
    bool outAligned = isAligned(out, outStride);
    for (Quads at(source.quadsOfRow()); at.row < rows; at.next()) {
        long long col = source.firstColumn(at.row) + 4LL * at.quad;
        if (col < cols) {
            store(out + at.row * outStride, col, cols, outAligned, source.normals(at.row, 0, at.row, col));
        }
    }
}

// z = μ + exp(½ log σ²) ε with both KL divergences. A team of lanes a row; any grid of whole warps, BLOCK threads at most.
RESIDENT(5) reparameterize(
        const float* __restrict__ mu,  // batch × cols
        long long muStride,
        const float* __restrict__ logVar,  // batch × cols
        long long logVarStride,
        const float* __restrict__ noise,  // rows × cols; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int firstRow,                   // of a shard; -1: the clock's
        const int* __restrict__ clock,  // 4; unused with given noise
        float* __restrict__ z,          // rows × cols, rows = samples · batch
        long long zStride,
        float* __restrict__ kl,         // batch; optional
        float* __restrict__ sampledKl,  // rows; optional
        int rows,
        int batch,
        int cols) {
    Noise source(noise, noiseStride, seed, stream, firstRow, clock, cols);
    bool muAligned = isAligned(mu, muStride);
    bool logVarAligned = isAligned(logVar, logVarStride);
    bool zAligned = isAligned(z, zStride);
    Teams team(source.quadsOfRow());
    for (unsigned first = team.firstOfWarp; first < (unsigned)rows; first += team.step) {
        long long r = (long long)first + team.rowOfWarp;
        double analytic = 0;
        double sampled = 0;
        if (r < rows) {
            int sample = (int)((unsigned)r / (unsigned)batch);
            long long b = r - (long long)sample * batch;
            for (long long col = source.firstColumn(b) + 4 * team.lane; col < cols; col += 4 * team.lanes) {
                Quad m = load(mu + b * muStride, col, cols, muAligned);
                Quad lv = load(logVar + b * logVarStride, col, cols, logVarAligned);
                if (kl && r < batch) {
                    analytic += klOf(m, lv);
                }
                Quad eps = source.normals(b, sample, r, col);
                store(z + r * zStride, col, cols, zAligned, sampleOf(m, lv, eps, col, cols, &sampled));
            }
        }
        if (kl) {
            analytic = team.sum(analytic);
            if (team.lane == 0 && r < batch) {
                kl[r] = (float)analytic;
            }
        }
        if (sampledKl) {
            sampled = team.sum(sampled);
            if (team.lane == 0 && r < rows) {
                sampledKl[r] = (float)sampled;
            }
        }
    }
}

// The gradient of scale · Σ_r rowWeight_r (f(z_r) + β KL_r) with respect to μ and log σ²; a thread walks through the
// samples of its four latents. Any grid of BLOCK threads.
RESIDENT(4) reparameterize_grad(
        const float* __restrict__ mu,  // batch × cols
        long long muStride,
        const float* __restrict__ logVar,  // batch × cols
        long long logVarStride,
        const float* __restrict__ noise,  // rows × cols; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int firstRow,                  // of a shard; -1: the clock's
        const float* __restrict__ dZ,  // rows × cols, rows = samples · batch
        long long dZStride,
        int mode,                              // KlMode's ordinal
        const float* __restrict__ schedule,    // steps × 3
        const int* __restrict__ clock,         // 4, the schedule's
        const int* __restrict__ noiseClock,    // 4; unused with given noise
        const float* __restrict__ rowWeight,   // rows; optional: 1
        float scale,
        float* __restrict__ dMu,  // batch × cols
        long long dMuStride,
        float* __restrict__ dLogVar,  // batch × cols
        long long dLogVarStride,
        int samples,
        int batch,
        int cols) {
    Noise source(noise, noiseStride, seed, stream, firstRow, noiseClock, cols);
    float klScale = scheduled(schedule, clock, BETA) * scale;
    bool muAligned = isAligned(mu, muStride);
    bool logVarAligned = isAligned(logVar, logVarStride);
    bool dMuAligned = isAligned(dMu, dMuStride);
    bool dLogVarAligned = isAligned(dLogVar, dLogVarStride);
    for (Quads at(source.quadsOfRow()); at.row < batch; at.next()) {
        long long col = source.firstColumn(at.row) + 4LL * at.quad;
        if (col >= cols) {
            continue;
        }
        Quad m = load(mu + at.row * muStride, col, cols, muAligned);
        Quad lv = load(logVar + at.row * logVarStride, col, cols, logVarAligned);
        Quad gradMu;
        Quad gradLogVar;
        latentGrad(
                source, m, lv, dZ, dZStride, mode, rowWeight, klScale, at.row, col, samples, batch, cols, &gradMu,
                &gradLogVar);
        store(dMu + at.row * dMuStride, col, cols, dMuAligned, gradMu);
        store(dLogVar + at.row * dLogVarStride, col, cols, dLogVarAligned, gradLogVar);
    }
}

// The closed-form KL divergence unit by unit. Any grid of BLOCK threads.
KERNEL gaussian_kl(
        const float* __restrict__ mu,  // rows × cols
        long long muStride,
        const float* __restrict__ logVar,  // rows × cols
        long long logVarStride,
        float* __restrict__ klPerUnit,  // rows × cols
        long long klPerUnitStride,
        int rows,
        int cols) {
    bool muAligned = isAligned(mu, muStride);
    bool logVarAligned = isAligned(logVar, logVarStride);
    bool klAligned = isAligned(klPerUnit, klPerUnitStride);
    for (Quads at(quadsOf(cols)); at.row < rows; at.next()) {
        long long col = 4LL * at.quad;
        Quad m = load(mu + at.row * muStride, col, cols, muAligned);
        Quad lv = load(logVar + at.row * logVarStride, col, cols, logVarAligned);
        Quad kl;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            kl.v[i] = klOf(m.v[i], lv.v[i]);
        }
        store(klPerUnit + at.row * klPerUnitStride, col, cols, klAligned, kl);
    }
}

// The share of these rows in the mean of each unit's KL divergence over the batch. Grid ⌈cols / 32⌉ of BLOCK threads.
KERNEL gaussian_kl_mean(
        const float* __restrict__ mu,  // rows × cols
        long long muStride,
        const float* __restrict__ logVar,  // rows × cols
        long long logVarStride,
        double* __restrict__ means,  // cols
        int batch,                   // rows of all shards
        int rows,
        int cols) {
    bool muAligned = isAligned(mu, muStride);
    bool logVarAligned = isAligned(logVar, logVarStride);
    double total = columnSum(rows, cols, [=](long long row, long long col) {
        Quad m = load(mu + row * muStride, col, cols, muAligned);
        Quad lv = load(logVar + row * logVarStride, col, cols, logVarAligned);
        Quad kl;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            kl.v[i] = klOf(m.v[i], lv.v[i]);
        }
        return kl;
    });
    int col = summedColumn(cols);
    if (col >= 0) {
        means[col] = total / batch;
    }
}

// Takes the analytic gradient back from the units whose mean is not above the floor, and sums what stands in the loss. Any
// grid of BLOCK threads.
KERNEL free_bits(
        const double* __restrict__ means,  // cols
        float floor,
        const float* __restrict__ mu,  // rows × cols
        long long muStride,
        const float* __restrict__ logVar,  // rows × cols
        long long logVarStride,
        const float* __restrict__ schedule,  // steps × 3
        const int* __restrict__ clock,       // 4
        float scale,
        float* __restrict__ dMu,  // rows × cols
        long long dMuStride,
        float* __restrict__ dLogVar,  // rows × cols
        long long dLogVarStride,
        float* __restrict__ klTerm,  // 1
        int rows,
        int cols) {
    if (blockIdx.x == 0) {
        double own = 0;
        for (int col = (int)threadIdx.x; col < cols; col += BLOCK) {
            own += means[col] <= floor ? floor : means[col];
        }
        double total = blockSum(own);
        if (threadIdx.x == 0) {
            klTerm[0] = (float)total;
        }
    }
    float weight = scheduled(schedule, clock, BETA) * scale;
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x; at < (long long)rows * cols; at += step) {
        long long row = at / cols;
        long long col = at - row * cols;
        if (!(means[col] > floor)) {
            float* toMu = dMu + row * dMuStride + col;
            float* toLogVar = dLogVar + row * dLogVarStride + col;
            float lv = logVar[row * logVarStride + col];
            *toMu = __fmaf_rn(-weight, mu[row * muStride + col], *toMu);
            if (isInside(lv)) {
                *toLogVar = __fmaf_rn(-0.5f * weight, exponentialMinus1(lv), *toLogVar);
            }
        }
    }
}
