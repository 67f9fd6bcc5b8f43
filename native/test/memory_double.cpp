// What the driver does for libraries of device functions to the device's memory.
#include "../driver/queue.h"
#include "../shadow.h"

namespace host_cuda {
namespace {

// Calls `each` with the cell, bit and offset of every byte.
template <class Each>
void cells(const void* at, size_t bytes, Each each) {
    Problem problem;
    Allocation* a = find(at, bytes, problem);
    if (a == nullptr) {
        throw Fault(problem.kind, problem.what);
    }
    size_t first = static_cast<const char*>(at) - a->base;
    for (size_t i = first; i < first + bytes; i++) {
        each(a->cells[i / 4], 1u << i % 4, i);
    }
}

}  // namespace

void wrote(void* at, size_t bytes) {
    cells(at, bytes, [](Cell& cell, unsigned mask, size_t) { cell.initialised |= static_cast<uint8_t>(mask); });
}

void reads(const void* at, size_t bytes) {
    cells(at, bytes, [](Cell& cell, unsigned mask, size_t offset) {
        if ((cell.initialised & mask) == 0) {
            throw Fault(FaultKind::uninitialised, "reads offset " + std::to_string(offset));
        }
    });
}

}  // namespace host_cuda
