// Capture and graphs.
#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include "driver_test.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

size_t nodesOf(void* graph) {
    size_t count = 0;
    OK(cuGraphGetNodes(graph, nullptr, &count));
    return count;
}

size_t edgesOf(void* graph) {
    size_t count = 0;
    OK(cuGraphGetEdges(graph, nullptr, nullptr, &count));
    return count;
}

int statusOf(void* stream) {
    int status = -1;
    OK(cuStreamIsCapturing(stream, &status));
    return status;
}

// Ends a capture that is expected to have failed.
void endsWith(int error, void* stream) {
    void* graph = &graph;
    driver_test::expect(error, cuStreamEndCapture(stream, &graph), "cuStreamEndCapture");
    require(graph == nullptr, "a graph of a failed capture");
    require(statusOf(stream) == CAPTURE_NONE, "the stream still captures");
}

}  // namespace

TEST("what a stream captures does not run, and runs with each launch of the graph") {
    Device device;
    Loaded advance("advance");
    OwnStream stream;
    CUdeviceptr clock = 0;
    int values[4] = {};
    OK(cuMemAlloc_v2(&clock, 16));
    OK(cuMemcpyHtoD_v2(clock, values, 16));
    OK(cuStreamBeginCapture_v2(stream.handle, CAPTURE_RELAXED));
    require(statusOf(stream.handle) == CAPTURE_ACTIVE, "does not capture");
    for (int i = 0; i < 3; i++) {
        OK(advance.launch({1}, {1}, stream.handle, clock, clock, 1, 10, 0, 0, 1));
    }
    OK(enqueue(stream.handle, "library", [] {}));
    void* graph = nullptr;
    OK(cuStreamEndCapture(stream.handle, &graph));
    require(nodesOf(graph) == 4 && edgesOf(graph) == 3, "not a chain of 4");
    void* exec = nullptr;
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    OK(cuGraphDestroy(graph));
    require(launchesOf("advance") == 0, "has run while it was captured");
    for (int i = 0; i < 5; i++) {
        OK(cuGraphLaunch(exec, stream.handle));
    }
    require(launchesOf("advance") == 0, "has run before anybody waited");
    OK(cuStreamSynchronize(stream.handle));
    OK(cuMemcpyDtoH_v2(values, clock, 16));
    require(values[0] == 15 && values[1] == 150, "has not run 15 times");
    require(launchesOf("advance") == 15 && launchesOf("library") == 5, "launches of graphs are not counted");
    OK(cuGraphExecDestroy(exec));
    EXPECT(INVALID_HANDLE, cuGraphLaunch(exec, stream.handle));
    OK(cuMemFree_v2(clock));
}

TEST("a fork joined by events becomes branches, in any order among themselves") {
    std::set<float> seen;
    for (int seed = 0; seed < 20; seed++) {
        schedule(seed);
        runChecked(false);
        Device device;
        Identity identity;
        OwnStream first, second;
        OwnEvent fork, join;
        Floats a(100, 1), b(100, 2), target(100, 0), copy(100, 0);
        OK(cuStreamBeginCapture_v2(first.handle, CAPTURE_GLOBAL));
        OK(identity(a, copy, first.handle));
        OK(cuEventRecord(fork.handle, first.handle));
        OK(cuStreamWaitEvent(second.handle, fork.handle, 0));
        require(statusOf(second.handle) == CAPTURE_ACTIVE, "has not joined the capture");
        OK(identity(a, target, first.handle));
        OK(identity(b, target, second.handle));  // a seeded fault: nothing orders the two
        OK(cuEventRecord(join.handle, second.handle));
        OK(cuStreamWaitEvent(first.handle, join.handle, 0));
        OK(identity(target, copy, first.handle));
        void* graph = nullptr;
        void* exec = nullptr;
        OK(cuStreamEndCapture(first.handle, &graph));
        require(statusOf(second.handle) == CAPTURE_NONE, "still captures");
        require(nodesOf(graph) == 4 && edgesOf(graph) == 4, "not a diamond");
        OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
        OK(cuGraphLaunch(exec, first.handle));
        OK(cuStreamSynchronize(first.handle));
        seen.insert(copy.get()[5]);
        OK(cuGraphExecDestroy(exec));
        OK(cuGraphDestroy(graph));
    }
    require(seen == std::set<float>{1, 2}, "only one order of the branches was seen");
}

namespace {

// How two nodes of different branches meet, whether an event orders them, and what the checks say of it.
std::string branches(int seed, const char* meeting, bool ordered) {
    schedule(seed);
    Device device;
    Identity identity;
    OwnStream first, second;
    OwnEvent fork, middle, join;
    Floats a(100, 1), b(100, 2), c(100, 3), d(100, 4);
    std::string kind = meeting;
    auto library = [&](bool writes) {
        CUdeviceptr at = c.at;
        return enqueue(second.handle, "library", [=] {
            auto* word = reinterpret_cast<float*>(at);
            writes ? wrote(word, 400) : reads(word, 400);
        });
    };
    OK(cuStreamBeginCapture_v2(first.handle, CAPTURE_RELAXED));
    OK(cuEventRecord(fork.handle, first.handle));
    OK(cuStreamWaitEvent(second.handle, fork.handle, 0));
    OK(kind == "read, write" ? identity(c, d, first.handle) : identity(a, c, first.handle));
    OK(cuEventRecord(middle.handle, first.handle));
    dropWait(ordered ? 0 : 1);
    OK(cuStreamWaitEvent(second.handle, middle.handle, 0));
    if (kind == "write, write" || kind == "read, write") {
        OK(identity(b, c, second.handle));
    } else if (kind == "write, read") {
        OK(identity(c, d, second.handle));
    } else {
        OK(library(kind == "write, library write"));
    }
    OK(cuEventRecord(join.handle, second.handle));
    OK(cuStreamWaitEvent(first.handle, join.handle, 0));
    void* graph = nullptr;
    void* exec = nullptr;
    OK(cuStreamEndCapture(first.handle, &graph));
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    std::string found;
    // a second launch finds the first one's traces, and is ordered after it
    for (int i = 0; i < 2 && found.empty(); i++) {
        OK(cuGraphLaunch(exec, first.handle));
        if (cuStreamSynchronize(first.handle) != SUCCESS) {
            found = state().lastFault;
        }
    }
    cuGraphExecDestroy(exec);
    cuGraphDestroy(graph);
    return found;
}

}  // namespace

TEST("nodes that nothing orders and that meet in memory are found under every schedule") {
    for (const char* meeting : {"write, write", "write, read", "read, write", "write, library write", "write, library read"}) {
        for (int seed = 0; seed < 10; seed++) {
            std::string found = branches(seed, meeting, true);
            require(found.empty(), std::string(meeting) + " with an event: " + found);
            found = branches(seed, meeting, false);
            require(found.find("race in global memory") != std::string::npos &&
                        found.find("nothing orders it with node") != std::string::npos,
                    std::string(meeting) + " without an event: " + found);
        }
    }
}

TEST("launches of one graph do not run into each other, on other streams either") {
    for (int seed = 0; seed < 20; seed++) {
        schedule(seed);
        Device device;
        OwnStream first, second;
        std::string order;
        void* graph = nullptr;
        void* exec = nullptr;
        OK(cuStreamBeginCapture_v2(first.handle, CAPTURE_RELAXED));
        OK(cuLaunchHostFunc(first.handle, [](void* to) { *static_cast<std::string*>(to) += '('; }, &order));
        OK(cuLaunchHostFunc(first.handle, [](void* to) { *static_cast<std::string*>(to) += ')'; }, &order));
        OK(cuStreamEndCapture(first.handle, &graph));
        OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
        OK(cuGraphLaunch(exec, first.handle));
        OK(cuGraphLaunch(exec, second.handle));
        OK(cuCtxSynchronize());
        require(order == "()()", "ran as " + order);
        OK(cuGraphExecDestroy(exec));
        OK(cuGraphDestroy(graph));
    }
}

TEST("pinned memory that a graph fills shows garbage from its launch to the wait") {
    Device device;
    OwnStream stream;
    Floats x(100, 2);
    float* pinned = nullptr;
    void* graph = nullptr;
    void* exec = nullptr;
    OK(cuMemAllocHost_v2(reinterpret_cast<void**>(&pinned), 400));
    std::fill(pinned, pinned + 100, 5.0f);
    OK(cuStreamBeginCapture_v2(stream.handle, CAPTURE_RELAXED));
    OK(cuMemcpyDtoHAsync_v2(pinned, x.at, 400, stream.handle));
    OK(cuStreamEndCapture(stream.handle, &graph));
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    require(pinned[99] == 5, "capturing has filled it");
    OK(cuGraphLaunch(exec, stream.handle));
    require(std::isnan(pinned[99]), "the old values still look valid");
    OK(cuStreamSynchronize(stream.handle));
    require(pinned[99] == 2, "the copy has not run");
    OK(cuGraphExecDestroy(exec));
    OK(cuGraphDestroy(graph));
    OK(cuMemFreeHost(pinned));
}

TEST("unjoined work, another stream's and another thread's end are refused") {
    Device device;
    Identity identity;
    OwnStream first, second;
    OwnEvent fork;
    Floats a(100, 1), b(100, 2);
    auto begin = [&](int mode) {
        OK(cuStreamBeginCapture_v2(first.handle, mode));
        OK(cuEventRecord(fork.handle, first.handle));
        OK(cuStreamWaitEvent(second.handle, fork.handle, 0));
    };
    void* graph = nullptr;
    begin(CAPTURE_RELAXED);
    OK(identity(a, b, second.handle));
    endsWith(STREAM_CAPTURE_UNJOINED, first.handle);
    begin(CAPTURE_RELAXED);
    EXPECT(STREAM_CAPTURE_UNMATCHED, cuStreamEndCapture(second.handle, &graph));
    endsWith(STREAM_CAPTURE_INVALIDATED, first.handle);
    begin(CAPTURE_THREAD_LOCAL);
    int result = -1;
    std::thread([&] {
        cuCtxSetCurrent(device.context);
        result = cuStreamEndCapture(first.handle, &graph);
    }).join();
    require(result == STREAM_CAPTURE_WRONG_THREAD, "another thread may end it");
    OK(cuStreamEndCapture(first.handle, &graph));
    OK(cuGraphDestroy(graph));
    EXPECT(ILLEGAL_STATE, cuStreamEndCapture(first.handle, &graph));
    EXPECT(STREAM_CAPTURE_UNSUPPORTED, cuStreamBeginCapture_v2(nullptr, CAPTURE_RELAXED));
}

TEST("waiting for a stream that captures ends its capture") {
    Device device;
    OwnStream stream;
    OwnEvent event;
    Floats x(10, 1);
    auto begin = [&](int mode) { OK(cuStreamBeginCapture_v2(stream.handle, mode)); };
    begin(CAPTURE_RELAXED);
    EXPECT(STREAM_CAPTURE_UNSUPPORTED, cuStreamSynchronize(stream.handle));
    require(statusOf(stream.handle) == CAPTURE_INVALIDATED, "the capture goes on");
    EXPECT(STREAM_CAPTURE_INVALIDATED, cuMemsetD32Async(x.at, 0, 10, stream.handle));
    endsWith(STREAM_CAPTURE_INVALIDATED, stream.handle);
    begin(CAPTURE_RELAXED);
    EXPECT(STREAM_CAPTURE_UNSUPPORTED, cuStreamQuery(stream.handle));
    endsWith(STREAM_CAPTURE_INVALIDATED, stream.handle);
    begin(CAPTURE_RELAXED);
    EXPECT(STREAM_CAPTURE_UNSUPPORTED, cuCtxSynchronize());
    endsWith(STREAM_CAPTURE_INVALIDATED, stream.handle);
    begin(CAPTURE_RELAXED);
    OK(cuEventRecord(event.handle, stream.handle));
    EXPECT(CAPTURED_EVENT, cuEventSynchronize(event.handle));
    endsWith(STREAM_CAPTURE_INVALIDATED, stream.handle);
    EXPECT(ILLEGAL_STATE, (begin(CAPTURE_RELAXED), cuStreamBeginCapture_v2(stream.handle, CAPTURE_RELAXED)));
    void* graph = nullptr;
    OK(cuStreamEndCapture(stream.handle, &graph));
    require(nodesOf(graph) == 0, "an empty capture has nodes");
    OK(cuGraphDestroy(graph));
}

TEST("allocating while a stream captures is refused in the global mode, not in the relaxed one") {
    Device device;
    OwnStream stream;
    CUdeviceptr at = 0;
    OK(cuStreamBeginCapture_v2(stream.handle, CAPTURE_GLOBAL));
    EXPECT(STREAM_CAPTURE_UNSUPPORTED, cuMemAlloc_v2(&at, 16));
    endsWith(STREAM_CAPTURE_INVALIDATED, stream.handle);
    void* graph = nullptr;
    for (int mode : {CAPTURE_RELAXED, CAPTURE_THREAD_LOCAL}) {
        OK(cuStreamBeginCapture_v2(stream.handle, mode));
        int result = -1;
        std::thread([&] {
            cuCtxSetCurrent(device.context);
            result = cuMemAlloc_v2(&at, 16);
        }).join();
        driver_test::expect(SUCCESS, result, "allocating in another thread");
        OK(cuStreamEndCapture(stream.handle, &graph));
        OK(cuGraphDestroy(graph));
        OK(cuMemFree_v2(at));
    }
    OK(cuStreamBeginCapture_v2(stream.handle, CAPTURE_THREAD_LOCAL));
    EXPECT(STREAM_CAPTURE_UNSUPPORTED, cuMemAlloc_v2(&at, 16));
    endsWith(STREAM_CAPTURE_INVALIDATED, stream.handle);
}

TEST("the NULL stream and uncaptured work stay out of a capture") {
    Device device;
    Identity identity;
    OwnStream blocking(0), other;
    OwnEvent event;
    Floats x(10, 1), y(10, 2);
    OK(cuStreamBeginCapture_v2(blocking.handle, CAPTURE_RELAXED));
    EXPECT(STREAM_CAPTURE_IMPLICIT, identity(x, y, nullptr));
    endsWith(STREAM_CAPTURE_INVALIDATED, blocking.handle);
    OK(cuStreamBeginCapture_v2(blocking.handle, CAPTURE_RELAXED));
    EXPECT(STREAM_CAPTURE_IMPLICIT, cuMemcpyDtoD_v2(y.at, x.at, 40));
    endsWith(STREAM_CAPTURE_INVALIDATED, blocking.handle);
    OK(cuEventRecord(event.handle, other.handle));
    OK(cuStreamBeginCapture_v2(blocking.handle, CAPTURE_RELAXED));
    EXPECT(STREAM_CAPTURE_ISOLATION, cuStreamWaitEvent(blocking.handle, event.handle, 0));
    endsWith(STREAM_CAPTURE_INVALIDATED, blocking.handle);
    OK(cuStreamBeginCapture_v2(other.handle, CAPTURE_RELAXED));
    OK(identity(x, y, nullptr));
    require(y.get()[3] == 1, "the NULL stream has to go on beside a non-blocking capture");
    void* graph = nullptr;
    OK(cuStreamEndCapture(other.handle, &graph));
    OK(cuGraphDestroy(graph));
}
