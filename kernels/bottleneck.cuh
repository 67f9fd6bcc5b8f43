// What the kernels of the narrow part share: sizes, products and sums of a row, weights in shared memory.
#pragma once

#include "activation.cuh"
#include "latent.cuh"
#include "thin.cuh"

// loads of weights that a thread has under way at a time
constexpr int AHEAD = 8;
// heads whose sums there is room for at a time, those of all warps; behind the lanes of one is a gap, so that the next one's
// lie in other banks
constexpr int GROUP = BLOCK / WARP * AHEAD;
constexpr int PITCH = WARP + 1;
// of the decoder's weights and biases, what shared memory has room for: 400 units of 20 codes
constexpr int WEIGHTS = 8448;

// A quad of a row that is a multiple of four long and aligned.
DEVICE float4 quadAt(const float* row, long long col) {
    return *reinterpret_cast<const float4*>(row + col);
}

// a · b + sum
DEVICE float dot(const float4& a, const float4& b, float sum) {
    return __fmaf_rn(a.w, b.w, __fmaf_rn(a.z, b.z, __fmaf_rn(a.y, b.y, __fmaf_rn(a.x, b.x, sum))));
}

// The sum of `count` values that lie `stride` apart, a multiple of four of them: four chains, since a float64 addition waits
// for the one before.
DEVICE double chainSum(const float* values, int count, int stride) {
    double chains[4] = {0, 0, 0, 0};
#pragma unroll 2
    for (int i = 0; i < count; i += 4) {
#pragma unroll
        for (int k = 0; k < 4; k++) {
            chains[k] += values[(i + k) * stride];
        }
    }
    return (chains[0] + chains[1]) + (chains[2] + chains[3]);
}

// That take a quad each of a row of codes.
DEVICE int lanesOf(int latent) {
    return latent <= 16 ? 4 : latent <= 32 ? 8 : 16;
}

DEVICE Quad plus(const float4& a, const float4& b) {
    return Quad{{a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w}};
}

DEVICE unsigned tilesOf(int cols) {
    return (unsigned)(cols + TILE_COLS - 1) / TILE_COLS;
}

// Weights and biases of the units from `base` to before `end` to shared memory, the bias behind the weights of its unit;
// base · latent is a multiple of four.
DEVICE void stage(float* to, int pitch, const float* weight, const float* bias, int base, int end, int latent) {
    const float* from = weight + (long long)base * latent;
    int count = (end - base) * latent;
    bool aligned = isAligned(from);
    int threads = (int)blockDim.x;
#pragma unroll 1
    for (int first = 4 * (int)threadIdx.x; first < count; first += 4 * threads * AHEAD) {
        Quad read[AHEAD];
#pragma unroll
        for (int i = 0; i < AHEAD; i++) {
            read[i] = load(from, first + 4 * threads * i, count, aligned);
        }
#pragma unroll
        for (int i = 0; i < AHEAD; i++) {
            int at = first + 4 * threads * i;
            int unit = (int)((unsigned)at / (unsigned)latent);
            int code = at - unit * latent;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                if (at + k < count) {
                    to[unit * pitch + code] = read[i].v[k];
                }
                code++;
                if (code == latent) {
                    code = 0;
                    unit++;
                }
            }
        }
    }
    for (int unit = base + (int)threadIdx.x; unit < end; unit += threads) {
        to[(unit - base) * pitch + latent] = bias[unit];
    }
}
