// What a translated kernel asks of the device: accesses through windows, and meetings of threads.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "../run.h"
#include "code.h"

namespace host_cuda::ptx {
namespace {

constexpr size_t WINDOW = 1 << 20;

// An address space of its own, where nothing else lies. That of local memory has no memory: each thread has its own.
uint64_t reserve(int protection) {
    void* at = mmap(nullptr, WINDOW, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        throw std::bad_alloc();
    }
    return reinterpret_cast<uint64_t>(at);
}

std::vector<u8> parameters;

std::string inText(u32 line) { return " (line " + std::to_string(line) + " of the PTX)"; }
Place place(u32 line) { return {"PTX", static_cast<int>(line)}; }

bool within(uint64_t window, uint64_t address) { return address - window < WINDOW; }

const Code& code() { return *run.kernel->code; }

std::string verb(const Site& site) {
    return std::string(site.flags & WRITE ? "writes " : "reads ") + std::to_string(site.bytes) + " bytes ";
}

[[noreturn]] void wrongSpace(const Site& site, const std::string& what) {
    static const char* names[] = {"generic", "global", "shared", "local"};
    fail(FaultKind::stateSpace, verb(site) + "as " + names[site.space] + " memory, at " + what + inText(site.line));
}

// The array of shared memory that holds all of an access.
const Variable& arrayAt(uint64_t offset, const Site& site) {
    const Variable* near = nullptr;
    for (const Variable& v : code().entry.shared) {
        if (offset >= v.offset && offset - v.offset < v.bytes && v.bytes - (offset - v.offset) >= site.bytes) {
            return v;
        }
        bool nearer = near == nullptr || (offset >= v.offset && offset - v.offset < SHARED_GAP + v.bytes);
        near = nearer ? &v : near;
    }
    std::string where = near == nullptr ? "where there is no shared memory"
                                        : "at offset " + std::to_string(static_cast<int64_t>(offset - near->offset)) +
                                              " of " + near->name + ", which has " + std::to_string(near->bytes);
    fail(FaultKind::outOfBounds, verb(site) + where + inText(site.line));
}

void* reachShared(uint64_t address, const Site& site, Range& range) {
    uint64_t offset = address - SHARED_START;
    const Variable& array = arrayAt(offset, site);
    if (!run.kernel->plain) {
        note(run.sharedCells.data(), offset, site.bytes, {(site.flags & WRITE) != 0, true, false, false, site.line});
    } else if (site.space == SHARED) {
        range = {SHARED_START + array.offset, array.bytes - site.bytes + 1};
    }
    return run.shared.base + offset;
}

void* reachGlobal(uint64_t address, const Site& site, Range& range) {
    auto* at = reinterpret_cast<char*>(address);
    host_cuda::Problem problem;
    Allocation* found = find(at, site.bytes, problem);
    if (found == nullptr) {
        fail(problem.kind, (site.flags & WRITE ? "writes " : "reads ") + problem.what + inText(site.line));
    }
    bool write = (site.flags & WRITE) != 0;
    if (!run.kernel->plain) {
        note(found->cells, static_cast<size_t>(at - found->base), site.bytes,
             {write, false, found->untracked, (site.flags & READ_ONLY) != 0, site.line});
    } else {
        found->untracked = found->untracked || write;
        range = {reinterpret_cast<uint64_t>(found->base), found->bytes < site.bytes ? 0 : found->bytes - site.bytes + 1};
    }
    return at;
}

Machine& machine();

void* reach(uint64_t address, const Site& site, Range& range) {
    if (address % site.bytes != 0) {
        fail(FaultKind::misaligned, verb(site) + "at an address that is " + std::to_string(address % site.bytes) +
                                        " modulo " + std::to_string(site.bytes) + inText(site.line));
    }
    Machine& m = machine();
    bool isShared = within(m.sharedWindow, address), isGlobal = inArena(reinterpret_cast<void*>(address));
    if (site.space == SHARED) {
        if (isShared || isGlobal || within(m.localWindow, address)) {
            wrongSpace(site, isGlobal ? "an address of global memory" : "a generic address");
        }
        return reachShared(address, site, range);
    }
    if (isShared && site.space == GENERIC) {
        return reachShared(address - m.sharedWindow, site, range);
    }
    if (isShared || within(m.localWindow, address)) {
        wrongSpace(site, isShared ? "an address of shared memory" : "an address of local memory");
    }
    return reachGlobal(address, site, range);
}

void failed(ptx::Problem problem, u32 line) {
    switch (problem) {
        case ZERO_DIVISOR:
            fail(FaultKind::arithmetic, "divides by zero" + inText(line));
        case BEYOND_LOCAL:
            fail(FaultKind::outOfBounds, "an access beyond local memory" + inText(line));
        case MISALIGNED_LOCAL:
            fail(FaultKind::misaligned, "an access of local memory" + inText(line));
        case UNWRITTEN_LOCAL:
            fail(FaultKind::uninitialised, "reads local memory" + inText(line));
        case TRAP:
            fail(FaultKind::trap, "trap" + inText(line));
    }
    __builtin_unreachable();
}

void barrier(u32 line, u32 threads) {
    if (threads % WARP != 0 || (threads != 0 && static_cast<int>(threads) != (run.threads + WARP - 1) / WARP * WARP)) {
        fail(FaultKind::divergentBarrier, "a barrier of " + std::to_string(threads) + " of " + std::to_string(run.threads) +
                                              " threads, which is not supported" + inText(line));
    }
    blockBarrier(place(line));
}

// PTX ISA, shfl.sync
u32 shuffle(char mode, u32 value, u32 operand, u32 clamp, u32 mask, bool& valid, u32 line) {
    if ((clamp & ~0x1f1fu) != 0) {
        fail(FaultKind::warpMask, "a shuffle's clamp of " + std::to_string(clamp) + inText(line));
    }
    int self = lane();
    int segment = static_cast<int>(clamp >> 8), last = static_cast<int>(clamp & 31), by = static_cast<int>(operand & 31);
    int first = self & segment;
    int most = first | (last & ~segment);
    int source = mode == 'u' ? self - by : mode == 'd' ? self + by : mode == 'b' ? self ^ by : first | (by & ~segment);
    valid = mode == 'u' ? source >= most : source <= most;
    return static_cast<u32>(warpRendezvous(WarpOp::shuffle, mask, value, valid ? source : self, place(line)));
}

u32 ballot(bool value, u32 mask, u32 line) {
    return static_cast<u32>(warpRendezvous(WarpOp::ballot, mask, value, lane(), place(line)));
}

void warpBarrier(u32 mask, u32 line) { warpRendezvous(WarpOp::sync, mask, 0, lane(), place(line)); }

Machine& machine() {
    static Machine it{
        reserve(PROT_READ | PROT_WRITE), reserve(PROT_NONE), reach, failed, barrier, shuffle, ballot, warpBarrier};
    return it;
}

}  // namespace

void begin(const Kernel& kernel, void** arguments) {
    const Code& code = *kernel.code;
    const Entry& entry = code.entry;
    parameters.assign(entry.parameterBytes, 0xff);
    for (size_t i = 0; i < entry.parameters.size(); i++) {
        memcpy(&parameters[entry.parameters[i].offset], arguments[i], entry.parameters[i].bytes);
    }
    std::fill(code.exports.ranges, code.exports.ranges + code.rangeCount, Range{});
    run.shared = {reinterpret_cast<char*>(machine().sharedWindow) + SHARED_START, entry.sharedBytes};
}

void callThread(void* code, void**) {
    uint3 t = threadIndex(), n = blockSize(), b = blockIndex(), g = gridSize();
    Thread self{{t.x, t.y, t.z}, {n.x, n.y, n.z}, {b.x, b.y, b.z}, {g.x, g.y, g.z}, static_cast<u32>(lane())};
    static_cast<const Code*>(code)->exports.run(machine(), parameters.data(), self);
}

}  // namespace host_cuda::ptx
