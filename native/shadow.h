// What the device remembers of every word of memory: is it initialised, and who touched it since when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "device.h"

namespace host_cuda {

// One per 4 bytes. Epochs rise at every block start and every block barrier, over the life of the device, so an epoch alone
// tells launch, block and barrier interval. Who wrote different bytes of one word is not kept apart: only the last writer.
struct Cell {
    uint32_t writeEpoch;
    uint32_t writeClock;
    uint16_t writer;
    uint8_t writeMask;
    uint8_t initialised;  // a bit per byte
    uint32_t readEpoch;
    uint32_t reads;       // index + 1 in the list of reads of readEpoch
    uint32_t otherRead;   // epoch of the latest read by a block before the one of readEpoch, or 0
    uint32_t writeNode;   // numbers of nodes of graphs: who wrote last, and the latest readers that do not wait for each other
    uint32_t readNodes[2];
    uint32_t readOnlyIn;  // the latest launch that reads it as data that nothing writes
};

// Which nodes of a graph wait for which, and the one that runs.
struct NodeOrder {
    std::vector<std::string> names;
    std::vector<std::vector<bool>> ancestors;
    size_t depth = 0;  // of the longest chain
};

// While one lives, what is accessed is accessed by a node: two nodes of one launch of a graph that touch the same word, one
// of them writing, must be ordered by the graph, in whichever order they run.
struct NodeRun {
    NodeRun(const NodeOrder& order, uint32_t first, uint32_t index);
    ~NodeRun();
    static bool inGraph();
    // Notes an access; returns what is wrong with it, or nothing.
    static std::string note(Cell& cell, bool write);
};
// A number for each of so many nodes, never used before.
uint32_t numberNodes(size_t count);

// The order of what the threads of a block did. Between two block barriers only __syncwarp orders (a shuffle is no memory
// fence), so a thread has a clock per lane of its warp: what it knows to have happened before.
class Order {
public:
    void startLaunch();
    void startBlock(uint64_t block, int threads);
    void blockBarrier() { nextEpoch(); }
    void warpBarrier(int warp, unsigned mask);

    // Data that a launch reads as read-only, by ld.global.nc, nothing of it may write, before or after. Returns what is wrong.
    std::string noteReadOnly(Cell& cell, bool write, bool readOnly) const;

    // Notes an access of `thread`; returns what is wrong with it, or nothing. `shared`: each block has its own.
    std::string note(Cell& cell, uint8_t mask, int thread, bool write, bool shared);

private:
    struct Read {
        uint32_t next;
        uint32_t clock;
        uint16_t thread;
        uint8_t mask;
    };

    bool before(int other, uint32_t clock, int thread) const;
    std::string blockOf(uint32_t epoch) const;
    void nextEpoch();

    uint32_t epoch = 0;
    uint32_t launchStart = 0;
    uint32_t blockStart = 0;
    std::vector<std::pair<uint32_t, uint64_t>> starts;  // first epoch and number of this launch's blocks
    std::vector<uint32_t> clocks;                        // thread x lane
    std::vector<Read> reads;
};

struct Allocation {
    char* base;
    size_t bytes;
    bool live;
    bool untracked;  // all was written, or plain kernels may have: no read counts as uninitialised
    Cell* cells;
};

struct Problem {
    FaultKind kind;
    std::string what;
};

// Whether an address lies where device memory is reserved, allocated or not.
bool inArena(const void* address);

// The live allocation that holds all of [address, address + bytes), or null and why not.
Allocation* find(const void* address, size_t bytes, Problem& problem);

// What copies and libraries do to device memory; each throws a Fault.
void wrote(void* to, size_t bytes);
void reads(const void* from, size_t bytes);
void copyWithin(void* to, const void* from, size_t bytes);  // what was uninitialised stays so
// Whether `reads` refuses what nobody wrote.
void refuseUnwritten(bool refuse);

// Closes device memory to everybody, or opens it: a driver has it open only while it works, so that a host's access
// through a device pointer is a segmentation fault.
void openMemory(bool open);
// Gives up all addresses so far; nothing may be alive.
void retireMemory();

}  // namespace host_cuda
