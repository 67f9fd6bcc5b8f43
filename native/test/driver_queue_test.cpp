// Deferred work: what runs when, and what a missing wait shows.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <set>
#include <thread>

#include "driver_test.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

constexpr int SEEDS = 40;

struct Pinned {
    explicit Pinned(size_t n) { OK(cuMemAllocHost_v2(reinterpret_cast<void**>(&at), n * sizeof(float))); }
    ~Pinned() { cuMemFreeHost(at); }
    float* at = nullptr;
};

}  // namespace

TEST("a launch on a non-blocking stream has not run when a plain copy comes, and has after a wait") {
    Device device;
    Identity identity;
    OwnStream stream;
    Floats x(1000, 3), y(1000);
    for (int seed = 0; seed < SEEDS; seed++) {
        schedule(seed);
        y.set(1);
        OK(identity(x, y, stream.handle));
        require(y.get()[7] == 1, "the launch has run before anybody waited");
        OK(cuStreamSynchronize(stream.handle));
        require(y.get()[7] == 3, "the launch has not run");
    }
    require(launchesOf("activate") == SEEDS, "launches are not counted");
}

TEST("a plain copy waits for blocking streams, and they for the NULL stream") {
    Device device;
    Identity identity;
    OwnStream blocking(0);
    Floats x(100), y(100);
    for (int seed = 0; seed < SEEDS; seed++) {
        schedule(seed);
        x.set(3);
        y.set(1);
        OK(identity(x, y, blocking.handle));
        require(y.get()[7] == 3, "the copy has not waited");
        OK(cuMemsetD32_v2(x.at, 0, 100));  // on the NULL stream, not yet run
        OK(identity(x, y, blocking.handle));
        OK(cuStreamSynchronize(blocking.handle));
        require(y.get()[7] == 0, "the launch has not waited for the NULL stream");
    }
}

TEST("streams that nothing orders run in any order, an event orders them") {
    for (bool ordered : {false, true}) {
        std::set<float> seen;
        for (int seed = 0; seed < SEEDS; seed++) {
            schedule(seed);
            Device device;
            Identity identity;
            OwnStream first, second;
            OwnEvent event;
            Floats x(100, 3), y(100, 1), z(100, 0);
            OK(identity(x, y, first.handle));
            OK(cuEventRecord(event.handle, first.handle));
            if (ordered) {
                OK(cuStreamWaitEvent(second.handle, event.handle, 0));
            }
            OK(identity(y, z, second.handle));
            OK(cuStreamSynchronize(second.handle));
            seen.insert(z.get()[7]);
        }
        require(seen == (ordered ? std::set<float>{3} : std::set<float>{1, 3}),
                ordered ? "the event does not order" : "only one order was seen");
    }
}

TEST("pinned memory is read when the copy runs, pageable memory at the call") {
    Device device;
    OwnStream stream;
    Floats x(100), y(100);
    Pinned pinned(100);
    std::vector<float> pageable(100, 5);
    std::fill(pinned.at, pinned.at + 100, 5.0f);
    OK(cuMemcpyHtoDAsync_v2(x.at, pinned.at, 400, stream.handle));
    OK(cuMemcpyHtoDAsync_v2(y.at, pageable.data(), 400, stream.handle));
    pinned.at[3] = 6;
    pageable[3] = 6;
    OK(cuStreamSynchronize(stream.handle));
    require(x.get()[3] == 6, "overwriting pinned memory too early does not show");
    require(y.get()[3] == 5, "pageable memory was not staged");
}

TEST("a copy to pinned memory shows garbage until somebody waits, one to pageable memory waits itself") {
    Device device;
    OwnStream stream;
    Floats x(100, 2);
    Pinned pinned(100);
    require(std::isnan(pinned.at[0]), "fresh pinned memory holds numbers");
    std::fill(pinned.at, pinned.at + 100, 5.0f);
    std::vector<float> pageable(100, 5);
    OK(cuMemcpyDtoHAsync_v2(pinned.at, x.at, 400, stream.handle));
    require(std::isnan(pinned.at[99]), "the old values still look valid");
    OK(cuMemcpyDtoHAsync_v2(pageable.data(), x.at, 400, stream.handle));
    require(pageable[99] == 2, "pageable memory has to wait");
    require(pinned.at[99] == 2, "the copy before it on the stream has not run");
    // there and back through the same buffer is in order
    OK(cuMemcpyHtoDAsync_v2(x.at, pinned.at, 400, stream.handle));
    OK(cuMemcpyDtoHAsync_v2(pinned.at, x.at, 400, stream.handle));
    OK(cuStreamSynchronize(stream.handle));
    require(pinned.at[99] == 2, "the source of a queued copy was overwritten");
}

TEST("a query is not ready at first, under some schedules, and ready in the end") {
    int waited = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
        schedule(seed);
        Device device;
        Identity identity;
        OwnStream stream;
        OwnEvent event;
        Floats x(100, 3), y(100, 1);
        OK(cuEventQuery(event.handle));
        OK(identity(x, y, stream.handle));
        OK(cuEventRecord(event.handle, stream.handle));
        int asked = 0;
        int result;
        while ((result = seed % 2 == 0 ? cuEventQuery(event.handle) : cuStreamQuery(stream.handle)) == NOT_READY) {
            require(++asked < 10, "never ready");
            waited++;
        }
        OK(result);
        require(y.get()[7] == 3, "ready, but has not run");
    }
    require(waited > 10, "queries never have to be repeated");
}

TEST("the time between two events") {
    Device device;
    OwnStream stream;
    OwnEvent first, second;
    float milliseconds = -1;
    EXPECT(INVALID_HANDLE, cuEventElapsedTime(&milliseconds, first.handle, second.handle));
    OK(cuEventRecord(first.handle, stream.handle));
    OK(cuEventRecord(second.handle, stream.handle));
    EXPECT(NOT_READY, cuEventElapsedTime(&milliseconds, first.handle, second.handle));
    OK(cuEventSynchronize(second.handle));
    OK(cuEventElapsedTime(&milliseconds, first.handle, second.handle));
    require(milliseconds >= 0 && milliseconds < 1000, "a strange time");
}

TEST("freeing memory waits for the launches that use it") {
    Device device;
    Identity identity;
    OwnStream stream;
    Floats y(100, 1);
    {
        Floats x(100, 3);
        OK(identity(x, y, stream.handle));
    }
    OK(cuCtxSynchronize());
    require(y.get()[7] == 3, "the launch has not run");
}

TEST("a host function runs in the order of its stream and may not call the driver") {
    Device device;
    OwnStream stream;
    int result = -1;
    OK(cuLaunchHostFunc(stream.handle, [](void* to) { *static_cast<int*>(to) = cuCtxSynchronize(); }, &result));
    require(result == -1, "it has run at the call");
    OK(cuStreamSynchronize(stream.handle));
    require(result == NOT_PERMITTED, "it may call the driver");
}

TEST("work of a library is queued, checked and counted") {
    Device device;
    OwnStream stream;
    Floats x(100);
    void* at = reinterpret_cast<void*>(x.at);
    OK(enqueue(stream.handle, "fill", [at] {
        wrote(at, 400);
        std::fill_n(static_cast<float*>(at), 100, 4.0f);
    }));
    require(launchesOf("fill") == 0, "it has run at the call");
    OK(cuStreamSynchronize(stream.handle));
    require(x.get()[99] == 4 && launchesOf("fill") == 1, "it has not run");
    OK(enqueue(stream.handle, "read", [at] { reads(at, 404); }));
    EXPECT(ILLEGAL_ADDRESS, cuStreamSynchronize(stream.handle));
    EXPECT(INVALID_HANDLE, (cuDevicePrimaryCtxReset_v2(0), enqueue(stream.handle, "late", [] {})));
}

TEST("a device pointer cannot be read on the host") {
    Device device;
    Floats x(100, 3);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(*reinterpret_cast<volatile float*>(x.at) == 3 ? 1 : 2);
    }
    int status = 0;
    waitpid(child, &status, 0);
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it could be read");
}

TEST("plain kernels give the same bits as checked ones") {
    Device device;
    Loaded normal("step_metrics");
    std::vector<float> values(1000);
    for (size_t i = 0; i < values.size(); i++) {
        values[i] = static_cast<float>(i) * 0.37f;
    }
    Floats reconstruction(1000), schedule(3, 1);
    double results[2][5];
    CUdeviceptr clock = 0, table = 0, none = 0;
    OK(cuMemcpyHtoD_v2(reconstruction.at, values.data(), 4000));
    OK(cuMemAlloc_v2(&clock, 16));
    OK(cuMemAlloc_v2(&table, sizeof results[0]));
    OK(cuMemsetD8_v2(clock, 0, 16));
    for (bool checked : {true, false}) {
        runChecked(checked);
        OK(normal.launch({1}, {256}, nullptr, reconstruction.at, 1000, reconstruction.at, 1000, none, 0, none, 0, none,
                         schedule.at, clock, table));
        OK(cuMemcpyDtoH_v2(results[checked], table, sizeof results[0]));
    }
    require(memcmp(results[0], results[1], sizeof results[0]) == 0, "other bits");
    require(results[0][0] > 100, "a strange loss");
    OK(cuMemFree_v2(clock));
    OK(cuMemFree_v2(table));
}

TEST("what a plain kernel may have written counts as written when checking is on again") {
    Device device;
    Identity identity;
    Floats x(100, 3), y(100);
    runChecked(false);
    OK(identity(x, y, nullptr));
    OK(cuCtxSynchronize());
    runChecked(true);
    require(y.get()[99] == 3, "the plain kernel has not run");
}
