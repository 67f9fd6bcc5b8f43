// The noise of dev.elbo.noise, bit for bit: Philox4x32-10 by address, Box and Muller from IEEE operations alone. The order
// of operations is the contract; Normals.java proves its error.
#pragma once

#include "elbo.cuh"

struct Words {
    unsigned v[4];
};

// Salmon, Moraes, Dror, Shaw 2011, section 3.3 and table 2.
DEVICE Words philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1) {
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, c0);
        unsigned low0 = 0xD2511F53u * c0;
        unsigned high1 = __umulhi(0xCD9E8D57u, c2);
        unsigned low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return Words{{c0, c1, c2, c3}};
}

// 2^24 u: an odd whole number below 2^24, so that the conversion is exact.
DEVICE int oddOf(unsigned word) {
    return (int)(word >> 8 | 1u);
}

DEVICE float uniformOf(unsigned word) {
    return (float)oddOf(word) * 0x1p-24f;
}

// √(−2 ln u)
DEVICE float radius(unsigned word) {
    int bits = __float_as_int(uniformOf(word));
    int exponent = (bits - 0x3F2AAAAB) >> 23;
    float f = __fadd_rn(__int_as_float((int)((unsigned)bits - ((unsigned)exponent << 23))), -1.0f);
    float h = -0x1.23685ap-2f;
    h = __fmaf_rn(h, f, 0x1.35c100p-2f);
    h = __fmaf_rn(h, f, -0x1.1dda32p-2f);
    h = __fmaf_rn(h, f, 0x1.515824p-2f);
    h = __fmaf_rn(h, f, -0x1.99de5ep-2f);
    h = __fmaf_rn(h, f, 0x1.000b28p-1f);
    h = __fmaf_rn(h, f, -0x1.5554eep-1f);
    h = __fmaf_rn(h, f, 1.0f);
    h = __fmaf_rn(h, f, -2.0f);
    return __fsqrt_rn(__fmaf_rn((float)exponent, -0x1.62e430p+0f, __fmul_rn(h, f)));
}

// cos(angle + quadrant · π/2) from the bits of the angle's own cosine and sine.
DEVICE float rotated(int cosine, int sine, int quadrant) {
    int swap = -(quadrant & 1);
    unsigned sign = (unsigned)((quadrant + 1) & 2) << 30;
    return __int_as_float((int)((unsigned)(cosine ^ ((cosine ^ sine) & swap)) ^ sign));
}

DEVICE void normalPair(unsigned radiusWord, unsigned angleWord, float* first, float* second) {
    int odd = oddOf(angleWord);
    int quadrant = (odd + (1 << 21)) >> 22;
    float turn = __fmul_rn((float)(odd - (quadrant << 22)), 0x1p-24f);
    float square = __fmul_rn(turn, turn);
    float c = 0x1.d47448p+5f;
    c = __fmaf_rn(c, square, -0x1.55b138p+6f);
    c = __fmaf_rn(c, square, 0x1.03c1aep+6f);
    c = __fmaf_rn(c, square, -0x1.3bd3ccp+4f);
    c = __fmaf_rn(c, square, 1.0f);
    float s = -0x1.2cfc74p+6f;
    s = __fmaf_rn(s, square, 0x1.465a68p+6f);
    s = __fmaf_rn(s, square, -0x1.4abba8p+5f);
    s = __fmaf_rn(s, square, -0x1.18fafap-22f);
    s = __fmaf_rn(turn, 0x1.921fb6p+2f, __fmul_rn(s, turn));
    float r = radius(radiusWord);
    *first = __fmul_rn(r, rotated(__float_as_int(c), __float_as_int(s), quadrant));
    *second = __fmul_rn(r, rotated(__float_as_int(c), __float_as_int(s), quadrant - 1));
}

// Where an operation takes its noise from: dev.elbo.backend.NoiseSource with the clock read.
struct Noise {
    const float* given;
    long long givenStride;
    bool givenAligned;
    unsigned keyLow;
    unsigned keyHigh;
    unsigned stream;
    unsigned step;
    unsigned firstSample;
    long long firstRow;
    int cols;

    __device__ __forceinline__ Noise(
            const float* noise,
            long long noiseStride,
            unsigned long long seed,
            int streamId,
            int firstRowOfBatch,
            const int* clock,
            int rowLength) {
        given = noise;
        givenStride = noiseStride;
        givenAligned = isAligned(noise, noiseStride);
        keyLow = (unsigned)seed;
        keyHigh = (unsigned)(seed >> 32);
        stream = (unsigned)streamId;
        step = noise ? 0u : (unsigned)clock[STEP];
        firstSample = noise ? 0u : (unsigned)clock[SAMPLE];
        firstRow = noise ? 0 : firstRowOfBatch < 0 ? clock[ROW] : firstRowOfBatch;
        cols = rowLength;
    }

    // Quads of a row begin where Philox's blocks do, so that each block is made once; the first may begin before the row.
    __device__ __forceinline__ int firstColumn(long long row) const {
        return given ? 0 : -(int)((firstRow + row) * cols & 3);
    }

    // As many as any row needs.
    __device__ __forceinline__ unsigned quadsOfRow() const {
        return given || cols % 4 == 0 ? quadsOf(cols) : ((unsigned)cols + 6) / 4;
    }

    __device__ __forceinline__ Words words(long long row, int sample, long long col) const {
        unsigned block = (unsigned)(((firstRow + row) * cols + col) >> 2);
        return philox(block, step, stream, firstSample + (unsigned)sample, keyLow, keyHigh);
    }

    // The normals of sample k of an example: row `sampled` = k · batch + row of given ones.
    __device__ __forceinline__ Quad normals(long long row, int sample, long long sampled, long long col) const {
        if (given) {
            return load(given + sampled * givenStride, col, cols, givenAligned);
        }
        Words w = words(row, sample, col);
        Quad q;
        normalPair(w.v[0], w.v[1], &q.v[0], &q.v[1]);
        normalPair(w.v[2], w.v[3], &q.v[2], &q.v[3]);
        return q;
    }

    __device__ __forceinline__ Quad uniforms(long long row, long long col) const {
        if (given) {
            return load(given + row * givenStride, col, cols, givenAligned);
        }
        Words w = words(row, 0, col);
        return Quad{{uniformOf(w.v[0]), uniformOf(w.v[1]), uniformOf(w.v[2]), uniformOf(w.v[3])}};
    }
};
