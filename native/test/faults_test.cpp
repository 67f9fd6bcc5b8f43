// The device's own tests: every seeded fault is found as what it is, and its healthy twin passes.
#include <cstdio>
#include <cstring>

#include "test.h"

using host_cuda::Fault;
using host_cuda::FaultKind;

namespace {

constexpr int N = 300;
constexpr int BLOCK = 128;
constexpr int SEEDS = 20;

std::vector<float> outcome(const char* name, int fault, uint64_t seed) {
    std::vector<float> values(N);
    for (int i = 0; i < N; i++) {
        values[i] = static_cast<float>(i * 7 % 11 - 5) * 0.25f;
    }
    Array<float> x(values);
    Array<float> out(N);
    run(name, {(N + BLOCK - 1) / BLOCK}, {BLOCK}, seed, static_cast<const float*>(x.at()), N, fault, out.at());
    return out.get();
}

void healthy(const std::string& name) {
    std::vector<float> first = outcome(name.c_str(), 0, 0);
    for (int seed = 1; seed < SEEDS; seed++) {
        std::vector<float> again = outcome(name.c_str(), 0, seed);
        require(memcmp(first.data(), again.data(), N * sizeof(float)) == 0,
                name + ": other bits under schedule " + std::to_string(seed));
    }
}

// Under every schedule: a checker that needs luck is none.
void faulty(const std::string& name, int fault, FaultKind kind) {
    for (int seed = 0; seed < SEEDS; seed++) {
        try {
            outcome(name.c_str(), fault, seed);
        } catch (const Fault& found) {
            require(found.kind == kind, std::string("found as another kind: ") + found.what());
            if (seed == 0) {
                printf("        %s\n", found.what());
            }
            continue;
        }
        throw std::runtime_error(name + ", fault " + std::to_string(fault) + ", schedule " + std::to_string(seed) +
                                 ": not found");
    }
}

// Without the calls around accesses only rendezvous are checked.
bool isObserved(FaultKind kind) {
#ifdef ACCESS_CHECKS
    (void)kind;
    return true;
#else
    return kind == FaultKind::divergentBarrier || kind == FaultKind::warpMask || kind == FaultKind::stateSpace;
#endif
}

void twins(const std::string& name, std::vector<FaultKind> kinds) {
    healthy(name);
    for (size_t i = 0; i < kinds.size(); i++) {
        if (isObserved(kinds[i])) {
            faulty(name, static_cast<int>(i) + 1, kinds[i]);
        }
    }
    // a fault leaves nothing behind
    healthy(name);
}

void refused(host_cuda::Dim grid, host_cuda::Dim block) {
    Array<float> x(std::vector<float>(4, 1.0f));
    Array<float> out(4);
    try {
        run("fault_misaligned", grid, block, 0, static_cast<const float*>(x.at()), 4, 0, out.at());
    } catch (const Fault& found) {
        require(found.kind == FaultKind::launchLimit, found.what());
        return;
    }
    throw std::runtime_error("not refused");
}

template <class Body>
void throws(FaultKind kind, Body body) {
    try {
        body();
    } catch (const Fault& found) {
        require(found.kind == kind, found.what());
        return;
    }
    throw std::runtime_error("not found");
}

}  // namespace

TEST("missing barrier") { twins("fault_missing_barrier", {FaultKind::sharedRace, FaultKind::sharedRace}); }
TEST("missing second barrier") { twins("fault_missing_second_barrier", {FaultKind::sharedRace}); }
TEST("missing warp barrier") { twins("fault_missing_syncwarp", {FaultKind::sharedRace, FaultKind::sharedRace}); }
TEST("out of bounds") {
    twins("fault_out_of_bounds", {FaultKind::outOfBounds, FaultKind::outOfBounds, FaultKind::outOfBounds});
}
TEST("beyond an array") { twins("fault_array_bounds", {FaultKind::outOfBounds, FaultKind::outOfBounds}); }
TEST("misaligned") { twins("fault_misaligned", {FaultKind::misaligned}); }
TEST("uninitialised read") { twins("fault_uninitialised", {FaultKind::uninitialised, FaultKind::uninitialised}); }
TEST("race between blocks") {
    twins("fault_between_blocks", {FaultKind::globalRace, FaultKind::globalRace, FaultKind::globalRace});
}
TEST("host access") { twins("fault_host_access", {FaultKind::hostAccess}); }
TEST("barrier in a branch") {
    twins("fault_barrier_in_branch",
          {FaultKind::divergentBarrier, FaultKind::divergentBarrier, FaultKind::divergentBarrier});
}
TEST("warp mask") {
    twins("fault_warp_mask", {FaultKind::warpMask, FaultKind::warpMask, FaultKind::warpMask, FaultKind::warpMask});
}
TEST("accesses of global memory only, of shared and local memory") {
    twins("fault_state_space", {FaultKind::stateSpace, FaultKind::stateSpace, FaultKind::stateSpace, FaultKind::stateSpace});
}
TEST("launch limits") {
    refused({1}, {1025});
    refused({1}, {32, 33});
    refused({1}, {1, 1, 65});
    refused({0}, {1});
    refused({1, 65536}, {1});
    refused({1}, {0});
}
TEST("blocks and grids of three dimensions") {
    constexpr int THREADS = 7 * 5 * 3 * 2 * 3 * 4;
    Array<float> x(std::vector<float>{1.5f});
    Array<float> out(THREADS);
    run("three_dimensions", {2, 3, 4}, {7, 5, 3}, 6, static_cast<const float*>(x.at()), THREADS, out.at());
    std::vector<float> got = out.get();
    for (int i = 0; i < THREADS; i++) {
        require(got[i] == 1.5f + static_cast<float>(i), "another element " + std::to_string(i));
    }
}
TEST("use after free in a kernel") {
    if (isObserved(FaultKind::useAfterFree)) {
        Array<float> out(4);
        float* freed = static_cast<float*>(host_cuda::allocate(4 * sizeof(float)));
        host_cuda::release(freed);
        throws(FaultKind::useAfterFree, [&] {
            run("three_dimensions", {1}, {1}, 0, static_cast<const float*>(freed), 1, out.at());
        });
    }
}
TEST("memory") {
    float value = 1;
    float* p = static_cast<float*>(host_cuda::allocate(sizeof value));
    host_cuda::toDevice(p, &value, sizeof value);
    throws(FaultKind::outOfBounds, [&] { host_cuda::toDevice(p + 1, &value, sizeof value); });
    throws(FaultKind::outOfBounds, [&] { host_cuda::toHost(&value, p - 1, sizeof value); });
    throws(FaultKind::hostAccess, [&] { host_cuda::toHost(&value, &value, sizeof value); });
    throws(FaultKind::outOfBounds, [&] { host_cuda::release(reinterpret_cast<char*>(p) + 1); });
    host_cuda::release(p);
    throws(FaultKind::useAfterFree, [&] { host_cuda::toHost(&value, p, sizeof value); });
    throws(FaultKind::useAfterFree, [&] { host_cuda::release(p); });
}
