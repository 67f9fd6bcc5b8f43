#include "cublas/handle.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>

#include "device.h"
#include "driver/queue.h"

namespace host_cuda {
namespace {

constexpr int VERSION = 120600;
constexpr size_t WORKSPACE_ALIGNMENT = 256;
constexpr int OUT_OF_MEMORY = 2;

std::mutex library;

// A handle is a number that is never used twice, so a destroyed one is not taken for a younger one.
std::map<void*, Handle>& handles() {
    // never destroyed: a process may end while a product runs
    static std::map<void*, Handle>& all = *new std::map<void*, Handle>;
    return all;
}
uintptr_t nextHandle = 0x10;
// How many there are. The driver asks for it while it holds its own lock, so no lock may be taken for it.
std::atomic<long> handleCount{0};

Tf32 tf32OfEnvironment() {
    const char* value = getenv("NVIDIA_TF32_OVERRIDE");
    if (value == nullptr) {
        return Tf32::asAsked;
    }
    return strcmp(value, "0") == 0 ? Tf32::never : strcmp(value, "1") == 0 ? Tf32::always : Tf32::asAsked;
}

bool isWritable(void* at, size_t bytes) {
    try {
        wrote(at, bytes);
        return true;
    } catch (const Fault&) {
        return false;
    }
}

template <class T>
int get(const char* function, void* handle, T Handle::*field, T* value) {
    Call call(function, handle);
    if (call.status == SUCCESS && value == nullptr) {
        return INVALID_VALUE;
    }
    if (call.status == SUCCESS) {
        *value = call.handle->*field;
    }
    return call.status;
}

int set(const char* function, void* handle, int Handle::*field, int value, bool known) {
    Call call(function, handle);
    if (call.status == SUCCESS && !known) {
        return INVALID_VALUE;
    }
    if (call.status == SUCCESS) {
        call.handle->*field = value;
    }
    return call.status;
}

struct StatusText {
    int status;
    const char* name;
    const char* text;
};

constexpr StatusText STATUSES[] = {
    {SUCCESS, "CUBLAS_STATUS_SUCCESS", "success"},
    {NOT_INITIALIZED, "CUBLAS_STATUS_NOT_INITIALIZED", "the library was not initialized"},
    {ALLOC_FAILED, "CUBLAS_STATUS_ALLOC_FAILED", "the resource allocation failed"},
    {INVALID_VALUE, "CUBLAS_STATUS_INVALID_VALUE", "an unsupported value or parameter was passed to the function"},
    {ARCH_MISMATCH, "CUBLAS_STATUS_ARCH_MISMATCH", "the device architecture lacks a feature that the function needs"},
    {MAPPING_ERROR, "CUBLAS_STATUS_MAPPING_ERROR", "an access to GPU memory space failed"},
    {EXECUTION_FAILED, "CUBLAS_STATUS_EXECUTION_FAILED", "the function failed to launch on the GPU"},
    {INTERNAL_ERROR, "CUBLAS_STATUS_INTERNAL_ERROR", "an internal operation failed"},
    {NOT_SUPPORTED, "CUBLAS_STATUS_NOT_SUPPORTED", "the functionality requested is not supported"},
    {LICENSE_ERROR, "CUBLAS_STATUS_LICENSE_ERROR", "the functionality requested requires a license"},
};

}  // namespace

Status statusOf(int driverResult, Status otherwise) {
    if (driverResult < 0) {
        return static_cast<Status>(-driverResult);
    }
    return driverResult == 0 ? SUCCESS : driverResult == OUT_OF_MEMORY ? ALLOC_FAILED : otherwise;
}

Status productStatus(int driverResult, Status otherwise) {
    return isSticky(driverResult) ? EXECUTION_FAILED : statusOf(driverResult, otherwise);
}

Call::Call(const char* function, Mapping mapping) : lock(library), status(mapping(entered(function), INTERNAL_ERROR)) {}

Call::Call(const char* function, void* key, Mapping mapping) : Call(function, mapping) {
    auto found = handles().find(key);
    if (found != handles().end()) {
        handle = &found->second;
    } else if (status == SUCCESS) {
        status = NOT_INITIALIZED;
    }
}

}  // namespace host_cuda

using namespace host_cuda;

extern "C" {

int cublasCreate_v2(void** handle) {
    Call call("cublasCreate_v2");
    if (call.status != SUCCESS) {
        return call.status;
    }
    if (handle == nullptr) {
        return INVALID_VALUE;
    }
    if (currentContext() != 0) {
        return NOT_INITIALIZED;
    }
    void* key = reinterpret_cast<void*>(nextHandle);
    nextHandle += 0x10;
    handles()[key].tf32 = tf32OfEnvironment();
    handleCount++;
    *handle = key;
    return SUCCESS;
}

int cublasDestroy_v2(void* handle) {
    Call call("cublasDestroy_v2", handle);
    if (call.status == SUCCESS) {
        handles().erase(handle);
        handleCount--;
    }
    return call.status;
}

int cublasGetVersion_v2(void* handle, int* version) {
    Call call("cublasGetVersion_v2", handle);
    if (call.status == SUCCESS && version == nullptr) {
        return INVALID_VALUE;
    }
    if (call.status == SUCCESS) {
        *version = VERSION;
    }
    return call.status;
}

int cublasGetProperty(int property, int* value) {
    Call call("cublasGetProperty");
    if (call.status == SUCCESS && (value == nullptr || property < 0 || property > 2)) {
        return INVALID_VALUE;
    }
    if (call.status == SUCCESS) {
        *value = property == 0 ? VERSION / 10000 : property == 1 ? VERSION / 100 % 100 : VERSION % 100;
    }
    return call.status;
}

// As in cuBLAS, the workspace goes with the stream: whoever sets another stream has to bind it again.
int cublasSetStream_v2(void* handle, void* stream) {
    Call call("cublasSetStream_v2", handle);
    if (call.status == SUCCESS) {
        call.handle->stream = stream;
        call.handle->workspace = nullptr;
        call.handle->workspaceBytes = 0;
    }
    return call.status;
}

int cublasGetStream_v2(void* handle, void** stream) {
    return get("cublasGetStream_v2", handle, &Handle::stream, stream);
}

// Nothing of no bytes is the library's own workspace again.
int cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes) {
    Call call("cublasSetWorkspace_v2", handle);
    if (call.status != SUCCESS) {
        return call.status;
    }
    bool none = workspace == nullptr && bytes == 0;
    bool aligned = reinterpret_cast<uintptr_t>(workspace) % WORKSPACE_ALIGNMENT == 0;
    bool sized = bytes > 0 && bytes <= PTRDIFF_MAX;
    if (!none && (!sized || !aligned || !isWritable(workspace, bytes))) {
        return INVALID_VALUE;
    }
    call.handle->workspace = workspace;
    call.handle->workspaceBytes = bytes;
    return SUCCESS;
}

int cublasSetMathMode(void* handle, int mode) {
    int base = mode & ~MATH_FULL_REDUCTIONS;
    return set("cublasSetMathMode", handle, &Handle::mathMode, mode, base >= MATH_DEFAULT && base <= MATH_TF32);
}

int cublasGetMathMode(void* handle, int* mode) { return get("cublasGetMathMode", handle, &Handle::mathMode, mode); }

int cublasSetPointerMode_v2(void* handle, int mode) {
    bool known = mode == POINTER_HOST || mode == POINTER_DEVICE;
    return set("cublasSetPointerMode_v2", handle, &Handle::pointerMode, mode, known);
}

int cublasGetPointerMode_v2(void* handle, int* mode) {
    return get("cublasGetPointerMode_v2", handle, &Handle::pointerMode, mode);
}

int cublasSetAtomicsMode(void* handle, int mode) {
    return set("cublasSetAtomicsMode", handle, &Handle::atomicsMode, mode, mode == 0 || mode == 1);
}

int cublasGetAtomicsMode(void* handle, int* mode) {
    return get("cublasGetAtomicsMode", handle, &Handle::atomicsMode, mode);
}

const char* cublasGetStatusName(int status) {
    for (const StatusText& s : STATUSES) {
        if (s.status == status) {
            return s.name;
        }
    }
    return "unknown status";
}

const char* cublasGetStatusString(int status) {
    for (const StatusText& s : STATUSES) {
        if (s.status == status) {
            return s.text;
        }
    }
    return "unknown status";
}

long host_cuda_blas_handles() { return handleCount; }
}
