// What kernels call: who am I, barriers, warp operations.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "run.h"

namespace host_cuda {
namespace {

std::string text(const Place& place) {
    const char* slash = strrchr(place.file, '/');
    return std::string(slash == nullptr ? place.file : slash + 1) + ":" + std::to_string(place.line);
}

void wait(State state, Place place) {
    Lane& self = run.lanes[run.current];
    self.state = state;
    self.place = place;
}

}  // namespace

std::string text(uint3 i) {
    return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) + ")";
}

bool same(const Place& a, const Place& b) { return a.line == b.line && (a.file == b.file || strcmp(a.file, b.file) == 0); }

std::string whereabouts(int thread) {
    const Lane& lane = run.lanes[thread];
    std::string who = "thread " + text(lane.index);
    switch (lane.state) {
        case State::exited:
            return who + " has exited";
        case State::atBarrier:
            return who + " waits at the barrier of " + text(lane.place);
        default: {
            char mask[16];
            snprintf(mask, sizeof mask, "%08x", lane.mask);
            return who + " waits at " + text(lane.place) + " with lane mask " + mask;
        }
    }
}

void wake(int thread) {
    run.lanes[thread].state = State::ready;
    run.ready.push_back(thread);
}

[[noreturn]] void fail(FaultKind kind, const std::string& what) {
    run.problem = std::make_unique<Problem>(Problem{kind, what});
    run.lanes[run.current].on->suspend();
    __builtin_unreachable();
}

uint3 threadIndex() { return run.lanes[run.current].index; }
uint3 blockIndex() { return run.blockIndex; }
uint3 blockSize() { return {run.block.x, run.block.y, run.block.z}; }
uint3 gridSize() { return {run.grid.x, run.grid.y, run.grid.z}; }
int lane() { return run.current % WARP; }

void requireGlobal(const void* at, Place place) {
    // a plain kernel's arguments have been looked at before, and what else it accesses is its own
    bool isOwn = run.kernel->plain || run.shared.holds(at) || run.lanes[run.current].on->holds(at);
    if (!inArena(at) && isOwn) {
        fail(FaultKind::stateSpace, "an access that only global memory has, by an address outside of it, at " + text(place));
    }
}

void blockBarrier(Place place) {
    wait(State::atBarrier, place);
    run.waiting++;
    run.lanes[run.current].on->suspend();
}

uint64_t warpRendezvous(WarpOp op, unsigned mask, uint64_t value, int source, Place place) {
    int thread = run.current;
    int first = thread / WARP * WARP;
    Lane& self = run.lanes[thread];
    wait(State::atWarp, place);
    self.op = op;
    self.mask = mask;
    self.value = value;
    self.source = source;
    int lanes = std::min(WARP, run.threads - first);
    if ((mask >> (thread - first) & 1) == 0) {
        fail(FaultKind::warpMask, "not in its own mask: " + whereabouts(thread));
    }
    if (lanes < WARP && mask >> lanes != 0) {
        fail(FaultKind::warpMask, "names lanes beyond the block: " + whereabouts(thread));
    }
    if ((mask >> source & 1) == 0) {
        fail(FaultKind::warpMask, "takes the value of lane " + std::to_string(source) + ": " + whereabouts(thread));
    }
    unsigned ballot = 0;
    for (int l = 0; l < lanes; l++) {
        const Lane& other = run.lanes[first + l];
        if ((mask >> l & 1) == 0) {
            continue;
        }
        if (other.state != State::atWarp || other.mask != mask || other.op != op || !same(other.place, place)) {
            self.on->suspend();
            return self.value;
        }
        ballot |= (other.value != 0 ? 1u : 0u) << l;
    }
    // the last to come hands the results out
    uint64_t values[WARP];
    for (int l = 0; l < lanes; l++) {
        values[l] = run.lanes[first + l].value;
    }
    if (op == WarpOp::sync && !run.kernel->plain) {
        run.order.warpBarrier(first / WARP, mask);
    }
    for (int l = 0; l < lanes; l++) {
        if (mask >> l & 1) {
            Lane& other = run.lanes[first + l];
            other.value = op == WarpOp::ballot ? ballot : values[other.source];
            wake(first + l);
        }
    }
    self.on->suspend();
    return self.value;
}

}  // namespace host_cuda
