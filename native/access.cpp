// Every access of a kernel, checked against memory and against those before it.
#include <algorithm>

#include "run.h"

namespace host_cuda {

void note(Cell* cells, size_t offset, size_t bytes, Way way) {
    for (size_t at = offset; at < offset + bytes;) {
        size_t end = std::min(at / 4 * 4 + 4, offset + bytes);
        uint8_t mask = static_cast<uint8_t>(((1u << (end - at)) - 1u) << at % 4);
        Cell& cell = cells[at / 4];
        auto place = [&] {
            return std::string(way.shared ? "shared memory" : "global memory") + ", offset " + std::to_string(at) +
                   (way.line == 0 ? "" : " (line " + std::to_string(way.line) + " of the PTX)");
        };
        if (!way.write && !way.untracked && (cell.initialised & mask) != mask && !run.unwritten) {
            run.unwritten = std::make_unique<Fault>(fault({FaultKind::uninitialised, "reads " + place()}, run.current));
            run.unwrittenIsShared = way.shared;
        }
        std::string contradiction = run.order.noteReadOnly(cell, way.write, way.readOnly);
        if (!contradiction.empty()) {
            fail(FaultKind::readOnly, contradiction + ": " + place());
        }
        std::string conflict = run.order.note(cell, mask, run.current, way.write, way.shared);
        if (!way.shared && conflict.empty()) {
            conflict = NodeRun::note(cell, way.write);
        }
        if (!conflict.empty()) {
            fail(way.shared ? FaultKind::sharedRace : FaultKind::globalRace, conflict + ": " + place());
        }
        at = end;
    }
}

void access(const void* address, size_t bytes, bool write) {
    // initialisers of the kernels' files run before anything of the device is there
    if (!run.inside || bytes == 0 || run.lanes[run.current].on->holds(address)) {
        return;
    }
    const char* verb = write ? "writes " : "reads ";
    bool shared = run.shared.holds(address);
    if (shared) {
        note(run.sharedCells.data(), static_cast<const char*>(address) - run.shared.base, bytes, {write, true, false, false, 0});
        return;
    }
    if (inArena(address)) {
        Problem problem;
        Allocation* found = find(address, bytes, problem);
        if (found == nullptr) {
            fail(problem.kind, verb + problem.what);
        }
        note(found->cells, static_cast<const char*>(address) - found->base, bytes,
             {write, false, found->untracked, false, 0});
        return;
    }
    bool constant = !write && std::any_of(run.image.begin(), run.image.end(),
                                          [address](const Segment& s) { return s.holds(address); });
    if (!constant) {
        fail(FaultKind::hostAccess, verb + std::to_string(bytes) + " bytes of the host");
    }
}

}  // namespace host_cuda
