#include <stdexcept>

#include "device.h"
#include "entry.h"

namespace host_cuda {
namespace {

// filled by initialisers of other files, so it may not be one of this file's
std::vector<Kernel>& table() {
    static std::vector<Kernel> it;
    return it;
}

bool addsPlain = false;

}  // namespace

void add(const char* name, const size_t* parameterSizes, const bool* pointers, size_t parameters,
         void (*call)(void*, void**), void* entry) {
    table().push_back(
        {name, {parameterSizes, parameterSizes + parameters}, std::vector<bool>(pointers, pointers + parameters), call, entry, addsPlain, nullptr});
}

void adding(bool plain) { addsPlain = plain; }

void prefer(const Kernel& kernel) { table().insert(table().begin(), kernel); }

const std::vector<Kernel>& kernels() { return table(); }

const Kernel& kernel(const std::string& name, bool plain) {
    for (const Kernel& k : table()) {
        if (k.name == name && k.plain == plain) {
            return k;
        }
    }
    throw std::out_of_range("no kernel " + name);
}

const char* nameOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::launchLimit:
            return "launch limit";
        case FaultKind::outOfBounds:
            return "out of bounds";
        case FaultKind::useAfterFree:
            return "use after free";
        case FaultKind::hostAccess:
            return "host access";
        case FaultKind::misaligned:
            return "misaligned";
        case FaultKind::uninitialised:
            return "uninitialised read";
        case FaultKind::sharedRace:
            return "race in shared memory";
        case FaultKind::globalRace:
            return "race in global memory";
        case FaultKind::divergentBarrier:
            return "divergent barrier";
        case FaultKind::warpMask:
            return "warp mask";
        case FaultKind::stateSpace:
            return "state space";
        case FaultKind::readOnly:
            return "read-only data";
        case FaultKind::arithmetic:
            return "arithmetic";
        case FaultKind::trap:
            return "trap";
        case FaultKind::difference:
            return "difference";
    }
    return "unknown";
}

}  // namespace host_cuda
