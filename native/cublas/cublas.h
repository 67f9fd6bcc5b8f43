// The part of cuBLAS 12 that elbo calls. Enumerations are plain ints, as they are in the binary interface, so that a value
// that no enumeration has can be passed and must be refused.
#pragma once

#include <cstddef>

namespace host_cuda {

enum Status {
    SUCCESS = 0,
    NOT_INITIALIZED = 1,
    ALLOC_FAILED = 3,
    INVALID_VALUE = 7,
    ARCH_MISMATCH = 8,
    MAPPING_ERROR = 11,
    EXECUTION_FAILED = 13,
    INTERNAL_ERROR = 14,
    NOT_SUPPORTED = 15,
    LICENSE_ERROR = 16,
};

enum Transpose { TRANSPOSE_NONE = 0, TRANSPOSE = 1, TRANSPOSE_CONJUGATE = 2 };
enum PointerMode { POINTER_HOST = 0, POINTER_DEVICE = 1 };
enum MathMode { MATH_DEFAULT = 0, MATH_TENSOR_OP = 1, MATH_PEDANTIC = 2, MATH_TF32 = 3, MATH_FULL_REDUCTIONS = 16 };
enum DataType { REAL_32F = 0, REAL_16BF = 14 };
enum ComputeType { COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_32F_FAST_16BF = 75, COMPUTE_32F_FAST_TF32 = 77 };

}  // namespace host_cuda

extern "C" {

int cublasCreate_v2(void** handle);
int cublasDestroy_v2(void* handle);
int cublasGetVersion_v2(void* handle, int* version);
int cublasGetProperty(int property, int* value);
int cublasSetStream_v2(void* handle, void* stream);
int cublasGetStream_v2(void* handle, void** stream);
int cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes);
int cublasSetMathMode(void* handle, int mode);
int cublasGetMathMode(void* handle, int* mode);
int cublasSetPointerMode_v2(void* handle, int mode);
int cublasGetPointerMode_v2(void* handle, int* mode);
int cublasSetAtomicsMode(void* handle, int mode);
int cublasGetAtomicsMode(void* handle, int* mode);
const char* cublasGetStatusName(int status);
const char* cublasGetStatusString(int status);

int cublasSgemm_v2(void* handle, int transA, int transB, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc);
int cublasGemmEx(void* handle, int transA, int transB, int m, int n, int k, const void* alpha, const void* a, int typeA,
                 int lda, const void* b, int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute,
                 int algorithm);

// Handles that were created and not destroyed.
long host_cuda_blas_handles();
}
