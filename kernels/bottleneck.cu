// The narrow part of a training step in one launch each way: the heads, the sample, and the decoder's first layer, with a
// block for each row. What the single kernels would leave in memory is left there too. Products are float32 whatever
// precision the others have, and each sum has one order, whatever the grid.
#include "bottleneck.cuh"

// heads = h · headWeightᵀ + headBias; z = μ + exp(½ log σ²) ε with both KL divergences; y = activation(z · weightᵀ + bias).
// Any grid of blocks of 64, 128 or 256 threads.
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
        int firstRow,                   // of a shard; -1: the clock's
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
    __shared__ float weights[WEIGHTS];
    __shared__ float laneSums[GROUP * PITCH];
    __shared__ float4 codes[2 * THIN_QUADS];
    __shared__ float4 drawn[THIN_QUADS];
    __shared__ double divergences[2][WARP];
    float* mu = reinterpret_cast<float*>(codes);
    Noise source(noise, noiseStride, seed, stream, firstRow, clock, latent);
    int quads = (int)source.quadsOfRow();
    int threads = (int)blockDim.x;
    int warps = threads / WARP;
    int warp = (int)threadIdx.x / WARP;
    int lane = (int)threadIdx.x % WARP;
    // odd, so that rows that a warp reads lie in different banks
    int pitch = (latent + 1) | 1;
    int unitsOfTile = WEIGHTS / pitch / 4 * 4;

    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        // the first tile waits for nothing
        stage(weights, pitch, weight, bias, 0, unitsOfTile < units ? unitsOfTile : units, latent);
        for (int group = 0; group < 2 * latent; group += warps * AHEAD) {
            int ownCode = group + (int)threadIdx.x;
            bool finishes = (int)threadIdx.x < warps * AHEAD && ownCode < 2 * latent;
            float ownBias = finishes ? headBias[ownCode] : 0.0f;
            float own[AHEAD] = {};
#pragma unroll 1
            for (int quad = lane; quad < width / 4; quad += WARP) {
                float4 a = quadAt(h + row * hStride, 4 * quad);
                float4 w[AHEAD];
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    int code = group + i * warps + warp;
                    w[i] = code < 2 * latent ? quadAt(headWeight, (long long)code * width + 4 * quad) : float4{0, 0, 0, 0};
                }
#pragma unroll
                for (int i = 0; i < AHEAD; i++) {
                    own[i] = dot(a, w[i], own[i]);
                }
            }
#pragma unroll
            for (int i = 0; i < AHEAD; i++) {
                laneSums[(i * warps + warp) * PITCH + lane] = own[i];
            }
            __syncthreads();
            if (finishes) {
                mu[ownCode] = (float)(chainSum(laneSums + threadIdx.x * PITCH, WARP, 1) + ownBias);
                heads[row * headsStride + ownCode] = mu[ownCode];
            }
            // the next sums go where these are read
            __syncthreads();
        }
        if (warp == 0 && lane < quads) {
            long long col = source.firstColumn(row) + 4 * lane;
            double analytic = 0;
            double sampled = 0;
            if (col < latent) {
                Quad m = load(mu, col, latent, true);
                Quad lv = load(mu + latent, col, latent, latent % 4 == 0);
                Quad eps = source.normals(row, 0, row, col);
                Quad sample = sampleOf(m, lv, eps, col, latent, &sampled);
                analytic = klOf(m, lv);
                store(z + row * zStride, col, latent, isAligned(z, zStride), sample);
                storeShared(reinterpret_cast<float*>(drawn), col, latent, true, sample);
            }
            divergences[0][lane] = analytic;
            divergences[1][lane] = sampled;
        }
        __syncthreads();
        // the last warp has the fewest units
        float* divergence = lane == 0 ? kl : sampledKl;
        if (warp == warps - 1 && lane < 2 && divergence) {
            double total = 0;
            for (int i = 0; i < quads; i++) {
                total += divergences[lane][i];
            }
            divergence[row] = (float)total;
        }
        for (int base = 0; base < units; base += unitsOfTile) {
            int end = units - base < unitsOfTile ? units : base + unitsOfTile;
            if (base > 0) {
                __syncthreads();
                stage(weights, pitch, weight, bias, base, end, latent);
                __syncthreads();
            }
            for (int unit = base + (int)threadIdx.x; unit < end; unit += threads) {
                const float* w = weights + (unit - base) * pitch;
                float total = w[latent];
                int code = 0;
                for (; code + 4 <= latent; code += 4) {
                    total = dot(drawn[code / 4], float4{w[code], w[code + 1], w[code + 2], w[code + 3]}, total);
                }
                for (; code < latent; code++) {
                    total = __fmaf_rn(reinterpret_cast<float*>(drawn)[code], w[code], total);
                }
                y[row * yStride + unit] = activated(Quad{{total, 0, 0, 0}}, activation).v[0];
            }
        }
        // the next row's weights, codes and sums go where these are read
        __syncthreads();
    }
}

// dY = dY ⊙ unitActivation′(y) in place; dZ = dY · weight; dHeads as reparameterize_grad has it, of one sample;
// dH = (dHeads · headWeight) ⊙ widthActivation′(h). Any grid of blocks of 64, 128 or 256 threads.
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
        int firstRow,                         // of a shard; -1: the clock's
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
    __shared__ float4 partial[BLOCK];
    __shared__ float4 dCode[THIN_QUADS];
    __shared__ float4 codes[2 * THIN_QUADS];
    __shared__ float4 dCodes[2 * THIN_QUADS];
    float* d = reinterpret_cast<float*>(tile);
    float* mu = reinterpret_cast<float*>(codes);
    float* dMu = reinterpret_cast<float*>(dCodes);
    Noise source(noise, noiseStride, seed, stream, firstRow, noiseClock, latent);
    float klScale = scheduled(schedule, clock, BETA) * scale;
    bool weightAligned = isAligned(weight, latent);
    int threads = (int)blockDim.x;
    // of a row of dY, a quad for each thread at a time
    int most = 4 * threads;
    int lanes = lanesOf(latent);
    int lane = (int)threadIdx.x % lanes;
    int slices = threads / lanes;
    int slice = (int)threadIdx.x / lanes;
    int columns = threads / 2;
    int half = (int)threadIdx.x >= columns;
    int column = (int)threadIdx.x - half * columns;

    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        // two turns at most, and nvcc would unroll by four
#pragma unroll 1
        for (int code = (int)threadIdx.x; code < 2 * latent; code += threads) {
            mu[code] = heads[row * headsStride + code];
        }
        Quad toCode = {};
        for (int base = 0; base < units; base += most) {
            long long unit = base + 4LL * threadIdx.x;
            Quad own = {};
            if (unit < units) {
                own = load(dY + row * dYStride, unit, units, true);
                own = multiplied(own, load(y + row * yStride, unit, units, true), unitActivation);
                store(dY + row * dYStride, unit, units, true, own);
            }
            tile[threadIdx.x] = pack(own);
            __syncthreads();
            int span = units - base < most ? units - base : most;
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
        partial[threadIdx.x] = pack(toCode);
        __syncthreads();
        if ((int)threadIdx.x < latent) {
            // by slices: those of a code lie a row of codes apart
            float total = (float)chainSum(reinterpret_cast<float*>(partial) + threadIdx.x, slices, 4 * lanes);
            reinterpret_cast<float*>(dCode)[threadIdx.x] = total;
            dZ[row * dZStride + threadIdx.x] = total;
        }
        __syncthreads();
        long long col = source.firstColumn(row) + 4LL * threadIdx.x;
        if (threadIdx.x < WARP && col < latent) {
            Quad m = load(mu, col, latent, true);
            Quad lv = load(mu + latent, col, latent, latent % 4 == 0);
            Quad gradMu;
            Quad gradLogVar;
            latentGrad(
                    source, m, lv, reinterpret_cast<float*>(dCode), 0, mode, rowWeight, klScale, row, col, 1, rows, latent,
                    &gradMu, &gradLogVar);
            bool aligned = isAligned(dHeads, dHeadsStride);
            storeShared(dMu, col, latent, true, gradMu);
            storeShared(dMu + latent, col, latent, latent % 4 == 0, gradLogVar);
            store(dHeads + row * dHeadsStride, col, latent, aligned, gradMu);
            store(dHeads + row * dHeadsStride + latent, col, latent, aligned && latent % 4 == 0, gradLogVar);
        }
        __syncthreads();
        for (int base = 0; base < width / 4; base += columns) {
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
