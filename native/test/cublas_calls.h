// What the tests of cuBLAS share: a handle on a stream of the double, and a product with its arguments as fields.
#pragma once

#include "../cublas/cublas.h"
#include "numerics.h"
#include "queue_double.h"

using namespace host_cuda;

inline void* const STREAM = reinterpret_cast<void*>(0x57);

inline void requireStatus(const std::string& what, int got, int expected) {
    require(got == expected, what + ": " + cublasGetStatusName(got) + ", not " + cublasGetStatusName(expected));
}

// Made on a stream; nothing of the double's past is left.
class Blas {
public:
    Blas() {
        queue_double::reset();
        requireStatus("create", cublasCreate_v2(&handle), SUCCESS);
        requireStatus("set stream", cublasSetStream_v2(handle, STREAM), SUCCESS);
    }
    ~Blas() { cublasDestroy_v2(handle); }
    Blas(const Blas&) = delete;
    Blas& operator=(const Blas&) = delete;

    void* handle = nullptr;
};

// float32, nothing transposed, alpha 1 and beta 0, unless said otherwise.
struct Gemm {
    void* handle = nullptr;
    int m = 0, n = 0, k = 0;
    const void* a = nullptr;
    int lda = 0;
    const void* b = nullptr;
    int ldb = 0;
    void* c = nullptr;
    int ldc = 0;
    int transA = TRANSPOSE_NONE, transB = TRANSPOSE_NONE;
    float alpha = 1, beta = 0;
    int typeA = REAL_32F, typeB = REAL_32F, typeC = REAL_32F;
    int compute = COMPUTE_32F;
    int algorithm = -1;

    int call() const { return call(&alpha, &beta); }
    int call(const float* alphaAt, const float* betaAt) const {
        return cublasGemmEx(handle, transA, transB, m, n, k, alphaAt, a, typeA, lda, b, typeB, ldb, betaAt, c, typeC, ldc,
                            compute, algorithm);
    }
    int callSgemm() const {
        return cublasSgemm_v2(handle, transA, transB, m, n, k, &alpha, static_cast<const float*>(a), lda,
                              static_cast<const float*>(b), ldb, &beta, static_cast<float*>(c), ldc);
    }
    void run() const {
        requireStatus("product", call(), SUCCESS);
        queue_double::run(STREAM);
    }
};

inline uint32_t bitsOf(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
