// Every load and store of a kernel of the sources. They are compiled with -fsanitize=thread, which puts a call before each,
// and -fsanitize=alignment,bounds, which puts one where an address does not fit its type (a device refuses the access, and the
// compiler may split a float4 before the first call sees it), and where an index is beyond its array (in shared memory the
// next array follows at once). These are the calls, in place of the sanitizers' libraries.
#include "run.h"

namespace {

struct Source {
    const char* file;
    uint32_t line;
    uint32_t column;
};

std::string text(const Source* where) {
    std::string file = where->file;
    return file.substr(file.rfind('/') + 1) + ":" + std::to_string(where->line);
}

}  // namespace

extern "C" {

// both are given a structure that starts with the source
void __ubsan_handle_type_mismatch_v1(Source* where, unsigned long address) {
    host_cuda::fail(host_cuda::FaultKind::misaligned,
                    "an address that is " + std::to_string(address % 16) + " modulo 16 at " + text(where));
}
void __ubsan_handle_out_of_bounds(Source* where, unsigned long index) {
    host_cuda::fail(host_cuda::FaultKind::outOfBounds, "array index " + std::to_string(long(index)) + " at " + text(where));
}

void __tsan_init() {}

#define ACCESS(bytes)                                                                            \
    void __tsan_read##bytes(void* at) { host_cuda::access(at, bytes, false); }                   \
    void __tsan_write##bytes(void* at) { host_cuda::access(at, bytes, true); }

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

#define UNALIGNED(bytes)                                                                         \
    void __tsan_unaligned_read##bytes(void* at) { host_cuda::access(at, bytes, false); }         \
    void __tsan_unaligned_write##bytes(void* at) { host_cuda::access(at, bytes, true); }

UNALIGNED(2)
UNALIGNED(4)
UNALIGNED(8)
UNALIGNED(16)

void __tsan_read_range(void* at, unsigned long bytes) { host_cuda::access(at, bytes, false); }
void __tsan_write_range(void* at, unsigned long bytes) { host_cuda::access(at, bytes, true); }
}
