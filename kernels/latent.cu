// Reparameterization, the KL divergence and their gradient; normals.
#include "elementary.cuh"
#include "noise.cuh"

constexpr int SAMPLED = 1;

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
KERNEL reparameterize(
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
    for (long long first = team.firstOfWarp; first < rows; first += team.step) {
        long long r = first + team.rowOfWarp;
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

// The gradient of scale · Σ_r rowWeight_r (f(z_r) + β KL_r) with respect to μ and log σ²; a thread walks through the
// samples of its four latents. Any grid of BLOCK threads.
KERNEL reparameterize_grad(
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
    bool dZAligned = isAligned(dZ, dZStride);
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
        // Σ_k dz, Σ_k ε dz and Σ_k β w carry all that depends on k
        double toMu[4] = {0, 0, 0, 0};
        double toSigma[4] = {0, 0, 0, 0};
        double weights = 0;
        for (int k = 0; k < samples; k++) {
            long long r = (long long)k * batch + at.row;
            float weight = rowWeight ? klScale * rowWeight[r] : klScale;
            Quad d = load(dZ + r * dZStride, col, cols, dZAligned);
            Quad eps = source.normals(at.row, k, r, col);
            weights += weight;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                float dz = mode == SAMPLED
                        ? __fmaf_rn(weight, __fmaf_rn(sigma.v[i], eps.v[i], m.v[i]), d.v[i])
                        : d.v[i];
                toMu[i] += dz;
                toSigma[i] += eps.v[i] * dz;
            }
        }
        float w = (float)weights;
        Quad gradMu;
        Quad gradLogVar;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float klToMu = mode == SAMPLED ? 0.0f : m.v[i];
            float klToLogVar = mode == SAMPLED ? -1.0f : exponentialMinus1(clampLogVar(lv.v[i]));
            gradMu.v[i] = __fmaf_rn(w, klToMu, (float)toMu[i]);
            float gradient = 0.5f * __fmaf_rn(sigma.v[i], (float)toSigma[i], w * klToLogVar);
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
