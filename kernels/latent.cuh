// Reparameterization, the KL divergence and their gradient for four latents of a row.
#pragma once

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

// z = μ + exp(½ log σ²) ε; adds to `sampled` what the latents of the row give to ½ (z² − ε² − log σ²).
DEVICE Quad sampleOf(const Quad& mu, const Quad& logVar, const Quad& eps, long long col, int cols, double* sampled) {
    Quad z;
    Quad difference;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        float clamped = clampLogVar(logVar.v[i]);
        z.v[i] = __fmaf_rn(exponential(0.5f * clamped), eps.v[i], mu.v[i]);
        // made of the rounded z, so that nothing but z, ε and log σ² enters
        float squares = __fmaf_rn(z.v[i], z.v[i], -(eps.v[i] * eps.v[i]));
        bool inRow = col + i >= 0 && col + i < cols;
        difference.v[i] = inRow ? 0.5f * (squares - clamped) : 0.0f;
    }
    *sampled += sum(difference);
    return z;
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

// The gradients with respect to μ and log σ², from dZ of all samples of the row.
DEVICE void latentGrad(
        const Noise& source,
        const Quad& m,
        const Quad& lv,
        const float* dZ,
        long long dZStride,
        int mode,
        const float* rowWeight,
        float klScale,
        long long row,
        long long col,
        int samples,
        int batch,
        int cols,
        Quad* gradMu,
        Quad* gradLogVar) {
    Quad sigma;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        sigma.v[i] = exponential(0.5f * clampLogVar(lv.v[i]));
    }
    SampleSums sums = mode == ANALYTIC
            ? sumSamples<ANALYTIC>(source, m, sigma, dZ, dZStride, rowWeight, klScale, row, col, samples, batch, cols)
            : mode == SAMPLED
            ? sumSamples<SAMPLED>(source, m, sigma, dZ, dZStride, rowWeight, klScale, row, col, samples, batch, cols)
            : sumSamples<DOUBLY_REPARAMETERIZED>(
                      source, m, sigma, dZ, dZStride, rowWeight, klScale, row, col, samples, batch, cols);
    float w = (float)sumWeights(rowWeight, klScale, row, samples, batch);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        // of the doubly reparameterized divergence everything comes through z
        float klToMu = mode == ANALYTIC ? m.v[i] : 0.0f;
        float klToLogVar = mode == ANALYTIC ? exponentialMinus1(clampLogVar(lv.v[i])) : mode == SAMPLED ? -1.0f : 0.0f;
        gradMu->v[i] = __fmaf_rn(w, klToMu, (float)sums.toMu[i]);
        float gradient = 0.5f * __fmaf_rn(sigma.v[i], (float)sums.toSigma[i], w * klToLogVar);
        gradLogVar->v[i] = isInside(lv.v[i]) ? gradient : 0.0f;
    }
}
