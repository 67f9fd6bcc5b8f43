// The state of the one launch that runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device.h"
#include "fiber.h"
#include "host_cuda.h"
#include "shadow.h"

namespace host_cuda {

enum class State { ready, atBarrier, atWarp, exited };

struct Lane {
    std::unique_ptr<Fiber> fiber;
    Fiber* on = nullptr;  // the stack that the thread runs on
    State state;
    uint3 index;
    Place place;
    WarpOp op;
    unsigned mask;
    uint64_t value;
    int source;
};

struct Segment {
    char* base = nullptr;
    size_t bytes = 0;
    bool holds(const void* at) const {
        return at >= base && at < base + bytes;
    }
};

// The one launch that runs.
struct Run {
    const Kernel* kernel = nullptr;
    void** arguments = nullptr;
    Dim grid, block;
    uint3 blockIndex{};
    int threads = 0;
    bool inside = false;  // whether a thread of the kernel runs, `current`, or the device itself
    int current = 0;
    std::vector<Lane> lanes;
    std::vector<int> ready;
    int waiting = 0;  // at the block barrier
    int alive = 0;
    // The next thread that has not started. Threads of a plain kernel share a stack until one of them has to wait, so a
    // kernel without rendezvous is a loop.
    int fresh = 0;
    Order order;
    Segment shared;                 // the thread-local segment: all __shared__ arrays of all kernels
    std::vector<Cell> sharedCells;
    std::vector<Segment> image;     // what the kernel was linked into: constant tables
    std::unique_ptr<Problem> problem;
    // The first read of what nobody had written. Kept until the barrier (shared memory) or the end of the launch (global
    // memory): if somebody writes it before, it was a race, and the kind of a fault is not left to the schedule.
    std::unique_ptr<Fault> unwritten;
    bool unwrittenIsShared = false;
};

extern Run& run;

std::string text(uint3 index);
// What a thread waits for, for reports.
std::string whereabouts(int thread);
bool same(const Place& a, const Place& b);
void wake(int thread);
Fault fault(const Problem& problem, int thread);

// Ends the launch with a Fault of the thread that runs. Inside a fiber nothing may be thrown: the scheduler does it, and
// never comes back here.
[[noreturn]] void fail(FaultKind kind, const std::string& what);

struct Way {
    bool write;
    bool shared;
    bool untracked;  // no read counts as uninitialised
    bool readOnly;   // as data that nothing writes while the launch lasts
    unsigned line;   // of the PTX; 0: of the sources
};

// Checks an access of the thread that runs against those before it.
void note(Cell* cells, size_t offset, size_t bytes, Way way);

// Checks an access of the thread that runs.
void access(const void* address, size_t bytes, bool write);

}  // namespace host_cuda
