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
    stateSpace,
    readOnly,
    arithmetic,
    trap,
    difference,
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

namespace ptx {
struct Code;
}

// An entry of kernels/*.cu, or of PTX.
struct Kernel {
    std::string name;
    std::vector<size_t> parameterSizes;
    std::vector<bool> pointers;  // which parameters are; of PTX none is known
    void (*call)(void* entry, void** arguments);
    void* entry;
    // Many times faster. Compiled from the sources without the calls around each access, nothing but rendezvous is checked;
    // of PTX neither races nor what nobody wrote.
    bool plain;
    const ptx::Code* code = nullptr;  // of PTX
};

const std::vector<Kernel>& kernels();
const Kernel& kernel(const std::string& name, bool plain = false);  // throws std::out_of_range
// Of which variant the entries are that become known from now on.
void adding(bool plain);
// From now on `kernel` gives this one for its name and variant.
void prefer(const Kernel& kernel);

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
