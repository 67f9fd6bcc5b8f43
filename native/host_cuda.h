// The CUDA C++ that kernels/*.cu are written in, for g++: what elbo.cuh includes where nvcc does not compile.
// Only what rounds as IEEE 754 says is here: a kernel that asks for __expf or another approximation does not compile.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <cmath>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __constant__ const
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
// thread-local, because the linker then gathers the arrays of all kernels, templates and inline functions in one
// segment, which the device poisons at the start of every block
#define __shared__ static thread_local

struct uint3 {
    unsigned x, y, z;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(16) double2 {
    double x, y;
};
struct alignas(8) int2 {
    int x, y;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(4) uchar4 {
    unsigned char x, y, z, w;
};

inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) { return {x, y, z, w}; }

namespace host_cuda {

constexpr int WARP = 32;

// Where in a kernel a rendezvous stands.
struct Place {
    const char* file;
    int line;
};

enum class WarpOp { sync, shuffle, ballot };

// const: within one thread they never change, so the compiler may keep them
uint3 threadIndex() __attribute__((const));
uint3 blockIndex() __attribute__((const));
uint3 blockSize() __attribute__((const));
uint3 gridSize() __attribute__((const));
int lane() __attribute__((const));

void blockBarrier(Place place);

// Waits for the lanes of the mask. A shuffle returns the value of the lane `source`, a ballot the lanes of the mask whose
// value is not 0.
uint64_t warpRendezvous(WarpOp op, unsigned mask, uint64_t value, int source, Place place);

template <class To, class From>
inline To bits(From from) {
    static_assert(sizeof(To) == sizeof(From) && std::is_trivially_copyable<From>::value, "same size");
    To to;
    __builtin_memcpy(&to, &from, sizeof to);
    return to;
}

// Ends the launch unless it is an address of global memory.
void requireGlobal(const void* at, Place place);

template <class T>
inline T shuffle(unsigned mask, T value, int source, Place place) {
    static_assert(std::is_arithmetic<T>::value && (sizeof(T) == 4 || sizeof(T) == 8), "a number of 4 or 8 bytes");
    using Word = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    return bits<T>(static_cast<Word>(warpRendezvous(WarpOp::shuffle, mask, bits<Word>(value), source, place)));
}

}  // namespace host_cuda

#define threadIdx (::host_cuda::threadIndex())
#define blockIdx (::host_cuda::blockIndex())
#define blockDim (::host_cuda::blockSize())
#define gridDim (::host_cuda::gridSize())

constexpr int warpSize = host_cuda::WARP;

// the default argument is evaluated where the call stands
#define HOST_CUDA_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(HOST_CUDA_HERE) { host_cuda::blockBarrier({file, line}); }

inline void __syncwarp(unsigned mask = 0xffffffffu, HOST_CUDA_HERE) {
    host_cuda::warpRendezvous(host_cuda::WarpOp::sync, mask, 0, host_cuda::lane(), {file, line});
}

template <class T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = warpSize, HOST_CUDA_HERE) {
    int segment = host_cuda::lane() & ~(width - 1);
    return host_cuda::shuffle(mask, value, segment | (source & (width - 1)), {file, line});
}

template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize, HOST_CUDA_HERE) {
    int lane = host_cuda::lane();
    bool inside = (lane & (width - 1)) + delta < static_cast<unsigned>(width);
    return host_cuda::shuffle(mask, value, inside ? lane + static_cast<int>(delta) : lane, {file, line});
}

template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = warpSize, HOST_CUDA_HERE) {
    int lane = host_cuda::lane();
    int source = lane ^ lanes;
    bool inside = source < (lane & ~(width - 1)) + width;
    return host_cuda::shuffle(mask, value, inside ? source : lane, {file, line});
}

inline unsigned __ballot_sync(unsigned mask, int predicate, HOST_CUDA_HERE) {
    return static_cast<unsigned>(
        host_cuda::warpRendezvous(host_cuda::WarpOp::ballot, mask, predicate != 0, host_cuda::lane(), {file, line}));
}

inline int __any_sync(unsigned mask, int predicate, HOST_CUDA_HERE) {
    return __ballot_sync(mask, predicate, file, line) != 0;
}

inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return sqrt(a); }

inline float __int2float_rn(int a) { return static_cast<float>(a); }
inline float __uint2float_rn(unsigned a) { return static_cast<float>(a); }
inline float __double2float_rn(double a) { return static_cast<float>(a); }

inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32); }
inline int __float_as_int(float a) { return host_cuda::bits<int>(a); }
inline unsigned __float_as_uint(float a) { return host_cuda::bits<unsigned>(a); }
inline float __int_as_float(int a) { return host_cuda::bits<float>(a); }
inline float __uint_as_float(unsigned a) { return host_cuda::bits<float>(a); }
inline long long __double_as_longlong(double a) { return host_cuda::bits<long long>(a); }
inline double __longlong_as_double(long long a) { return host_cuda::bits<double>(a); }

// nvcc makes these accesses of global memory, whatever the pointer points to; of shared and local memory PTX leaves undefined
// what they do
#define GLOBAL_LOAD(name)                              \
    template <class T>                                 \
    inline T name(const T* at, HOST_CUDA_HERE) {       \
        host_cuda::requireGlobal(at, {file, line});    \
        return *at;                                    \
    }
#define GLOBAL_STORE(name)                             \
    template <class T>                                 \
    inline void name(T* at, T value, HOST_CUDA_HERE) { \
        host_cuda::requireGlobal(at, {file, line});    \
        *at = value;                                   \
    }
GLOBAL_LOAD(__ldg)
GLOBAL_LOAD(__ldcs)
GLOBAL_STORE(__stwb)
GLOBAL_STORE(__stcs)

using std::isfinite;
using std::isinf;
using std::isnan;

// CUDA's min and max of floats are fmin and fmax: a NaN loses against a number
template <class A, class B>
inline std::common_type_t<A, B> min(A a, B b) {
    using T = std::common_type_t<A, B>;
    if constexpr (std::is_floating_point<T>::value) {
        return std::fmin(T(a), T(b));
    } else {
        return T(b) < T(a) ? T(b) : T(a);
    }
}
template <class A, class B>
inline std::common_type_t<A, B> max(A a, B b) {
    using T = std::common_type_t<A, B>;
    if constexpr (std::is_floating_point<T>::value) {
        return std::fmax(T(a), T(b));
    } else {
        return T(a) < T(b) ? T(b) : T(a);
    }
}
