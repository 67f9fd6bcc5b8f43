#include <algorithm>

#include "host_cuda.h"
#include "shadow.h"

namespace host_cuda {

namespace {

struct {
    const NodeOrder* order = nullptr;
    uint32_t first = 0, index = 0;
} node;

// of an access before this node's
bool isOrdered(uint32_t number) {
    bool sameLaunch = number >= node.first && number - node.first < node.order->names.size();
    uint32_t index = number - node.first;
    return !sameLaunch || index == node.index || node.order->ancestors[node.index][index];
}

std::string unordered(const char* verb, uint32_t number, const char* did) {
    uint32_t index = number - node.first;
    return std::string(verb) + " what node " + std::to_string(index) + " of the graph, " + node.order->names[index] + ", " +
           did + ", and nothing orders it with node " + std::to_string(node.index) + ", " + node.order->names[node.index];
}

}  // namespace

uint32_t numberNodes(size_t count) {
    static uint32_t next = 1;
    uint32_t first = next;
    next += static_cast<uint32_t>(count);
    return first;
}

NodeRun::NodeRun(const NodeOrder& order, uint32_t first, uint32_t index) { node = {&order, first, index}; }
NodeRun::~NodeRun() { node.order = nullptr; }

bool NodeRun::inGraph() { return node.order != nullptr; }

std::string NodeRun::note(Cell& cell, bool write) {
    if (!inGraph()) {
        return {};
    }
    if (!isOrdered(cell.writeNode)) {
        return unordered(write ? "writes" : "reads", cell.writeNode, "writes");
    }
    uint32_t self = node.first + node.index;
    if (write) {
        for (uint32_t reader : cell.readNodes) {
            if (!isOrdered(reader)) {
                return unordered("writes", reader, "reads");
            }
        }
        cell.writeNode = self;
        cell.readNodes[0] = cell.readNodes[1] = 0;
    } else if (isOrdered(cell.readNodes[0])) {
        cell.readNodes[0] = self;
    } else if (isOrdered(cell.readNodes[1])) {
        cell.readNodes[1] = self;
    }
    return {};
}

void Order::nextEpoch() {
    epoch++;
    reads.clear();
}

void Order::startLaunch() {
    launchStart = epoch + 1;
    starts.clear();
}

void Order::startBlock(uint64_t block, int threads) {
    nextEpoch();
    blockStart = epoch;
    starts.emplace_back(epoch, block);
    clocks.assign(static_cast<size_t>(threads) * WARP, 0);
    for (int t = 0; t < threads; t++) {
        clocks[t * WARP + t % WARP] = 1;
    }
}

void Order::warpBarrier(int warp, unsigned mask) {
    uint32_t joined[WARP] = {};
    for (int pass = 0; pass < 2; pass++) {
        for (int l = 0; l < WARP; l++) {
            if (mask >> l & 1) {
                uint32_t* known = &clocks[(warp * WARP + l) * WARP];
                for (int i = 0; i < WARP; i++) {
                    joined[i] = std::max(joined[i], known[i]);
                    known[i] = joined[i];
                }
            }
        }
    }
    for (int l = 0; l < WARP; l++) {
        if (mask >> l & 1) {
            clocks[(warp * WARP + l) * WARP + l]++;
        }
    }
}

bool Order::before(int other, uint32_t clock, int thread) const {
    return other == thread || (other / WARP == thread / WARP && clocks[thread * WARP + other % WARP] >= clock);
}

std::string Order::blockOf(uint32_t at) const {
    auto next = std::upper_bound(
        starts.begin(), starts.end(), at, [](uint32_t e, const std::pair<uint32_t, uint64_t>& s) { return e < s.first; });
    return "block " + std::to_string((next - 1)->second);
}

std::string Order::noteReadOnly(Cell& cell, bool write, bool readOnly) const {
    if (write && cell.readOnlyIn == launchStart) {
        return "writes what this launch reads as read-only";
    }
    if (readOnly && cell.writeEpoch >= launchStart) {
        return "reads as read-only what this launch has written";
    }
    cell.readOnlyIn = readOnly ? launchStart : cell.readOnlyIn;
    return {};
}

std::string Order::note(Cell& cell, uint8_t mask, int thread, bool write, bool shared) {
    const char* verb = write ? "writes" : "reads";
    bool overlaps = (cell.writeMask & mask) != 0;
    if (overlaps && !shared && cell.writeEpoch >= launchStart && cell.writeEpoch < blockStart) {
        return std::string(verb) + " what " + blockOf(cell.writeEpoch) + " of this launch has written";
    }
    if (overlaps && cell.writeEpoch == epoch && !before(cell.writer, cell.writeClock, thread)) {
        return std::string(verb) + " what thread " + std::to_string(cell.writer) +
               " has written, with no barrier between";
    }
    bool sameEpoch = cell.readEpoch == epoch;
    if (write) {
        uint32_t other = cell.readEpoch < blockStart ? cell.readEpoch : cell.otherRead;
        if (!shared && other >= launchStart) {
            return "writes what " + blockOf(other) + " of this launch has read";
        }
        for (uint32_t i = sameEpoch ? cell.reads : 0; i != 0; i = reads[i - 1].next) {
            const Read& read = reads[i - 1];
            if ((read.mask & mask) != 0 && !before(read.thread, read.clock, thread)) {
                return "writes what thread " + std::to_string(read.thread) + " has read, with no barrier between";
            }
        }
        bool again = cell.writeEpoch == epoch && cell.writer == thread;
        cell.writeMask = again ? cell.writeMask | mask : mask;
        cell.writer = static_cast<uint16_t>(thread);
        cell.writeClock = clocks[thread * WARP + thread % WARP];
        cell.writeEpoch = epoch;
        cell.initialised |= mask;
        return {};
    }
    if (!sameEpoch) {
        if (cell.readEpoch < blockStart) {
            cell.otherRead = cell.readEpoch;
        }
        cell.readEpoch = epoch;
        cell.reads = 0;
    }
    uint32_t clock = clocks[thread * WARP + thread % WARP];
    if (cell.reads != 0) {
        Read& last = reads[cell.reads - 1];
        if (last.thread == thread && last.clock == clock) {
            last.mask |= mask;
            return {};
        }
    }
    reads.push_back({cell.reads, clock, static_cast<uint16_t>(thread), mask});
    cell.reads = static_cast<uint32_t>(reads.size());
    return {};
}

}  // namespace host_cuda
