// The handles of cuBLAS, and what every call does first.
#pragma once

#include <mutex>

#include "cublas/cublas.h"

namespace host_cuda {

enum class Tf32 { asAsked, never, always };

struct Handle {
    void* stream = nullptr;
    void* workspace = nullptr;
    size_t workspaceBytes = 0;
    int mathMode = MATH_DEFAULT;
    int pointerMode = POINTER_HOST;
    int atomicsMode = 0;
    Tf32 tf32 = Tf32::asAsked;  // what the environment said when the handle was made
    bool loaded = false;        // its kernels, by the first product
};

// What cuBLAS makes of an error of the driver: out of memory is told apart, the rest is `otherwise`. A result below 0 is a
// status that a test has ordered.
Status statusOf(int driverResult, Status otherwise);

// The same for a product, which fails to run once the context is dead.
Status productStatus(int driverResult, Status otherwise);

// The start of a call: holds the lock of the library, counts the call, and finds the handle. Nothing else may be done
// unless `status` is SUCCESS.
struct Call {
    using Mapping = Status (*)(int driverResult, Status otherwise);

    explicit Call(const char* function, Mapping mapping = statusOf);
    Call(const char* function, void* handle, Mapping mapping = statusOf);

    std::unique_lock<std::mutex> lock;
    Handle* handle = nullptr;
    Status status;
};

// The newest compute capability that the library has kernels for.
extern const int NEWEST_CAPABILITY;

}  // namespace host_cuda
