// Products of dense layers that have a thin input, with what surrounds them in the same launch. They are float32 whatever
// precision the other products have, and each sum has one order, whatever the grid.
#include "activation.cuh"
#include "thin.cuh"

// A thread of dense_thin has a quad of each of two rows; a block has tiles of 32 columns.
constexpr int ROWS_OF_THREAD = 2;
constexpr int PRODUCT_ROWS = ROWS_OF_THREAD * TILE_ROWS;

// y = activation(x · weightᵀ + bias). Grid (⌈cols / 32⌉, any) of BLOCK threads.
RESIDENT(6) dense_thin(
        const float* __restrict__ x,  // rows × inner
        long long xStride,
        const float* __restrict__ weight,  // cols × inner, dense
        const float* __restrict__ bias,    // 1 × cols
        float* __restrict__ y,             // rows × cols
        long long yStride,
        int rows,
        int inner,  // THIN at most
        int cols,
        int activation) {
    // a quad more than a row has, so that the four rows that a warp reads at a time lie in different banks
    __shared__ float4 xTile[PRODUCT_ROWS][THIN_QUADS + 1];
    __shared__ float4 weightTile[THIN][TILE_COLS / 4];
    int quads = (int)quadsOf(inner);
    bool xAligned = isAligned(x, xStride);
    bool yAligned = isAligned(y, yStride);
    bool weightAligned = isAligned(weight, inner);

    // transposed: a warp takes a quad of each of 32 columns, and then stores 32 neighbours
    long long unit = (long long)blockIdx.x * TILE_COLS + threadIdx.x % TILE_COLS;
    Quad w[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
        int quad = (int)threadIdx.x / TILE_COLS + i * (THIN_QUADS / 2);
        w[i] = load(weight + unit * inner, 4 * quad, unit < cols ? inner : 0, weightAligned);
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
        int quad = (int)threadIdx.x / TILE_COLS + i * (THIN_QUADS / 2);
        float* transposed = reinterpret_cast<float*>(weightTile[4 * quad]) + threadIdx.x % TILE_COLS;
#pragma unroll
        for (int k = 0; k < 4; k++) {
            transposed[k * TILE_COLS] = w[i].v[k];
        }
    }

    int lane = (int)threadIdx.x % (TILE_COLS / 4);
    int rowLane = (int)threadIdx.x / (TILE_COLS / 4);
    long long col = (long long)blockIdx.x * TILE_COLS + 4 * lane;
    Quad b = load(bias, col, cols, isAligned(bias));
    for (long long first = (long long)blockIdx.y * PRODUCT_ROWS; first < rows;
            first += (long long)gridDim.y * PRODUCT_ROWS) {
        int quad = (int)threadIdx.x % THIN_QUADS;
        int below = (int)threadIdx.x / THIN_QUADS;
        Quad read[PRODUCT_ROWS * THIN_QUADS / BLOCK];
#pragma unroll
        for (int i = 0; i < PRODUCT_ROWS * THIN_QUADS / BLOCK; i++) {
            long long row = first + below + i * (BLOCK / THIN_QUADS);
            read[i] = load(x + row * xStride, 4 * quad, row < rows ? inner : 0, xAligned);
        }
#pragma unroll
        for (int i = 0; i < PRODUCT_ROWS * THIN_QUADS / BLOCK; i++) {
            xTile[below + i * (BLOCK / THIN_QUADS)][quad] = pack(read[i]);
        }
        __syncthreads();
        Quad sums[ROWS_OF_THREAD];
#pragma unroll
        for (int r = 0; r < ROWS_OF_THREAD; r++) {
            sums[r] = b;
        }
#pragma unroll 1
        for (int k = 0; k < quads; k++) {
            float4 a[ROWS_OF_THREAD];
#pragma unroll
            for (int r = 0; r < ROWS_OF_THREAD; r++) {
                a[r] = xTile[rowLane + r * TILE_ROWS][k];
            }
#pragma unroll
            for (int r = 0; r < ROWS_OF_THREAD; r++) {
                multiplyAdd(sums[r], a[r].x, weightTile[4 * k][lane]);
                multiplyAdd(sums[r], a[r].y, weightTile[4 * k + 1][lane]);
                multiplyAdd(sums[r], a[r].z, weightTile[4 * k + 2][lane]);
                multiplyAdd(sums[r], a[r].w, weightTile[4 * k + 3][lane]);
            }
        }
#pragma unroll
        for (int r = 0; r < ROWS_OF_THREAD; r++) {
            long long row = first + rowLane + r * TILE_ROWS;
            if (row < rows) {
                store(y + row * yStride, col, cols, yAligned, activated(sums[r], activation));
            }
        }
        // the next rows go where these are read
        __syncthreads();
    }
}

// A thread of dense_grad_thin has a quad of dY at a time, and a quad of each of two rows of dX. A block takes so many pairs
// of rows at a time: few where there are few rows, so that they spread over more multiprocessors; many where there are many,
// so that the weight is read less often.
constexpr int FEW_PAIRS = 1;
constexpr int MANY_PAIRS = 8;

template <int PAIRS>
DEVICE void denseGradThin(
        const float* y,
        long long yStride,
        float* dY,
        long long dYStride,
        const float* weight,
        float* dX,
        long long dXStride,
        int rows,
        int units,
        int cols,
        int activation,
        float4* tile,
        float4* partial) {
    constexpr int ROWS = ROWS_OF_THREAD * PAIRS;
    constexpr int QUADS = BLOCK / ROWS;
    // a quad more than a row has, so that the rows that a warp reads at a time lie in different banks
    constexpr int PITCH = QUADS + 1;
    int quad = (int)threadIdx.x % QUADS;
    int rowOfTile = (int)threadIdx.x / QUADS;

    // dX: a lane for each quad of a row, a power of two; then the pairs, then slices of the columns of dY
    int lanes = cols <= 16 ? 4 : cols <= 32 ? 8 : 16;
    int lane = (int)threadIdx.x % lanes;
    int team = (int)threadIdx.x / lanes;
    int pair = team % PAIRS;
    int slice = team / PAIRS;

    for (long long first = (long long)blockIdx.x * ROWS; first < rows; first += (long long)gridDim.x * ROWS) {
        Quad sums[ROWS_OF_THREAD] = {};
        for (int base = 0; base < (int)quadsOf(units); base += QUADS) {
            long long row = first + rowOfTile;
            long long col = 4LL * (base + quad);
            Quad d = {};
            if (row < rows) {
                bool dYAligned = isAligned(dY, dYStride);
                d = load(dY + row * dYStride, col, units, dYAligned);
                d = multiplied(d, load(y + row * yStride, col, units, isAligned(y, yStride)), activation);
                store(dY + row * dYStride, col, units, dYAligned, d);
            }
            tile[rowOfTile * PITCH + quad] = pack(d);
            __syncthreads();
            int quads = (int)quadsOf(units) - base;
#pragma unroll 1
            for (int k = slice; k < QUADS && k < quads; k += BLOCK / PAIRS / lanes) {
                float4 w[4];
                bool weightAligned = isAligned(weight, cols);
                int unit = 4 * (base + k);
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    int width = unit + i < units ? cols : 0;
                    w[i] = pack(load(weight + (long long)(unit + i) * cols, 4 * lane, width, weightAligned));
                }
#pragma unroll
                for (int r = 0; r < ROWS_OF_THREAD; r++) {
                    float4 a = tile[(pair + r * PAIRS) * PITCH + k];
                    multiplyAdd(sums[r], a.x, w[0]);
                    multiplyAdd(sums[r], a.y, w[1]);
                    multiplyAdd(sums[r], a.z, w[2]);
                    multiplyAdd(sums[r], a.w, w[3]);
                }
            }
            // the next columns go where these are read
            __syncthreads();
        }
#pragma unroll
        for (int r = 0; r < ROWS_OF_THREAD; r++) {
            partial[(slice * ROWS + pair + r * PAIRS) * lanes + lane] = pack(sums[r]);
        }
        __syncthreads();
        // a thread for each quad of the tile of dX; the next sums come behind another barrier
        if (team < ROWS && first + team < rows) {
            Quad total = {};
#pragma unroll 4
            for (int at = (int)threadIdx.x; at < ROWS_OF_THREAD * BLOCK; at += ROWS * lanes) {
                float4 p = partial[at];
                total.v[0] += p.x;
                total.v[1] += p.y;
                total.v[2] += p.z;
                total.v[3] += p.w;
            }
            store(dX + (first + team) * dXStride, 4 * lane, cols, isAligned(dX, dXStride), total);
        }
    }
}

// dY = dY ⊙ activation′(y) in place and dX = dY · weight, in one pass over dY. Any grid of BLOCK threads.
RESIDENT(5) dense_grad_thin(
        const float* __restrict__ y,  // rows × units
        long long yStride,
        float* dY,  // rows × units
        long long dYStride,
        const float* __restrict__ weight,  // units × cols, dense
        float* __restrict__ dX,            // rows × cols
        long long dXStride,
        int rows,
        int units,
        int cols,        // THIN at most
        int activation,  // not IDENTITY
        int many) {      // whether a block takes 16 rows at a time or 2
    __shared__ float4 tile[BLOCK + ROWS_OF_THREAD * MANY_PAIRS];
    __shared__ float4 partial[ROWS_OF_THREAD * BLOCK];
    if (many) {
        denseGradThin<MANY_PAIRS>(
                y, yStride, dY, dYStride, weight, dX, dXStride, rows, units, cols, activation, tile, partial);
    } else {
        denseGradThin<FEW_PAIRS>(
                y, yStride, dY, dYStride, weight, dX, dXStride, rows, units, cols, activation, tile, partial);
    }
}
