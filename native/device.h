// The host CUDA device: memory, launches, and what they find wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace host_cuda {

enum class FaultKind {
    launchLimit,
    outOfBounds,
    useAfterFree,
    hostAccess,
    misaligned,
    uninitialised,
    sharedRace,
    globalRace,
    divergentBarrier,
    warpMask,
};

const char* nameOf(FaultKind kind);

// What a kernel did wrong, in one line: kernel, block, thread, what. The launch that threw it has stopped in the middle.
class Fault : public std::runtime_error {
public:
    Fault(FaultKind kind, const std::string& line) : std::runtime_error(line), kind(kind) {}
    const FaultKind kind;
};

struct Dim {
    unsigned x = 1, y = 1, z = 1;
    uint64_t count() const { return static_cast<uint64_t>(x) * y * z; }
};

// An entry of kernels/*.cu.
struct Kernel {
    std::string name;
    std::vector<size_t> parameterSizes;
    std::vector<bool> pointers;  // which parameters are
    void (*call)(void* entry, void** arguments);
    void* entry;
    bool plain;  // compiled without the calls around each access: many times faster, and nothing but rendezvous is checked
};

const std::vector<Kernel>& kernels();
const Kernel& kernel(const std::string& name, bool plain = false);  // throws std::out_of_range
// Of which variant the entries are that become known from now on.
void adding(bool plain);

// Runs a kernel to its end. Blocks, and threads between rendezvous, run in an order drawn from the seed.
void launch(const Kernel& kernel, Dim grid, Dim block, void** arguments, uint64_t seed);

// Device memory. Fresh memory holds NaN patterns and counts as uninitialised; addresses are never used twice, so whoever
// holds one of freed memory is found out. Copies check their device side and throw a Fault.
void* allocate(size_t bytes);
void release(void* pointer);
void toDevice(void* to, const void* from, size_t bytes);
void toHost(void* to, const void* from, size_t bytes);
size_t liveAllocations();

}  // namespace host_cuda
