// Kernels with one fault each, and their healthy twins: tests of the device. fault = 0 is the twin.
#include "host_cuda.h"

#define KERNEL extern "C" __global__ void

// out[i] = sum of the block's elements of x. fault 1: no barrier; fault 2: one of the warp only.
KERNEL fault_missing_barrier(const float* x, int n, int fault, float* out) {
    __shared__ float s[128];
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    s[threadIdx.x] = i < n ? x[i] : 0;
    if (fault == 0) {
        __syncthreads();
    } else if (fault == 2) {
        __syncwarp();
    }
    float total = 0;
    for (unsigned t = 0; t < blockDim.x; t++) {
        total += s[t];
    }
    if (i < n) {
        out[i] = total;
    }
}

// The barrier after the reads is missing: the next round writes what others still read.
KERNEL fault_missing_second_barrier(const float* x, int n, int fault, float* out) {
    __shared__ float s[128];
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    float total = 0;
    for (int round = 0; round < 3; round++) {
        s[threadIdx.x] = i < n ? x[i] * (float)round : 0;
        __syncthreads();
        total += s[(threadIdx.x + 33) % blockDim.x];
        if (fault == 0) {
            __syncthreads();
        }
    }
    if (i < n) {
        out[i] = total;
    }
}

// A tree within a warp. fault 1: its levels are not separated; fault 2: by a shuffle, which is no fence.
KERNEL fault_missing_syncwarp(const float* x, int n, int fault, float* out) {
    __shared__ float s[128];
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    int lane = (int)threadIdx.x % 32;
    s[threadIdx.x] = i < n ? x[i] : 0;
    for (int half = 16; half > 0; half /= 2) {
        if (fault == 0) {
            __syncwarp();
        } else if (fault == 2) {
            lane = __shfl_sync(0xffffffffu, lane, lane);
        }
        if (lane < half) {
            s[threadIdx.x] += s[threadIdx.x + (unsigned)half];
        }
    }
    if (lane == 0 && i < n) {
        out[i] = s[threadIdx.x];
    }
}

// fault 1: a barrier in a branch; fault 2: some threads leave before it; fault 3: two barriers that are not the same.
KERNEL fault_barrier_in_branch(const float* x, int n, int fault, float* out) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    float v = i < n ? x[i] : 0;
    if (fault == 2 && i >= n) {
        return;
    }
    if (fault == 1) {
        if (v > 0) {
            __syncthreads();
        }
    } else if (fault == 3 && threadIdx.x < 7) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    if (i < n) {
        out[i] = v;
    }
}

// fault 1: no tail guard; fault 2: one before the start; fault 3: a quad too many.
KERNEL fault_out_of_bounds(const float* x, int n, int fault, float* out) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (fault == 3) {
        if (4 * i < n + 4) {
            float4 v = reinterpret_cast<const float4*>(x)[i];
            out[i] = v.x + v.w;
        }
    } else if (fault == 1 || i < n) {
        out[i] = x[fault == 2 ? i - 1 : i];
    }
}

// An index beyond an array, in shared memory and in a local one.
KERNEL fault_array_bounds(const float* x, int n, int fault, float* out) {
    __shared__ float s[128];
    float own[4] = {1, 2, 3, 4};
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    s[threadIdx.x + (fault == 1 ? 1 : 0)] = i < n ? x[i] : 0;
    __syncthreads();
    if (i < n) {
        out[i] = s[127 - threadIdx.x] * own[i % 4 + (fault == 2 ? 1 : 0)];
    }
}

KERNEL fault_misaligned(const float* x, int n, int fault, float* out) {
    int i = 4 * (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i + 4 + fault <= n) {
        float4 v = *reinterpret_cast<const float4*>(x + i + fault);
        out[i] = v.x + v.y;
        out[i + 1] = v.z + v.w;
    }
}

// fault 1: reads what nobody wrote in global memory; fault 2: in shared memory.
KERNEL fault_uninitialised(const float* x, int n, int fault, float* out) {
    __shared__ float s[129];
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    s[threadIdx.x] = i < n ? x[i] : 0;
    __syncthreads();
    float v = s[fault == 2 ? 128 : 127 - threadIdx.x];
    if (i < n) {
        out[i] = fault == 1 ? v + out[i] : v;
    }
}

// fault 1: blocks add to one element; fault 2: a block reads what its neighbour writes; fault 3: so within a block.
KERNEL fault_between_blocks(const float* x, int n, int fault, float* out) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n) {
        return;
    }
    if (fault == 1) {
        if (threadIdx.x == 0) {
            out[0] = x[i];
        }
    } else if (fault == 2) {
        out[i] = x[i];
        if (threadIdx.x == 0 && i > 0) {
            out[i] += out[i - 1];
        }
    } else {
        out[i] = x[i] + x[n - 1 - i];
        if (fault == 3 && i + 1 < n) {
            out[i + 1] = 0;
        }
    }
}

// fault 1: the mask names lanes that do not come; fault 2: a lane outside the mask; fault 3: the value of a lane outside
// the mask; fault 4: lanes that have left.
KERNEL fault_warp_mask(const float* x, int n, int fault, float* out) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    int lane = (int)threadIdx.x % 32;
    float v = i < n ? x[i] : 0;
    if (fault == 4 && lane == 5) {
        return;
    }
    if (fault == 1 && lane < 16) {
        v += __shfl_xor_sync(0xffffffffu, v, 1);
    } else if (fault == 2) {
        v += __shfl_xor_sync(0xfffffff0u, v, 1);
    } else if (lane < 16) {
        v += __shfl_down_sync(0x0000ffffu, v, 8, fault == 3 ? 32 : 16);
    }
    bool any = fault == 4 ? __any_sync(0xffffffffu, v > 1) : __any_sync(0xffffffffu, v > 2) != 0;
    unsigned big = __ballot_sync(0xffffffffu, v > 0.5f);
    double d = __shfl_sync(0xffffffffu, (double)v, 3, 8);
    if (i < n) {
        out[i] = v + (any ? 1.0f : 0.0f) + (float)(big >> 16) + (float)d;
    }
}

KERNEL fault_host_access(const float* x, int n, int fault, float* out) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    static const float table[4] = {1, 2, 3, 4};
    if (i < n) {
        out[i] = x[i] * table[i % 4];
        if (fault != 0) {
            static float counter;
            counter += out[i];
            out[i] = counter;
        }
    }
}

// Loads and stores that nvcc makes ones of global memory. fault 1 and 2: a store and a load of shared memory; fault 3 and 4: of
// a thread's own.
KERNEL fault_state_space(const float* x, int n, int fault, float* out) {
    __shared__ float4 s[128];
    float4 own = {1, 2, 3, 4};
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    float4* at = s + threadIdx.x;
    *at = own;
    float value = i < n ? __ldg(x + i) : 0;
    if (fault == 1) {
        __stwb(at, own);
    } else if (fault == 2) {
        value += __ldg(at).x;
    } else if (fault == 3) {
        __stcs(&own, *at);
    } else if (fault == 4) {
        value += __ldcs(&own).y;
    }
    if (i < n) {
        __stwb(out + i, value + own.z + at->w);
    }
}

// A block and a grid of three dimensions.
KERNEL three_dimensions(const float* x, int n, float* out) {
    __shared__ float s[3][5][7];
    s[threadIdx.z][threadIdx.y][threadIdx.x] = x[0];
    __syncthreads();
    unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    int i = (int)(block * blockDim.x * blockDim.y * blockDim.z + thread);
    if (i < n) {
        out[i] = s[2 - threadIdx.z][4 - threadIdx.y][6 - threadIdx.x] + (float)i;
    }
}
