#include <link.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>

#include "draws.h"
#include "ptx/code.h"
#include "run.h"

namespace host_cuda {

// never destroyed: a process may end while a kernel runs
Run& run = *new Run;

Fault fault(const Problem& problem, int thread) {
    return Fault(problem.kind, std::string(nameOf(problem.kind)) + ": " + run.kernel->name + ", block " +
                                   text(run.blockIndex) + ", thread " + text(run.lanes[thread].index) + ": " +
                                   problem.what);
}

namespace {

std::mutex oneAtATime;

uint3 unpack(uint64_t number, Dim in) {
    return {static_cast<unsigned>(number % in.x), static_cast<unsigned>(number / in.x % in.y),
            static_cast<unsigned>(number / in.x / in.y)};
}

void raiseUnwritten(bool shared) {
    if (run.unwritten && run.unwrittenIsShared == shared) {
        throw *run.unwritten;
    }
}

[[noreturn]] void raise(const Problem& problem, int thread) {
    // what a thread does after reading garbage is no news
    bool race = problem.kind == FaultKind::sharedRace || problem.kind == FaultKind::globalRace;
    if (run.unwritten && !race) {
        throw *run.unwritten;
    }
    throw fault(problem, thread);
}

// Gives the next fresh thread a stack.
void start(Fiber* on) {
    run.current = run.fresh++;
    run.lanes[run.current].state = State::ready;
    run.lanes[run.current].on = on;
}

void threadMain(int owner) {
    Fiber* self = run.lanes[owner].fiber.get();
    for (;;) {
        run.kernel->call(run.kernel->entry, run.arguments);
        run.lanes[run.current].state = State::exited;
        run.alive--;
        if (run.fresh < run.threads) {
            start(self);
        } else {
            self->suspend();
        }
    }
}

void completeBlockBarrier() {
    for (int t = 1; t < run.threads; t++) {
        if (!same(run.lanes[t].place, run.lanes[0].place)) {
            raise({FaultKind::divergentBarrier, whereabouts(t) + ", " + whereabouts(0)}, t);
        }
    }
    raiseUnwritten(true);
    run.order.blockBarrier();
    run.waiting = 0;
    for (int t = 0; t < run.threads; t++) {
        wake(t);
    }
}

// Nothing can run, and not all have exited.
[[noreturn]] void reportDeadlock() {
    for (int t = 0; t < run.threads; t++) {
        const Lane& lane = run.lanes[t];
        if (lane.state != State::atWarp) {
            continue;
        }
        for (int l = 0; l < WARP; l++) {
            int other = t / WARP * WARP + l;
            if ((lane.mask >> l & 1) == 0 || other == t) {
                continue;
            }
            const Lane& partner = run.lanes[other];
            bool meets = partner.state == State::atWarp && partner.mask == lane.mask && partner.op == lane.op &&
                         same(partner.place, lane.place);
            if (!meets) {
                raise({FaultKind::warpMask, whereabouts(t) + ", which names lane " + std::to_string(l) + ", but " +
                                                whereabouts(other)},
                      t);
            }
        }
    }
    auto at = [](State state) {
        return std::find_if(run.lanes.begin(), run.lanes.begin() + run.threads,
                            [state](const Lane& l) { return l.state == state; }) -
               run.lanes.begin();
    };
    int waits = static_cast<int>(at(State::atBarrier));
    raise({FaultKind::divergentBarrier, whereabouts(waits) + ", but " + whereabouts(static_cast<int>(at(State::exited)))},
          waits);
}

void runBlock(Draws& draws) {
    // of plain kernels of the sources nobody knows where their arrays lie
    if ((!run.kernel->plain || run.kernel->code != nullptr) && run.shared.bytes != 0) {
        memset(run.shared.base, 0xff, run.shared.bytes);
    }
    if (!run.kernel->plain) {
        std::fill(run.sharedCells.begin(), run.sharedCells.end(), Cell{});
    }
    uint64_t number = run.blockIndex.x + run.grid.x * (run.blockIndex.y + uint64_t(run.grid.y) * run.blockIndex.z);
    run.ready.clear();
    run.waiting = 0;
    run.alive = run.threads;
    run.fresh = 0;
    if (!run.kernel->plain) {
        run.order.startBlock(number, run.threads);
        for (; run.fresh < run.threads; run.fresh++) {
            run.lanes[run.fresh].on = run.lanes[run.fresh].fiber.get();
            wake(run.fresh);
        }
    }
    while (run.alive > 0) {
        if (run.fresh < run.threads) {
            start(run.lanes[run.fresh].fiber.get());
        } else {
            if (run.ready.empty()) {
                if (run.waiting != run.threads) {
                    reportDeadlock();
                }
                completeBlockBarrier();
            }
            // a plain kernel's among as many as are a warp, so that what stands on their stacks stays in the caches
            size_t ready = run.ready.size();
            size_t among = run.kernel->plain ? std::min<size_t>(ready, WARP) : ready;
            size_t pick = ready - among + draws.below(among);
            run.current = run.ready[pick];
            run.ready[pick] = run.ready.back();
            run.ready.pop_back();
        }
        run.inside = true;
        run.lanes[run.current].on->resume();
        run.inside = false;
        if (run.problem) {
            raise(*run.problem, run.current);
        }
    }
    raiseUnwritten(true);
}

// glibc's: where the thread-local segment of a module lies for this thread, allocated when it is asked for
struct TlsIndex {
    unsigned long module, offset;
};
extern "C" void* __tls_get_addr(TlsIndex*);

// What the kernel was linked into: its constants, and this thread's copy of its thread-local segment.
int findImage(dl_phdr_info* info, size_t, void*) {
    std::vector<Segment> loaded;
    TlsIndex shared{};
    size_t sharedBytes = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const auto& header = info->dlpi_phdr[i];
        if (header.p_type == PT_LOAD) {
            loaded.push_back({reinterpret_cast<char*>(info->dlpi_addr + header.p_vaddr), header.p_memsz});
        } else if (header.p_type == PT_TLS) {
            shared.module = info->dlpi_tls_modid;
            sharedBytes = header.p_memsz;
        }
    }
    bool ours = std::any_of(loaded.begin(), loaded.end(), [](const Segment& s) { return s.holds(run.kernel->entry); });
    if (ours) {
        run.image = loaded;
        run.shared = {sharedBytes == 0 ? nullptr : static_cast<char*>(__tls_get_addr(&shared)), sharedBytes};
    }
    return ours;
}

void checkLimits() {
    auto refuse = [](const std::string& what) {
        throw Fault(FaultKind::launchLimit, std::string(nameOf(FaultKind::launchLimit)) + ": " + run.kernel->name + ": " + what);
    };
    auto shape = [](const char* what, Dim d) { return what + text(uint3{d.x, d.y, d.z}); };
    Dim b = run.block, g = run.grid;
    if (b.count() == 0 || b.count() > 1024 || b.x > 1024 || b.y > 1024 || b.z > 64) {
        refuse(shape("a block of ", b) + " threads");
    }
    if (g.x == 0 || g.y == 0 || g.z == 0 || g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535) {
        refuse(shape("a grid of ", g) + " blocks");
    }
}

struct Restart {
    // what a fault left in the middle
    ~Restart() {
        for (Lane& lane : run.lanes) {
            if (lane.state != State::exited) {
                lane.on->restart();
                lane.state = State::exited;
            }
        }
        run.problem.reset();
        run.unwritten.reset();
    }
};

}  // namespace

void launch(const Kernel& kernel, Dim grid, Dim block, void** arguments, uint64_t seed) {
    std::lock_guard<std::mutex> lock(oneAtATime);
    run.kernel = &kernel;
    run.arguments = arguments;
    run.grid = grid;
    run.block = block;
    checkLimits();
    run.threads = static_cast<int>(block.count());
    if (kernel.code != nullptr) {
        ptx::begin(kernel, arguments);
    } else if (!kernel.plain) {
        dl_iterate_phdr(findImage, nullptr);
    }
    if (!kernel.plain) {
        run.sharedCells.resize(run.shared.bytes / 4 + 2);
    }
    while (run.lanes.size() < block.count()) {
        int thread = static_cast<int>(run.lanes.size());
        run.lanes.push_back(Lane{});
        run.lanes.back().state = State::exited;
        run.lanes.back().fiber = std::make_unique<Fiber>(threadMain, thread);
    }
    for (int t = 0; t < run.threads; t++) {
        run.lanes[t].index = unpack(t, block);
    }
    Restart restart;
    run.order.startLaunch();
    Draws draws(seed);
    std::vector<uint64_t> blocks(grid.count());
    std::iota(blocks.begin(), blocks.end(), 0);
    std::shuffle(blocks.begin(), blocks.end(), draws);
    for (uint64_t b : blocks) {
        run.blockIndex = unpack(b, grid);
        runBlock(draws);
    }
    raiseUnwritten(false);
}

}  // namespace host_cuda
