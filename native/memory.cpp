#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "shadow.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(address, bytes) ASAN_POISON_MEMORY_REGION(address, bytes)
#else
#define POISON(address, bytes) ((void)0)
#endif

namespace host_cuda {
namespace {

constexpr size_t ARENA = size_t(1) << 40;
constexpr size_t PAGE = 4096;
// of large allocations and their cells, so that opening and closing all memory walks few of them
constexpr size_t LARGE_PAGE = 2 << 20;
// between allocations; address space, not memory
constexpr size_t GUARD = 64 << 10;

void* reserve(size_t bytes) {
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        throw std::bad_alloc();
    }
    return at;
}

void useLargePages(void* at, size_t bytes) {
    if (bytes >= LARGE_PAGE) {
        madvise(at, bytes, MADV_HUGEPAGE);
    }
}

size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

size_t cellBytes(size_t bytes) { return roundUp((bytes + 3) / 4 * sizeof(Cell), PAGE); }

struct Arena {
    char* base = static_cast<char*>(reserve(ARENA));
    char* top = base + GUARD;
    // up to here nothing is alive, nor ever will be
    char* retired = base;
    // number + 1 of the allocation on each page
    uint32_t* pages = static_cast<uint32_t*>(reserve(ARENA / PAGE * sizeof(uint32_t)));
    // in the order of their addresses, the freed ones too
    std::vector<Allocation> all;
    size_t live = 0;
    bool refusesUnwritten = true;
};

Arena& arena() {
    static Arena it;
    return it;
}

std::string sized(const Allocation& a) {
    return (a.live ? "an allocation of " : "a freed allocation of ") + std::to_string(a.bytes) + " bytes";
}

Problem outside(const char* from, size_t bytes) {
    Arena& it = arena();
    auto next = std::upper_bound(
        it.all.begin(), it.all.end(), from, [](const char* at, const Allocation& a) { return at < a.base; });
    std::string what = std::to_string(bytes) + " bytes ";
    if (next != it.all.begin() && static_cast<size_t>(from - (next - 1)->base) < (next - 1)->bytes + GUARD) {
        const Allocation& a = *(next - 1);
        what += "at offset " + std::to_string(from - a.base) + " of " + sized(a);
    } else if (next != it.all.end()) {
        what += std::to_string(next->base - from) + " bytes before " + sized(*next);
    } else {
        what += "outside every allocation";
    }
    return {FaultKind::outOfBounds, what};
}

void markInitialised(Allocation& a, const char* from, size_t bytes) {
    if (!arena().refusesUnwritten || bytes == a.bytes) {
        // nobody looks, or there is nothing left to find; shadows that stay untouched take no memory
        a.untracked = true;
        return;
    }
    size_t first = from - a.base;
    for (size_t i = first; i < first + bytes;) {
        size_t end = std::min(i / 4 * 4 + 4, first + bytes);
        uint8_t mask = static_cast<uint8_t>((1u << (end - i)) - 1u) << i % 4;
        a.cells[i / 4].initialised |= mask;
        i = end;
    }
}

// Of an allocation that is untracked: byte by byte again.
void track(Allocation& a) {
    for (size_t i = 0; i < (a.bytes + 3) / 4; i++) {
        a.cells[i].initialised = 0xf;
    }
    a.untracked = false;
}

Allocation& checked(const void* address, size_t bytes, const char* copy) {
    Problem problem;
    Allocation* found = find(address, bytes, problem);
    if (found == nullptr) {
        throw Fault(problem.kind, std::string(copy) + ": " + problem.what);
    }
    return *found;
}

// what libraries do within a graph; kernels are seen word by word
void noteNode(const Allocation& a, const void* from, size_t bytes, bool write) {
    size_t first = static_cast<const char*>(from) - a.base;
    bool seen = arena().refusesUnwritten && NodeRun::inGraph();
    for (size_t i = first / 4; seen && i < (first + bytes + 3) / 4; i++) {
        std::string conflict = NodeRun::note(a.cells[i], write);
        if (!conflict.empty()) {
            throw Fault(FaultKind::globalRace, std::string(nameOf(FaultKind::globalRace)) + ": " + conflict);
        }
    }
}

}  // namespace

bool inArena(const void* address) {
    const char* at = static_cast<const char*>(address);
    return at >= arena().base && at < arena().base + ARENA;
}

Allocation* find(const void* address, size_t bytes, Problem& problem) {
    Arena& it = arena();
    const char* from = static_cast<const char*>(address);
    if (!inArena(address)) {
        problem = {FaultKind::hostAccess, std::to_string(bytes) + " bytes at an address that is not the device's"};
        return nullptr;
    }
    uint32_t number = it.pages[(from - it.base) / PAGE];
    Allocation* a = number == 0 ? nullptr : &it.all[number - 1];
    if (a == nullptr || from < a->base || from + bytes > a->base + a->bytes) {
        problem = outside(from, bytes);
        return nullptr;
    }
    if (!a->live) {
        problem = {FaultKind::useAfterFree,
                   std::to_string(bytes) + " bytes at offset " + std::to_string(from - a->base) + " of " + sized(*a)};
        return nullptr;
    }
    return a;
}

void* allocate(size_t bytes) {
    Arena& it = arena();
    size_t room = roundUp(bytes == 0 ? 1 : bytes, PAGE);
    if (bytes == 0 || room + GUARD > static_cast<size_t>(it.base + ARENA - it.top)) {
        throw std::bad_alloc();
    }
    if (room >= LARGE_PAGE) {
        it.top = it.base + roundUp(static_cast<size_t>(it.top - it.base), LARGE_PAGE) + (-reinterpret_cast<uintptr_t>(it.base)) % LARGE_PAGE;
    }
    Allocation a{it.top, bytes, true, false, static_cast<Cell*>(reserve(cellBytes(bytes)))};
    useLargePages(a.base, room);
    useLargePages(a.cells, cellBytes(bytes));
    memset(a.base, 0xff, room);
    POISON(a.base + bytes, room + GUARD - bytes);
    it.top += room + GUARD;
    it.all.push_back(a);
    it.live++;
    for (size_t i = 0; i < room; i += PAGE) {
        it.pages[(a.base + i - it.base) / PAGE] = static_cast<uint32_t>(it.all.size());
    }
    return a.base;
}

void release(void* pointer) {
    Arena& it = arena();
    Problem problem;
    Allocation* a = find(pointer, 1, problem);
    if (a == nullptr || a->base != pointer) {
        throw Fault(a == nullptr ? problem.kind : FaultKind::outOfBounds,
                    "free: " + (a == nullptr ? problem.what : "not the start of " + sized(*a)));
    }
    a->live = false;
    it.live--;
    munmap(a->cells, cellBytes(a->bytes));
    a->cells = nullptr;
    POISON(a->base, a->bytes);
    madvise(a->base, roundUp(a->bytes, PAGE), MADV_DONTNEED);
}

void toDevice(void* to, const void* from, size_t bytes) {
    Allocation& a = checked(to, bytes, "copy to the device");
    memcpy(to, from, bytes);
    markInitialised(a, static_cast<char*>(to), bytes);
}

void toHost(void* to, const void* from, size_t bytes) {
    checked(from, bytes, "copy to the host");
    memcpy(to, from, bytes);
}

void wrote(void* to, size_t bytes) {
    if (bytes != 0) {
        Allocation& a = checked(to, bytes, "write");
        markInitialised(a, static_cast<char*>(to), bytes);
        noteNode(a, to, bytes, true);
    }
}

void reads(const void* from, size_t bytes) {
    if (bytes == 0) {
        return;
    }
    const Allocation& a = checked(from, bytes, "read");
    noteNode(a, from, bytes, false);
    if (a.untracked || !arena().refusesUnwritten) {
        return;
    }
    size_t first = static_cast<const char*>(from) - a.base;
    for (size_t i = first; i < first + bytes; i = i / 4 * 4 + 4) {
        size_t end = std::min(i / 4 * 4 + 4, first + bytes);
        unsigned mask = ((1u << (end - i)) - 1u) << i % 4;
        unsigned missing = mask & ~unsigned(a.cells[i / 4].initialised);
        if (missing != 0) {
            size_t byte = i / 4 * 4 + static_cast<size_t>(__builtin_ctz(missing));
            throw Fault(FaultKind::uninitialised, std::string(nameOf(FaultKind::uninitialised)) + ": " +
                                                      std::to_string(bytes) + " bytes at offset " + std::to_string(first) +
                                                      " of " + sized(a) + ": the one at " + std::to_string(byte) + " was never written");
        }
    }
}

void copyWithin(void* to, const void* from, size_t bytes) {
    if (bytes == 0) {
        return;
    }
    const Allocation& source = checked(from, bytes, "copy on the device");
    Allocation& target = checked(to, bytes, "copy on the device");
    memmove(to, from, bytes);
    if (source.untracked || !arena().refusesUnwritten) {
        markInitialised(target, static_cast<char*>(to), bytes);
        return;
    }
    if (target.untracked) {
        track(target);
    }
    size_t first = static_cast<const char*>(from) - source.base;
    size_t second = static_cast<char*>(to) - target.base;
    std::vector<bool> written(bytes);
    for (size_t i = 0; i < bytes; i++) {
        written[i] = source.cells[(first + i) / 4].initialised >> (first + i) % 4 & 1;
    }
    for (size_t i = 0; i < bytes; i++) {
        uint8_t bit = static_cast<uint8_t>(1u << (second + i) % 4);
        uint8_t& mask = target.cells[(second + i) / 4].initialised;
        mask = static_cast<uint8_t>(written[i] ? mask | bit : mask & ~bit);
    }
}

void refuseUnwritten(bool refuse) { arena().refusesUnwritten = refuse; }

void openMemory(bool open) {
    Arena& it = arena();
    mprotect(it.retired, static_cast<size_t>(it.top - it.retired), open ? PROT_READ | PROT_WRITE : PROT_NONE);
}

void retireMemory() {
    Arena& it = arena();
    // a mapping anew drops the page tables, which every openMemory would walk
    mmap(it.retired, static_cast<size_t>(it.top - it.retired), PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    it.retired = it.top;
}

size_t liveAllocations() { return arena().live; }

}  // namespace host_cuda
