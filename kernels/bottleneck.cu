// The narrow part of a training step in one launch each way: the heads, the sample, and the decoder's first layer, with a
// block for each row. What the single kernels would leave in memory is left there too. Products are float32 whatever
// precision the others have, and each sum has one order, whatever the grid.
#include "activation.cuh"
#include "latent.cuh"
#include "thin.cuh"

constexpr int WARPS = BLOCK / WARP;
// loads of weights that a thread has under way at a time
constexpr int AHEAD = 8;
// of a wide row, what shared memory has room for: a quad for each thread
constexpr int SPAN = 4 * BLOCK;

// The same in all lanes that differ in the bits from `lanes` up to, and not with, `end`; powers of two.
DEVICE double laneSum(double value, int lanes, int end) {
    for (int distance = lanes; distance < end; distance *= 2) {
        value += __shfl_xor_sync(FULL_WARP, value, distance);
    }
    return value;
}

// A quad of a row that is a multiple of four long and aligned.
DEVICE float4 quadAt(const float* row, long long col) {
    return *reinterpret_cast<const float4*>(row + col);
}

// a · b + sum
DEVICE float dot(const float4& a, const float4& b, float sum) {
    return __fmaf_rn(a.w, b.w, __fmaf_rn(a.z, b.z, __fmaf_rn(a.y, b.y, __fmaf_rn(a.x, b.x, sum))));
}

DEVICE Quad plus(const float4& a, const float4& b) {
    return Quad{{a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w}};
}

DEVICE unsigned tilesOf(int cols) {
    return (unsigned)(cols + TILE_COLS - 1) / TILE_COLS;
}

// That take a quad each of a row of codes.
DEVICE int lanesOf(int latent) {
    return latent <= 16 ? 4 : latent <= 32 ? 8 : 16;
}

// heads = h · headWeightᵀ + headBias; z = μ + exp(½ log σ²) ε with both KL divergences; y = activation(z · weightᵀ + bias).
// Any grid of BLOCK threads.
RESIDENT(3) bottleneck(
        const float* __restrict__ h,  // rows × width
        long long hStride,
        const float* __restrict__ headWeight,  // 2 · latent × width, dense
        const float* __restrict__ headBias,    // 1 × 2 · latent
        float* __restrict__ heads,             // rows × 2 · latent: μ, log σ²
        long long headsStride,
        const float* __restrict__ noise,  // rows × latent; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int rowsOfData,
        const int* __restrict__ clock,  // 4; unused with given noise
        float* __restrict__ z,          // rows × latent
        long long zStride,
        float* __restrict__ kl,            // rows; optional
        float* __restrict__ sampledKl,     // rows; optional
        const float* __restrict__ weight,  // units × latent, dense
        const float* __restrict__ bias,    // 1 × units
        float* __restrict__ y,             // rows × units
        long long yStride,
        int rows,
        int width,
        int latent,  // THIN at most
        int units,
        int activation) {
    __shared__ float4 codes[2 * THIN_QUADS];
    __shared__ float4 zRow[THIN_QUADS];
    __shared__ float4 sums[BLOCK];
    float* mu = reinterpret_cast<float*>(codes);
    float* drawn = reinterpret_cast<float*>(zRow);
    float* sumOf = reinterpret_cast<float*>(sums);
    Noise source(noise, noiseStride, seed, stream, rowsOfData, clock, latent);
    bool weightAligned = isAligned(weight, latent);
    int warp = (int)threadIdx.x / WARP;
    int laneOfWarp = (int)threadIdx.x % WARP;
    int lanes = lanesOf(latent);
    int lane = (int)threadIdx.x % lanes;
    int team = (int)threadIdx.x / lanes;
    int teams = BLOCK / lanes;
    // its last quad may end behind the row
    if (threadIdx.x < THIN) {
        drawn[threadIdx.x] = 0;
    }

    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        for (int first = warp; first < 2 * latent; first += WARPS * AHEAD) {
            float own[AHEAD] = {};
#pragma unroll 1
            for (unsigned quad = (unsigned)laneOfWarp; quad < (unsigned)width / 4; quad += WARP) {
                float4 a = quadAt(h + row * hStride, 4 * quad);
                float4 w[AHEAD];
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    int code = first + i * WARPS;
                    w[i] = code < 2 * latent ? quadAt(headWeight, (long long)code * width + 4 * quad) : float4{0, 0, 0, 0};
                }
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    own[i] = dot(a, w[i], own[i]);
                }
            }
#pragma unroll
            for (int i = 0; i < AHEAD; i++) {
                double total = laneSum(own[i], 1, WARP);
                int code = first + i * WARPS;
                if (laneOfWarp == i && code < 2 * latent) {
                    mu[code] = (float)(total + headBias[code]);
                    heads[row * headsStride + code] = mu[code];
                }
            }
        }
        __syncthreads();
        if (warp == 0) {
            double analytic = 0;
            double sampled = 0;
            long long col = source.firstColumn(row) + 4 * laneOfWarp;
            if (col < latent) {
                Quad m = load(mu, col, latent, true);
                Quad lv = load(mu + latent, col, latent, latent % 4 == 0);
                Quad eps = source.normals(row, 0, row, col);
                Quad sample = sampleOf(m, lv, eps, col, latent, &sampled);
                analytic = klOf(m, lv);
                store(z + row * zStride, col, latent, isAligned(z, zStride), sample);
                store(drawn, col, latent, true, sample);
            }
            analytic = laneSum(analytic, 1, WARP);
            sampled = laneSum(sampled, 1, WARP);
            if (laneOfWarp == 0 && kl) {
                kl[row] = (float)analytic;
            }
            if (laneOfWarp == 0 && sampledKl) {
                sampledKl[row] = (float)sampled;
            }
        }
        __syncthreads();
        float4 code = 4 * lane < latent ? zRow[lane] : float4{0, 0, 0, 0};
        for (int base = 0; base < units; base += SPAN) {
            int span = units - base < SPAN ? units - base : SPAN;
#pragma unroll 1
            for (int first = team; first - team < span; first += teams * AHEAD) {
                Quad w[AHEAD];
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    long long unit = base + first + i * teams;
                    w[i] = load(weight + unit * latent, 4 * lane, unit < units ? latent : 0, weightAligned);
                }
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    double total = laneSum(dot(code, pack(w[i]), 0.0f), 1, lanes);
                    if (lane == 0) {
                        sumOf[first + i * teams] = (float)total;
                    }
                }
            }
            __syncthreads();
            long long unit = base + 4LL * threadIdx.x;
            if (unit < units) {
                Quad total = plus(sums[threadIdx.x], quadAt(bias, unit));
                store(y + row * yStride, unit, units, true, activated(total, activation));
            }
            // the next sums go where these are read
            __syncthreads();
        }
    }
}

// dY = dY ⊙ unitActivation′(y) in place; dZ = dY · weight; dHeads as reparameterize_grad has it, of one sample;
// dH = (dHeads · headWeight) ⊙ widthActivation′(h). Any grid of BLOCK threads.
RESIDENT(3) bottleneck_grad(
        const float* __restrict__ y,  // rows × units
        long long yStride,
        float* dY,  // rows × units
        long long dYStride,
        const float* __restrict__ weight,  // units × latent, dense
        float* __restrict__ dZ,            // rows × latent
        long long dZStride,
        const float* __restrict__ heads,  // rows × 2 · latent: μ, log σ²
        long long headsStride,
        const float* __restrict__ noise,  // rows × latent; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int rowsOfData,
        int mode,                             // KlMode's ordinal
        const float* __restrict__ schedule,   // steps × 3
        const int* __restrict__ clock,        // 4, the schedule's
        const int* __restrict__ noiseClock,   // 4; unused with given noise
        const float* __restrict__ rowWeight,  // rows; optional: 1
        float scale,
        float* __restrict__ dHeads,  // rows × 2 · latent
        long long dHeadsStride,
        const float* __restrict__ headWeight,  // 2 · latent × width, dense
        const float* __restrict__ h,           // rows × width
        long long hStride,
        float* __restrict__ dH,  // rows × width
        long long dHStride,
        int rows,
        int units,
        int latent,  // THIN at most
        int width,
        int unitActivation,     // not IDENTITY
        int widthActivation) {  // not IDENTITY
    __shared__ float4 tile[BLOCK];
    __shared__ double partial[WARPS][THIN];
    __shared__ float4 dCode[THIN_QUADS];
    __shared__ float4 codes[2 * THIN_QUADS];
    __shared__ float4 dCodes[2 * THIN_QUADS];
    float* d = reinterpret_cast<float*>(tile);
    float* mu = reinterpret_cast<float*>(codes);
    float* dMu = reinterpret_cast<float*>(dCodes);
    Noise source(noise, noiseStride, seed, stream, rowsOfData, noiseClock, latent);
    float klScale = scheduled(schedule, clock, BETA) * scale;
    bool weightAligned = isAligned(weight, latent);
    int warp = (int)threadIdx.x / WARP;
    int laneOfWarp = (int)threadIdx.x % WARP;
    int lanes = lanesOf(latent);
    int lane = (int)threadIdx.x % lanes;
    int slices = BLOCK / lanes;
    int slice = (int)threadIdx.x / lanes;
    constexpr int COLUMNS = BLOCK / 2;
    int column = (int)threadIdx.x % COLUMNS;
    int half = (int)threadIdx.x / COLUMNS;

    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        if ((int)threadIdx.x < 2 * latent) {
            mu[threadIdx.x] = heads[row * headsStride + threadIdx.x];
        }
        Quad toCode = {};
        for (int base = 0; base < units; base += SPAN) {
            long long unit = base + 4LL * threadIdx.x;
            Quad own = {};
            if (unit < units) {
                own = load(dY + row * dYStride, unit, units, true);
                own = multiplied(own, load(y + row * yStride, unit, units, true), unitActivation);
                store(dY + row * dYStride, unit, units, true, own);
            }
            tile[threadIdx.x] = pack(own);
            __syncthreads();
            int span = units - base < SPAN ? units - base : SPAN;
#pragma unroll 1
            for (int first = slice; first < span; first += slices * AHEAD) {
                Quad w[AHEAD];
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    int at = first + i * slices;
                    w[i] = load(weight + (long long)(base + at) * latent, 4 * lane, at < span ? latent : 0, weightAligned);
                }
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    int at = first + i * slices;
                    multiplyAdd(toCode, at < span ? d[at] : 0.0f, pack(w[i]));
                }
            }
            // the next columns go where these are read
            __syncthreads();
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            double total = laneSum(toCode.v[i], lanes, WARP);
            if (laneOfWarp < lanes) {
                partial[warp][4 * lane + i] = total;
            }
        }
        __syncthreads();
        if ((int)threadIdx.x < latent) {
            double total = 0;
#pragma unroll
            for (int i = 0; i < WARPS; i++) {
                total += partial[i][threadIdx.x];
            }
            reinterpret_cast<float*>(dCode)[threadIdx.x] = (float)total;
            dZ[row * dZStride + threadIdx.x] = (float)total;
        }
        __syncthreads();
        long long col = source.firstColumn(row) + 4 * laneOfWarp;
        if (warp == 0 && col < latent) {
            Quad m = load(mu, col, latent, true);
            Quad lv = load(mu + latent, col, latent, latent % 4 == 0);
            Quad gradMu;
            Quad gradLogVar;
            latentGrad(
                    source, m, lv, reinterpret_cast<float*>(dCode), 0, mode, rowWeight, klScale, row, col, 1, rows, latent,
                    &gradMu, &gradLogVar);
            bool aligned = isAligned(dHeads, dHeadsStride);
            store(dMu, col, latent, true, gradMu);
            store(dMu + latent, col, latent, latent % 4 == 0, gradLogVar);
            store(dHeads + row * dHeadsStride, col, latent, aligned, gradMu);
            store(dHeads + row * dHeadsStride + latent, col, latent, aligned && latent % 4 == 0, gradLogVar);
        }
        __syncthreads();
        for (int base = 0; base < width / 4; base += COLUMNS) {
            int at = 4 * (base + column);
            Quad total = {};
            Quad before = load(h + row * hStride, at, half == 0 ? width : 0, true);
#pragma unroll 1
            for (int first = half; first < 2 * latent; first += 2 * AHEAD) {
                float4 w[AHEAD];
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    int code = first + 2 * i;
                    bool inside = code < 2 * latent && at < width;
                    w[i] = inside ? quadAt(headWeight, (long long)code * width + at) : float4{0, 0, 0, 0};
                }
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    int code = first + 2 * i;
                    multiplyAdd(total, code < 2 * latent ? dMu[code] : 0.0f, w[i]);
                }
            }
            if (half == 1) {
                tile[column] = pack(total);
            }
            __syncthreads();
            if (half == 0 && at < width) {
                total = plus(pack(total), tile[column]);
                store(dH + row * dHStride, at, width, true, multiplied(total, before, widthActivation));
            }
            // the next sums go where these are read
            __syncthreads();
        }
    }
}

// The columns' sums of three gradients: dB of the decoder's first layer, of the heads, and of the encoder's last layer. Grid
// ⌈units / 32⌉ + ⌈codes / 32⌉ + ⌈width / 32⌉ of BLOCK threads.
KERNEL bottleneck_grad_bias(
        const float* __restrict__ dY,  // rows × units
        long long dYStride,
        float* __restrict__ dB,            // 1 × units
        const float* __restrict__ dHeads,  // rows × codes
        long long dHeadsStride,
        float* __restrict__ dHeadBias,  // 1 × codes
        const float* __restrict__ dH,   // rows × width
        long long dHStride,
        float* __restrict__ dBOfWidth,  // 1 × width
        int rows,
        int units,
        int codes,
        int width) {
    unsigned tile = blockIdx.x;
    const float* from = dY;
    long long stride = dYStride;
    float* to = dB;
    int cols = units;
    if (tile >= tilesOf(cols)) {
        tile -= tilesOf(cols);
        from = dHeads;
        stride = dHeadsStride;
        to = dHeadBias;
        cols = codes;
        if (tile >= tilesOf(cols)) {
            tile -= tilesOf(cols);
            from = dH;
            stride = dHStride;
            to = dBOfWidth;
            cols = width;
        }
    }
    bool aligned = isAligned(from, stride);
    double total = columnSum(
            rows, cols, [=](long long row, long long col) { return load(from + row * stride, col, cols, aligned); }, tile);
    int col = summedColumn(cols, tile);
    if (col >= 0) {
        to[col] = (float)total;
    }
}
