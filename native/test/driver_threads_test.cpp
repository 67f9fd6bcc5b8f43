// One context current to several threads: modules are loaded side by side, and other calls go on meanwhile.
#include <atomic>
#include <chrono>
#include <thread>

#include "ptx_texts.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int THREADS = 4;

long millisecondsSince(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// Its entry stores a number.
std::string storing(int number) {
    return moduleOf(entryOf("probe", "mov.u32 %r3, " + std::to_string(number) + "; st.global.u32 [%rd2], %r3;"));
}

// Loads a text and runs it, on a thread to which no context is current yet. Returns what it has stored, or minus an error.
int storedOnThread(void* context, bool pushes, int number) {
    if (int error = pushes ? cuCtxPushCurrent_v2(context) : cuCtxSetCurrent(context)) {
        return -error;
    }
    void* module = nullptr;
    void* function = nullptr;
    void* stream = nullptr;
    CUdeviceptr out = 0;
    int n = 1, stored = 0;
    void* arguments[] = {&out, &out, &n};
    for (int error :
         {cuModuleLoadData(&module, storing(number).c_str()), cuModuleGetFunction(&function, module, "probe"),
          cuStreamCreate(&stream, STREAM_NON_BLOCKING), cuMemAlloc_v2(&out, 4),
          cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr), cuStreamSynchronize(stream),
          cuMemcpyDtoH_v2(&stored, out, 4), cuMemFree_v2(out), cuStreamDestroy_v2(stream), cuModuleUnload(module)}) {
        if (error != 0) {
            return -error;
        }
    }
    return stored;
}

// What the threads have stored, each its own number.
void requireNumbers(void* context, bool pushes) {
    int stored[THREADS] = {};
    std::vector<std::thread> threads;
    for (int i = 0; i < THREADS; i++) {
        threads.emplace_back([=, &stored] { stored[i] = storedOnThread(context, pushes, 100 + i); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (int i = 0; i < THREADS; i++) {
        require(stored[i] == 100 + i, "thread " + std::to_string(i) + ": " + std::to_string(stored[i]));
    }
}

}  // namespace

TEST("threads load different texts in one context side by side") {
    for (bool lazy : {false, true}) {
        for (bool pushes : {false, true}) {
            Device device;
            set(lazy ? "loading=lazy" : "loading=eager");
            requireNumbers(device.context, pushes);  // from here on the translations are there
            set("compile-ms=300");
            std::atomic<bool> done{false};
            std::atomic<long> slowest{0}, calls{0};
            auto start = Clock::now();
            std::thread other([&] {
                cuCtxSetCurrent(device.context);
                while (!done) {
                    auto before = Clock::now();
                    size_t free = 0, total = 0;
                    cuMemGetInfo_v2(&free, &total);
                    slowest = std::max(slowest.load(), millisecondsSince(before));
                    calls++;
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                }
            });
            requireNumbers(device.context, pushes);
            long took = millisecondsSince(start);
            done = true;
            other.join();
            require(took >= 300 && took < 900, "loading took " + std::to_string(took) + " ms");
            require(calls > 10 && slowest < 250, std::to_string(calls) +
                                                     " calls of another thread meanwhile, the slowest of " +
                                                     std::to_string(slowest) + " ms");
            set("compile-ms=0");
        }
    }
}

TEST("a module that two threads need at once is compiled once") {
    Device device;
    set("loading=lazy");
    LoadedText module(storing(200));
    set("compile-ms=400");
    void* functions[2] = {};
    int errors[2] = {-1, -1};
    std::thread first([&] {
        cuCtxSetCurrent(device.context);
        errors[0] = cuModuleGetFunction(&functions[0], module.module, "probe");
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    // this thread waits for the rest of that compilation, not for one of its own
    auto start = Clock::now();
    errors[1] = cuModuleGetFunction(&functions[1], module.module, "probe");
    long waited = millisecondsSince(start);
    first.join();
    OK(errors[0]);
    OK(errors[1]);
    require(functions[0] != nullptr && functions[1] != nullptr, "no function");
    require(waited < 380, "the second thread has taken " + std::to_string(waited) + " ms");
    start = Clock::now();
    OK(cuModuleGetFunction(&functions[0], module.module, "probe"));
    require(millisecondsSince(start) < 300, "it was compiled again");
}

TEST("what ends while a text is compiled is found out when it is done") {
    for (const char* ending : {"context", "module", "fault", "reset"}) {
        Device device;
        std::string kind = ending;
        set("loading=lazy");
        void* module = nullptr;
        OK(cuModuleLoadData(&module, storing(200).c_str()));
        set("compile-ms=200");
        int result = -1;
        std::thread compiling([&] {
            cuCtxSetCurrent(device.context);
            void* function = nullptr;
            result = cuModuleGetFunction(&function, module, "probe");
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        if (kind == "context") {
            OK(cuModuleUnload(module));
            OK(cuDevicePrimaryCtxRelease_v2(0));
        } else if (kind == "module") {
            OK(cuModuleUnload(module));
        } else if (kind == "fault") {
            failCall("cuCtxSynchronize", 1, LAUNCH_FAILED, false);
            EXPECT(LAUNCH_FAILED, cuCtxSynchronize());
        } else {
            std::lock_guard<std::recursive_mutex> guard(state().lock);
            forgetEverything();
        }
        compiling.join();
        driver_test::expect(kind == "context"  ? CONTEXT_IS_DESTROYED
                            : kind == "module" ? INVALID_HANDLE
                            : kind == "fault"  ? LAUNCH_FAILED
                                               : INVALID_CONTEXT,
                            result, ending);
        if (kind == "fault") {
            OK(cuDevicePrimaryCtxReset_v2(0));
        }
    }
}
