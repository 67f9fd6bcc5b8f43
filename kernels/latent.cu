// Reparameterization, the KL divergence and their gradient; normals.
#include "elementary.cuh"
#include "noise.cuh"

constexpr int ANALYTIC = 0;
constexpr int SAMPLED = 1;
constexpr int DOUBLY_REPARAMETERIZED = 2;

// ½ (μ² + expm1(log σ²) − log σ²); a rounding of expm1 must not make it negative.
DEVICE float klOf(float mu, float logVar) {
    float lv = clampLogVar(logVar);
    float excess = exponentialMinus1(lv) - lv;
    return 0.5f * __fmaf_rn(mu, mu, excess < 0.0f ? 0.0f : excess);
}

DEVICE double klOf(const Quad& mu, const Quad& logVar) {
    Quad kl;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        kl.v[i] = klOf(mu.v[i], logVar.v[i]);
    }
    return sum(kl);
}

// Standard normals. Any grid of BLOCK threads.
KERNEL normal(
        const float* __restrict__ noise,  // rows × cols; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int rowsOfData,
        const int* __restrict__ clock,  // 4; unused with given noise
        float* __restrict__ out,        // rows × cols
        long long outStride,
        int rows,
        int cols) {
    Noise source(noise, noiseStride, seed, stream, rowsOfData, clock, cols);
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
        int rowsOfData,
        const int* __restrict__ clock,  // 4; unused with given noise
        float* __restrict__ z,          // rows × cols, rows = samples · batch
        long long zStride,
        float* __restrict__ kl,         // batch; optional
        float* __restrict__ sampledKl,  // rows; optional
        int rows,
        int batch,
        int cols) {
    Noise source(noise, noiseStride, seed, stream, rowsOfData, clock, cols);
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
                Quad out;
                Quad difference;
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    float clamped = clampLogVar(lv.v[i]);
                    out.v[i] = __fmaf_rn(exponential(0.5f * clamped), eps.v[i], m.v[i]);
                    // made of the rounded z, so that nothing but z, ε and log σ² enters
                    float squares = __fmaf_rn(out.v[i], out.v[i], -(eps.v[i] * eps.v[i]));
                    bool inRow = col + i >= 0 && col + i < cols;
                    difference.v[i] = inRow ? 0.5f * (squares - clamped) : 0.0f;
                }
                store(z + r * zStride, col, cols, zAligned, out);
                sampled += sum(difference);
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

// What the samples of a row give to four of its latents, from which the gradients follow.
struct SampleSums {
    double toMu[4];     // Σ_k dz
    double toSigma[4];  // Σ_k ε dz
};

// Σ_k β w
DEVICE double sumWeights(const float* rowWeight, float klScale, long long row, int samples, int batch) {
    if (!rowWeight) {
        return (double)samples * klScale;
    }
    double sum = 0;
    for (int k = 0; k < samples; k++) {
        sum += klScale * rowWeight[(long long)k * batch + row];
    }
    return sum;
}

template <int MODE>
DEVICE SampleSums sumSamples(
        const Noise& source,
        const Quad& m,
        const Quad& sigma,
        const float* dZ,
        long long dZStride,
        const float* rowWeight,
        float klScale,
        long long row,
        long long col,
        int samples,
        int batch,
        int cols) {
    bool dZAligned = isAligned(dZ, dZStride);
    SampleSums sums = {{0, 0, 0, 0}, {0, 0, 0, 0}};
    for (int k = 0; k < samples; k++) {
        long long r = (long long)k * batch + row;
        float own = rowWeight ? rowWeight[r] : 1.0f;
        float weight = klScale * own;
        Quad d = load(dZ + r * dZStride, col, cols, dZAligned);
        Quad eps = source.normals(row, k, r, col);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float dz = d.v[i];
            if (MODE != ANALYTIC) {
                float z = __fmaf_rn(sigma.v[i], eps.v[i], m.v[i]);
                dz = MODE == SAMPLED ? __fmaf_rn(weight, z, dz)
                                     : own * __fmaf_rn(weight, z - eps.v[i] / sigma.v[i], dz);
            }
            sums.toMu[i] += dz;
            sums.toSigma[i] += eps.v[i] * dz;
        }
    }
    return sums;
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
        int rowsOfData,
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
    Noise source(noise, noiseStride, seed, stream, rowsOfData, noiseClock, cols);
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
        Quad sigma;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            sigma.v[i] = exponential(0.5f * clampLogVar(lv.v[i]));
        }
        SampleSums sums = mode == ANALYTIC
                ? sumSamples<ANALYTIC>(source, m, sigma, dZ, dZStride, rowWeight, klScale, at.row, col, samples, batch, cols)
                : mode == SAMPLED
                ? sumSamples<SAMPLED>(source, m, sigma, dZ, dZStride, rowWeight, klScale, at.row, col, samples, batch, cols)
                : sumSamples<DOUBLY_REPARAMETERIZED>(
                          source, m, sigma, dZ, dZStride, rowWeight, klScale, at.row, col, samples, batch, cols);
        float w = (float)sumWeights(rowWeight, klScale, at.row, samples, batch);
        Quad gradMu;
        Quad gradLogVar;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            // of the doubly reparameterized divergence everything comes through z
            float klToMu = mode == ANALYTIC ? m.v[i] : 0.0f;
            float klToLogVar = mode == ANALYTIC ? exponentialMinus1(clampLogVar(lv.v[i])) : mode == SAMPLED ? -1.0f : 0.0f;
            gradMu.v[i] = __fmaf_rn(w, klToMu, (float)sums.toMu[i]);
            float gradient = 0.5f * __fmaf_rn(sigma.v[i], (float)sums.toSigma[i], w * klToLogVar);
            gradLogVar.v[i] = isInside(lv.v[i]) ? gradient : 0.0f;
        }
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

// The mean of each unit's KL divergence over the batch. Grid ⌈cols / 32⌉ of BLOCK threads.
KERNEL free_bits(
        const float* __restrict__ mu,  // rows × cols
        long long muStride,
        const float* __restrict__ logVar,  // rows × cols
        long long logVarStride,
        double* __restrict__ means,  // cols
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
        means[col] = total / rows;
    }
}

// Takes the analytic gradient back from the units whose mean is not above the floor, and sums what stands in the loss. Any
// grid of BLOCK threads.
KERNEL free_bits_finish(
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
