// The products: their arguments are judged at the call as cuBLAS does, the work is left to the stream.
#include <algorithm>

#include "cublas/handle.h"
#include "cublas/product.h"
#include "driver/queue.h"

namespace host_cuda {
namespace {

constexpr int TENSOR_CORES = 80;

struct Arguments {
    int transA, transB, m, n, k;
    const void* alpha;
    const void* a;
    int typeA, lda;
    const void* b;
    int typeB, ldb;
    const void* beta;
    void* c;
    int typeC, ldc, compute, algorithm;
};

bool isTranspose(int t) { return t == TRANSPOSE_NONE || t == TRANSPOSE || t == TRANSPOSE_CONJUGATE; }

// cublasGemmAlgo_t: the default and 0 to 23, and the same for tensor cores
bool isAlgorithm(int a) { return (a >= -1 && a <= 23) || (a >= 99 && a <= 115); }

bool isSupported(const Arguments& x) {
    bool plain = x.compute == COMPUTE_32F || x.compute == COMPUTE_32F_PEDANTIC;
    bool fast = x.compute == COMPUTE_32F_FAST_16BF || x.compute == COMPUTE_32F_FAST_TF32;
    // only float32 operands can be rounded to something faster
    bool types = x.typeA == x.typeB && x.typeC == REAL_32F &&
                 ((x.typeA == REAL_32F && (plain || fast)) || (x.typeA == REAL_16BF && plain));
    return types && isAlgorithm(x.algorithm);
}

Status judge(const Arguments& x) {
    if (!isTranspose(x.transA) || !isTranspose(x.transB) || x.m < 0 || x.n < 0 || x.k < 0) {
        return INVALID_VALUE;
    }
    int rowsA = x.transA == TRANSPOSE_NONE ? x.m : x.k;
    int rowsB = x.transB == TRANSPOSE_NONE ? x.k : x.n;
    if (x.lda < std::max(1, rowsA) || x.ldb < std::max(1, rowsB) || x.ldc < std::max(1, x.m)) {
        return INVALID_VALUE;
    }
    bool anything = x.m > 0 && x.n > 0;
    if (x.alpha == nullptr || x.beta == nullptr || (anything && x.c == nullptr)) {
        return INVALID_VALUE;
    }
    return isSupported(x) ? SUCCESS : NOT_SUPPORTED;
}

// What tensor cores of TF32 and bfloat16 do, which came with capability 8.0.
bool needsTensorCores(const Arguments& x) {
    return x.typeA == REAL_16BF || x.compute == COMPUTE_32F_FAST_16BF || x.compute == COMPUTE_32F_FAST_TF32;
}

// Of a sound product, what the device lacks.
Status judgeDevice(const Arguments& x, int capability) {
    if (capability > NEWEST_CAPABILITY) {
        return ARCH_MISMATCH;
    }
    return capability < TENSOR_CORES && needsTensorCores(x) ? NOT_SUPPORTED : SUCCESS;
}

// The environment overrules the program; a pedantic product asks for nothing.
Rounding roundingOf(const Handle& handle, const Arguments& x, const ProductSettings& settings) {
    if (x.typeA != REAL_32F || handle.tf32 == Tf32::never || settings.capability < TENSOR_CORES) {
        return Rounding::none;
    }
    if (x.compute == COMPUTE_32F_FAST_16BF) {
        return Rounding::bf16;
    }
    bool mode = (handle.mathMode & ~MATH_FULL_REDUCTIONS) == MATH_TF32 && x.compute == COMPUTE_32F;
    bool tf32 = handle.tf32 == Tf32::always || mode || x.compute == COMPUTE_32F_FAST_TF32;
    return !tf32 ? Rounding::none : settings.truncatedTf32 ? Rounding::truncatedTf32 : Rounding::tf32;
}

Stored stored(const char* name, const void* at, int type, int transpose, int rows, int cols, int ld) {
    bool transposed = transpose != TRANSPOSE_NONE;
    return {name,
            at,
            type == REAL_16BF ? size_t(2) : sizeof(float),
            static_cast<size_t>(transposed ? cols : rows),
            static_cast<size_t>(transposed ? rows : cols),
            static_cast<size_t>(ld)};
}

Scalar scalar(const char* function, const char* name, const Handle& handle, const void* at) {
    const float* value = static_cast<const float*>(at);
    if (handle.pointerMode == POINTER_DEVICE) {
        return {0, value};
    }
    fromHost(function, name, at);
    return {*value, nullptr};
}

// Whether cuBLAS would take memory while the stream captures: for a workspace, which the graph then owns, or for kernels
// that no product of the handle has loaded.
Status judgeCapture(const Handle& handle) {
    bool capturing = false;
    if (int error = isCapturing(handle.stream, capturing)) {
        return productStatus(error, EXECUTION_FAILED);
    }
    return capturing && (handle.workspace == nullptr || !handle.loaded) ? INTERNAL_ERROR : SUCCESS;
}

Product productOf(const char* function, const Handle& handle, const Arguments& x, const ProductSettings& settings) {
    return {function,
            static_cast<size_t>(x.m),
            static_cast<size_t>(x.n),
            static_cast<size_t>(x.k),
            scalar(function, "alpha", handle, x.alpha),
            scalar(function, "beta", handle, x.beta),
            stored("A", x.a, x.typeA, x.transA, x.m, x.k, x.lda),
            stored("B", x.b, x.typeB, x.transB, x.k, x.n, x.ldb),
            stored("C", x.c, x.typeC, TRANSPOSE_NONE, x.m, x.n, x.ldc),
            x.transA != TRANSPOSE_NONE,
            x.transB != TRANSPOSE_NONE,
            roundingOf(handle, x, settings),
            handle.workspace,
            handle.workspaceBytes,
            settings.float32Sums,
            settings.sumsSeed};
}

int gemm(const char* function, void* key, const Arguments& x) {
    Call call(function, key, productStatus);
    if (call.status != SUCCESS) {
        return call.status;
    }
    ProductSettings settings = productSettings();
    Status judged = judge(x);
    if (judged == SUCCESS) {
        judged = judgeDevice(x, settings.capability);
    }
    if (judged != SUCCESS || x.m == 0 || x.n == 0) {
        return judged;
    }
    judged = judgeCapture(*call.handle);
    if (judged != SUCCESS) {
        return judged;
    }
    Product product = productOf(function, *call.handle, x, settings);
    Status queued =
        productStatus(enqueueSteps(call.handle->stream, function, stepsOf(product, settings.nodes)), EXECUTION_FAILED);
    // it is not captured if nothing has been loaded before
    call.handle->loaded = call.handle->loaded || queued == SUCCESS;
    return queued;
}

}  // namespace
}  // namespace host_cuda

using namespace host_cuda;

extern "C" {

int cublasSgemm_v2(void* handle, int transA, int transB, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc) {
    return gemm(
        "cublasSgemm_v2", handle,
        {transA, transB, m, n, k, alpha, a, REAL_32F, lda, b, REAL_32F, ldb, beta, c, REAL_32F, ldc, COMPUTE_32F, -1});
}

int cublasGemmEx(void* handle, int transA, int transB, int m, int n, int k, const void* alpha, const void* a, int typeA,
                 int lda, const void* b, int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute,
                 int algorithm) {
    return gemm("cublasGemmEx", handle,
                {transA, transB, m, n, k, alpha, a, typeA, lda, b, typeB, ldb, beta, c, typeC, ldc, compute, algorithm});
}
}
