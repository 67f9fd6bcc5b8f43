// What every kernel shares: quads of a row, how threads are dealt out, sums in a fixed order.
#pragma once

#ifndef __CUDACC__
#include "host_cuda.h"
#endif

// inline and not static: the names of static things hold a hash of where they were compiled
#define DEVICE __device__ __forceinline__
#define KERNEL extern "C" __global__ void __launch_bounds__(BLOCK)
// of which so many blocks are to fit on a multiprocessor of 65,536 registers; devices of fewer threads pass it over
#define RESIDENT(blocks) extern "C" __global__ void __launch_bounds__(BLOCK, blocks)

// the counters of dev.elbo.backend.Clock
constexpr int STEP = 0;
constexpr int ROW = 1;
constexpr int SLOT = 2;
constexpr int SAMPLE = 3;

// the columns of dev.elbo.backend.Schedule
constexpr int STEP_SIZE = 0;
constexpr int SECOND_MOMENT_SCALE = 1;
constexpr int BETA = 2;
constexpr int SCHEDULE_COLUMNS = 3;

constexpr unsigned FULL_WARP = 0xffffffffu;
constexpr int WARP = 32;
constexpr int BLOCK = 256;

DEVICE float scheduled(const float* schedule, const int* clock, int column) {
    return schedule[(long long)clock[SLOT] * SCHEDULE_COLUMNS + column];
}

// Four neighbours of a row: the unit that every kernel works on, one 16-byte access where the layout allows.
struct Quad {
    float v[4];
};

DEVICE bool isAligned(const void* base) {
    return ((unsigned long long)base & 15) == 0;
}

// Whether quads that begin at a multiple of four are 16-byte aligned in every row.
DEVICE bool isAligned(const void* base, long long stride) {
    return isAligned(base) && (stride & 3) == 0;
}

// The quad covers the columns col to col + 3; what lies outside [0, cols) reads as 0.
DEVICE Quad load(const float* row, long long col, long long cols, bool aligned) {
    Quad q;
    if (aligned && (col & 3) == 0 && col + 4 <= cols) {
        float4 f = *reinterpret_cast<const float4*>(row + col);
        q.v[0] = f.x;
        q.v[1] = f.y;
        q.v[2] = f.z;
        q.v[3] = f.w;
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            q.v[i] = col + i >= 0 && col + i < cols ? row[col + i] : 0.0f;
        }
    }
    return q;
}

// Guarded stores of 4 bytes: what lies outside [0, cols) is not written.
DEVICE void storeEach(float* row, long long col, long long cols, const Quad& q) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (col + i >= 0 && col + i < cols) {
            row[col + i] = q.v[i];
        }
    }
}

// To a row in global memory, and nowhere else: __stwb is st.global, which on an address of shared memory is undefined.
DEVICE void store(float* row, long long col, long long cols, bool aligned, const Quad& q) {
    if (aligned && (col & 3) == 0 && col + 4 <= cols) {
        // an assignment may come out as four stores of 4 bytes
        __stwb(reinterpret_cast<float4*>(row + col), float4{q.v[0], q.v[1], q.v[2], q.v[3]});
    } else {
        storeEach(row, col, cols, q);
    }
}

// To a row in shared memory.
DEVICE void storeShared(float* row, long long col, long long cols, bool aligned, const Quad& q) {
    if (aligned && (col & 3) == 0 && col + 4 <= cols) {
        *reinterpret_cast<float4*>(row + col) = float4{q.v[0], q.v[1], q.v[2], q.v[3]};
    } else {
        storeEach(row, col, cols, q);
    }
}

// The example that a row of samples is of.
DEVICE long long exampleOf(long long row, int batch) {
    return row < batch ? row : (unsigned)row % (unsigned)batch;
}

// Two levels of a tree in float32, so that float64 costs a quarter of an addition an element: float64 is slow on the
// smaller devices.
DEVICE double sum(const Quad& q) {
    return (q.v[0] + q.v[1]) + (q.v[2] + q.v[3]);
}

// Deals the quads of rows × perRow to all threads of the grid, whatever its size; divides once a thread, not once a quad.
struct Quads {
    long long row;
    unsigned quad;
    unsigned perRow;
    unsigned stepRows;
    unsigned stepQuads;

    __device__ __forceinline__ explicit Quads(unsigned quadsOfRow) {
        unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
        unsigned threads = gridDim.x * blockDim.x;
        perRow = quadsOfRow;
        row = thread / perRow;
        quad = thread % perRow;
        stepRows = threads / perRow;
        stepQuads = threads % perRow;
    }

    __device__ __forceinline__ void next() {
        row += stepRows;
        quad += stepQuads;
        if (quad >= perRow) {
            quad -= perRow;
            row++;
        }
    }
};

DEVICE unsigned quadsOf(int cols) {
    return ((unsigned)cols + 3) / 4;
}

// A row for each team of 1, 2, 4, … 32 lanes, as many as a row has quads, so that short rows leave few lanes idle. All
// lanes of a warp make the same number of turns, whether their row exists or not: a shuffle needs them all.
struct Teams {
    int lanes;
    int lane;
    int rowOfWarp;
    unsigned firstOfWarp;
    unsigned step;

    __device__ __forceinline__ explicit Teams(unsigned quadsOfRow) {
        lanes = 1;
        while (lanes < WARP && (unsigned)lanes < quadsOfRow) {
            lanes *= 2;
        }
        unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
        lane = (int)threadIdx.x & (lanes - 1);
        rowOfWarp = ((int)threadIdx.x & (WARP - 1)) / lanes;
        firstOfWarp = thread / WARP * (unsigned)(WARP / lanes);
        step = gridDim.x * blockDim.x / (unsigned)lanes;
    }

    // The same in all lanes of the team.
    __device__ __forceinline__ double sum(double value) const {
        for (int distance = lanes / 2; distance > 0; distance /= 2) {
            value += __shfl_xor_sync(FULL_WARP, value, distance);
        }
        return value;
    }
};

// The sum over a warp, in all of its lanes.
DEVICE double warpSum(double value) {
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(FULL_WARP, value, distance);
    }
    return value;
}

// The sum over a block of BLOCK threads, in all of them.
DEVICE double blockSum(double value) {
    __shared__ double warps[BLOCK / WARP];
    value = warpSum(value);
    if (threadIdx.x % WARP == 0) {
        warps[threadIdx.x / WARP] = value;
    }
    __syncthreads();
    double total = 0;
    for (int warp = 0; warp < BLOCK / WARP; warp++) {
        total += warps[warp];
    }
    // the next sum of this block writes there again
    __syncthreads();
    return total;
}

// Columns of a block's tile, and rows that it takes at a time: 8 lanes read 128 bytes of a row.
constexpr int TILE_COLS = 32;
constexpr int TILE_ROWS = BLOCK / (TILE_COLS / 4);

// Sums over rows: a block takes the columns of its tile and the rows of chunk y of gridDim.y; term(row, col) gives the quad at
// col. Returns the sum of column TILE_COLS · tile + threadIdx.x to the threads below TILE_COLS.
template <typename Term>
DEVICE double columnSum(int rows, int cols, Term term, unsigned tile = blockIdx.x) {
    __shared__ double sums[TILE_ROWS][TILE_COLS];
    int lane = (int)threadIdx.x % (TILE_COLS / 4);
    int rowLane = (int)threadIdx.x / (TILE_COLS / 4);
    long long col = (long long)tile * TILE_COLS + 4 * lane;
    long long chunk = ((long long)rows + gridDim.y - 1) / gridDim.y;
    long long end = (blockIdx.y + 1) * chunk;
    end = end < rows ? end : rows;
    double own[4] = {0, 0, 0, 0};
    if (col < cols) {
        for (long long row = blockIdx.y * chunk + rowLane; row < end; row += TILE_ROWS) {
            Quad q = term(row, col);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                own[i] += q.v[i];
            }
        }
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        sums[rowLane][4 * lane + i] = own[i];
    }
    __syncthreads();
    // a thread makes two turns at most; nvcc would unroll both loops, the inner one by four
#pragma unroll 1
    for (int half = TILE_ROWS / 2; half > 0; half /= 2) {
#pragma unroll 1
        for (int row = (int)threadIdx.x / TILE_COLS; row < half; row += BLOCK / TILE_COLS) {
            sums[row][threadIdx.x % TILE_COLS] += sums[row + half][threadIdx.x % TILE_COLS];
        }
        __syncthreads();
    }
    return threadIdx.x < TILE_COLS ? sums[0][threadIdx.x] : 0;
}

// The column that this thread got a sum of, or −1.
DEVICE int summedColumn(int cols, unsigned tile = blockIdx.x) {
    long long col = (long long)tile * TILE_COLS + threadIdx.x;
    return threadIdx.x < TILE_COLS && col < cols ? (int)col : -1;
}

// The chunks of one column, in their order.
DEVICE double chunkSum(const double* partial, int chunks, int cols, int col) {
    double total = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
        total += partial[(long long)chunk * cols + col];
    }
    return total;
}
