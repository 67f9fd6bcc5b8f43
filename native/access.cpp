// Every load and store of a kernel. The kernels are compiled with -fsanitize=thread, which puts a call before each, and
// -fsanitize=alignment,bounds, which puts one where an address does not fit its type (a device refuses the access, and the
// compiler may split a float4 before the first call sees it), and where an index is beyond its array (in shared memory the
// next array follows at once). These are the calls, in place of the sanitizers' libraries.
#include <algorithm>

#include "run.h"

namespace host_cuda {
namespace {

void checkCells(Cell* cells, size_t offset, size_t bytes, bool write, bool shared, bool untracked = false) {
    for (size_t at = offset; at < offset + bytes;) {
        size_t end = std::min(at / 4 * 4 + 4, offset + bytes);
        uint8_t mask = static_cast<uint8_t>(((1u << (end - at)) - 1u) << at % 4);
        Cell& cell = cells[at / 4];
        auto place = [&] {
            return std::string(shared ? "shared memory" : "global memory") + ", offset " + std::to_string(at);
        };
        if (!write && !untracked && (cell.initialised & mask) != mask && !run.unwritten) {
            run.unwritten = std::make_unique<Fault>(fault({FaultKind::uninitialised, "reads " + place()}, run.current));
            run.unwrittenIsShared = shared;
        }
        std::string conflict = run.order.note(cell, mask, run.current, write, shared);
        if (!shared && conflict.empty()) {
            conflict = NodeRun::note(cell, write);
        }
        if (!conflict.empty()) {
            fail(shared ? FaultKind::sharedRace : FaultKind::globalRace, conflict + ": " + place());
        }
        at = end;
    }
}

}  // namespace

void access(const void* address, size_t bytes, bool write) {
    // initialisers of the kernels' files run before anything of the device is there
    if (!run.inside || bytes == 0 || run.lanes[run.current].on->holds(address)) {
        return;
    }
    const char* verb = write ? "writes " : "reads ";
    bool shared = run.shared.holds(address);
    if (shared) {
        checkCells(run.sharedCells.data(), static_cast<const char*>(address) - run.shared.base, bytes, write, true);
        return;
    }
    if (inArena(address)) {
        Problem problem;
        Allocation* found = find(address, bytes, problem);
        if (found == nullptr) {
            fail(problem.kind, verb + problem.what);
        }
        checkCells(found->cells, static_cast<const char*>(address) - found->base, bytes, write, false,
                   found->untracked);
        return;
    }
    bool constant = !write && std::any_of(run.image.begin(), run.image.end(),
                                          [address](const Segment& s) { return s.holds(address); });
    if (!constant) {
        fail(FaultKind::hostAccess, verb + std::to_string(bytes) + " bytes of the host");
    }
}

}  // namespace host_cuda

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
