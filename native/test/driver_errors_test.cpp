// Errors: those of the calls, those that come late and stay, and those made to order.
#include <cstdlib>
#include <thread>

#include "driver_test.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

// Loads what must be refused, and gives the text of the error.
std::string refusedPtx(int error, const std::string& ptx) {
    void* module = nullptr;
    driver_test::expect(error, cuModuleLoadData(&module, ptx.c_str()), "cuModuleLoadData");
    return errorText(error);
}

// Launches a seeded fault of test/faults.cu.
void lateError(const char* kernel, int fault, int error, const std::string& says) {
    Device device;
    {
        Loaded function(kernel);
        OwnStream stream;
        Floats x(300, 1), out(300, 0), other(300);
        OK(function.launch({3}, {128}, stream.handle, x.at, 300, fault, out.at));
        OK(cuMemsetD32_v2(other.at, 0, 300));  // nobody has waited, so nobody knows
        driver_test::expect(error, cuStreamSynchronize(stream.handle), kernel);
        CUdeviceptr more = 0;
        driver_test::expect(error, cuMemAlloc_v2(&more, 16), "cuMemAlloc");
        driver_test::expect(error, cuCtxSynchronize(), "cuCtxSynchronize");
        require(holds(errorText(error), kernel) && holds(errorText(error), says), errorText(error));
    }
    OK(cuDevicePrimaryCtxReset_v2(0));
    require(liveReport().empty(), "the dead context has left " + liveReport());
    Floats again(10, 2);
    require(again.get()[9] == 2, "the device has not come back");
}

}  // namespace

TEST("nothing works before cuInit and without a context") {
    state().initialised = false;
    void* context = nullptr;
    CUdeviceptr at = 0;
    int count = 0;
    EXPECT(NOT_INITIALIZED, cuDeviceGetCount(&count));
    EXPECT(NOT_INITIALIZED, cuDevicePrimaryCtxRetain(&context, 0));
    EXPECT(NOT_INITIALIZED, cuMemAlloc_v2(&at, 16));
    EXPECT(NOT_INITIALIZED, currentContext());
    OK(cuInit(0));
    EXPECT(INVALID_CONTEXT, cuMemAlloc_v2(&at, 16));
    EXPECT(INVALID_CONTEXT, currentContext());
    EXPECT(INVALID_DEVICE, cuDevicePrimaryCtxRetain(&context, 1));
}

TEST("a context is current to a thread, and gone when it is destroyed") {
    Device device;
    int other = -1;
    std::thread([&] { other = cuCtxSynchronize(); }).join();
    require(other == INVALID_CONTEXT, "current to another thread");
    void* second = nullptr;
    void* top = nullptr;
    {
        OwnStream stream;
        OK(cuCtxCreate_v2(&second, 0, 0));
        EXPECT(INVALID_HANDLE, cuStreamSynchronize(stream.handle));  // of the other context
        std::thread([&] {
            cuCtxSetCurrent(second);
            OK(cuCtxDestroy_v2(second));
            cuCtxSetCurrent(second);
            other = cuCtxSynchronize();
        }).join();
        require(other == CONTEXT_IS_DESTROYED, "a destroyed context works");
        EXPECT(CONTEXT_IS_DESTROYED, cuCtxSynchronize());
        OK(cuCtxPopCurrent_v2(&top));
        require(top == second, "another context was on top");
    }
    OK(cuCtxGetCurrent(&top));
    require(top == device.context, "the stack has lost the first context");
    OK(cuDevicePrimaryCtxRelease_v2(0));
    EXPECT(CONTEXT_IS_DESTROYED, cuCtxSynchronize());
    EXPECT(INVALID_CONTEXT, cuDevicePrimaryCtxRelease_v2(0));
    OK(cuDevicePrimaryCtxRetain(&top, 0));
    require(top == device.context, "the primary context has another handle");
}

TEST("host and device pointers cannot be confused") {
    Device device;
    Floats x(100, 1);
    std::vector<float> host(100);
    CUdeviceptr wrong = reinterpret_cast<CUdeviceptr>(host.data());
    void* back = reinterpret_cast<void*>(x.at);
    EXPECT(INVALID_VALUE, cuMemcpyHtoD_v2(wrong, host.data(), 400));
    EXPECT(INVALID_VALUE, cuMemcpyHtoD_v2(x.at, back, 400));
    EXPECT(INVALID_VALUE, cuMemcpyDtoH_v2(back, x.at, 400));
    EXPECT(INVALID_VALUE, cuMemcpyDtoH_v2(host.data(), wrong, 400));
    EXPECT(INVALID_VALUE, cuMemcpyHtoD_v2(x.at, host.data(), 404));
    EXPECT(INVALID_VALUE, cuMemsetD32_v2(wrong, 0, 100));
    EXPECT(INVALID_VALUE, cuMemFree_v2(wrong));
    EXPECT(INVALID_VALUE, cuMemFree_v2(x.at + 4));
    OK(cuMemcpy(wrong, x.at, 400));
    require(host[99] == 1, "cuMemcpy has not seen the sides");
}

static void wrongPointers(Kernels kernels) {
    for (bool checked : {true, false}) {
        for (bool freed : {true, false}) {
            Device device;
            runChecked(checked);
            state().configuration.kernels = kernels;
            Identity identity;
            Floats x(100, 1);
            CUdeviceptr wrong = reinterpret_cast<CUdeviceptr>(&device);
            if (freed) {
                OK(cuMemAlloc_v2(&wrong, 400));
                OK(cuMemFree_v2(wrong));
            }
            long long stride = 100;
            OK(identity.launch({1}, {256}, nullptr, x.at, stride, wrong, stride, 1, 100, 0));
            EXPECT(ILLEGAL_ADDRESS, cuCtxSynchronize());
            require(holds(errorText(ILLEGAL_ADDRESS), freed ? "use after free" : "host access"), errorText(ILLEGAL_ADDRESS));
        }
    }
}

TEST("a launch with a host pointer or one of freed memory is a late error, of plain kernels too") { wrongPointers(Kernels::ptx); }
TEST("sources: the same of wrong pointers") { wrongPointers(Kernels::source); }

// whole: all of the target was written before what nobody wrote is copied over it
static void readBackUnwritten(bool whole) {
    for (bool checked : {true, false}) {
        Device device;
        runChecked(checked);
        CUdeviceptr x = 0, y = 0;
        std::vector<char> host(64);
        OK(cuMemAlloc_v2(&x, 64));
        OK(cuMemAlloc_v2(&y, 64));
        OK(cuMemsetD8_v2(x, 1, 63));
        if (whole) {
            OK(cuMemsetD8_v2(y, 2, 64));
        }
        OK(cuMemcpyDtoD_v2(y, x, 64));  // may carry along what is not there
        OK(cuMemcpyDtoH_v2(host.data(), y, 63));
        int result = cuMemcpyDtoH_v2(host.data(), y, 64);
        driver_test::expect(checked ? ILLEGAL_ADDRESS : SUCCESS, result, "cuMemcpyDtoH");
        require(!checked || holds(state().lastFault, "the one at 63 was never written"), state().lastFault);
        if (!checked) {
            OK(cuMemFree_v2(x));
            OK(cuMemFree_v2(y));
        }
    }
}

TEST("reading back what nobody wrote is a fault of checked mode") {
    readBackUnwritten(false);
    readBackUnwritten(true);
}

TEST("a fault of a kernel comes late and stays until the context is reset") {
    lateError("fault_missing_barrier", 1, ILLEGAL_ADDRESS, "race in shared memory");
    lateError("fault_barrier_in_branch", 1, LAUNCH_FAILED, "divergent barrier");
    lateError("fault_misaligned", 1, MISALIGNED_ADDRESS, "misaligned");
    lateError("fault_out_of_bounds", 1, ILLEGAL_ADDRESS, "out of bounds");
}

TEST("the PTX is read: its form, its version, its target, its entries") {
    Device device;
    std::string good = ptxOf("advance");
    void* module = nullptr;
    void* function = nullptr;
    OK(cuModuleLoadData(&module, good.c_str()));
    OK(cuModuleGetFunction(&function, module, "advance"));
    EXPECT(NOT_FOUND, cuModuleGetFunction(&function, module, "adam"));
    EXPECT(NOT_FOUND, cuModuleGetGlobal_v2(nullptr, nullptr, module, "table"));
    OK(cuModuleUnload(module));
    EXPECT(INVALID_HANDLE, cuModuleUnload(module));
    EXPECT(INVALID_HANDLE, cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr));
    refusedPtx(INVALID_PTX, "");
    refusedPtx(INVALID_PTX, "not PTX at all");
    refusedPtx(INVALID_PTX, good.substr(0, good.size() - 4));
    refusedPtx(INVALID_IMAGE, "\x7f" "ELF");
    refusedPtx(UNSUPPORTED_PTX_VERSION, ptxOf("advance", ".version 9.1\n.target sm_75\n"));
    refusedPtx(NO_BINARY_FOR_GPU, ptxOf("advance", ".version 8.7\n.target sm_100\n"));
    state().configuration.driver = 12020;
    refusedPtx(UNSUPPORTED_PTX_VERSION, ptxOf("advance", ".version 8.3\n.target sm_75\n"));
    state().configuration.driver = 13000;
    state().configuration.major = 7;
    state().configuration.minor = 0;
    require(holds(refusedPtx(NO_BINARY_FOR_GPU, good), "the device has 7.0"), errorText(NO_BINARY_FOR_GPU));
    state().configuration = Configuration{};
}

TEST("sources: each entry is among the kernels, with the same parameters") {
    Device device;
    state().configuration.kernels = Kernels::source;
    for (const char* kernel : {"activate", "bottleneck", "normal", "gaussian_loss", "adam", "dense_thin", "importance_weights"}) {
        Loaded family(kernel);
    }
    std::string missing = ptxOf("advance"), wider = missing;
    missing.replace(missing.find("advance"), 7, "retreat");
    require(holds(refusedPtx(INVALID_PTX, missing), "retreat: not among"), errorText(INVALID_PTX));
    wider.replace(wider.find(".b32"), 4, ".b64");
    require(holds(refusedPtx(INVALID_PTX, wider), "advance: the PTX has parameters of (8, 8, 8, 4, 4, 4, 4)"),
            errorText(INVALID_PTX));
}

TEST("launch limits are refused at the call") {
    Device device;
    void* module = nullptr;
    void* handle = nullptr;
    OK(cuModuleLoadData(&module, ptxOf("advance", ".version 6.3\n.target sm_75\n", ".maxntid 64, 2, 1\n").c_str()));
    OK(cuModuleGetFunction(&handle, module, "advance"));
    CUdeviceptr clock = 0;
    OK(cuMemAlloc_v2(&clock, 16));
    OK(cuMemsetD8_v2(clock, 0, 16));
    int zero = 0;
    void* arguments[] = {&clock, &clock, &zero, &zero, &zero, &zero, &zero};
    auto launch = [&](unsigned grid, unsigned block, unsigned shared) {
        return cuLaunchKernel(handle, grid, 1, 1, block, 1, 1, shared, nullptr, arguments, nullptr);
    };
    OK(launch(1, 128, 48 << 10));
    EXPECT(INVALID_VALUE, launch(1, 129, 0));
    EXPECT(INVALID_VALUE, launch(0, 128, 0));
    EXPECT(INVALID_VALUE, launch(1, 0, 0));
    EXPECT(INVALID_VALUE, launch(1, 128, (48 << 10) + 1));
    EXPECT(INVALID_VALUE, cuLaunchKernel(handle, 1, 65536, 1, 1, 1, 1, 0, nullptr, arguments, nullptr));
    EXPECT(INVALID_VALUE, cuLaunchKernel(handle, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr));
    int most = 0;
    OK(cuFuncGetAttribute(&most, 0, handle));
    require(most == 128, "another limit");
    OK(cuMemFree_v2(clock));
    OK(cuModuleUnload(module));
}

TEST("what is not given back is counted by kind") {
    Device device;
    CUdeviceptr at = 0;
    void* pinned = nullptr;
    void* event = nullptr;
    OK(cuMemAlloc_v2(&at, 16));
    OK(cuMemAllocHost_v2(&pinned, 16));
    OK(cuEventCreate(&event, 0));
    void* second = nullptr;
    OK(cuCtxCreate_v2(&second, 0, 0));
    require(liveReport() == "1 allocation, 1 pinned, 1 event, 1 context", liveReport());
    OK(cuCtxDestroy_v2(second));
    require(liveReport() == "1 allocation, 1 pinned, 1 event", "the primary context counts: " + liveReport());
    OK(cuDevicePrimaryCtxRelease_v2(0));
    require(liveReport() == "1 allocation, 1 pinned, 1 event", "a context hides its leaks: " + liveReport());
    OK(cuDevicePrimaryCtxRetain(&device.context, 0));
    OK(cuMemFree_v2(at));
    EXPECT(INVALID_VALUE, cuMemFree_v2(at));
    OK(cuMemFreeHost(pinned));
    EXPECT(INVALID_VALUE, cuMemFreeHost(pinned));
    OK(cuEventDestroy_v2(event));
    EXPECT(INVALID_HANDLE, cuEventDestroy_v2(event));
}

TEST("any call can be made to fail at its n-th use, once or for good") {
    Device device;
    CUdeviceptr at[3] = {};
    long before = callsOf("cuMemAlloc");
    failCall("cuMemAlloc_v2", 2, OUT_OF_MEMORY, false);
    OK(cuMemAlloc_v2(&at[0], 16));
    EXPECT(OUT_OF_MEMORY, cuMemAlloc_v2(&at[1], 16));
    OK(cuMemAlloc_v2(&at[1], 16));
    require(callsOf("cuMemAlloc") == before + 3, "calls are not counted");
    failCall("cuMemFree", 1, INVALID_CONTEXT, true);
    EXPECT(INVALID_CONTEXT, cuMemFree_v2(at[0]));
    EXPECT(INVALID_CONTEXT, cuMemFree_v2(at[0]));
    state().failures.clear();
    OK(cuMemFree_v2(at[0]));
    failCall("", 2, NOT_PERMITTED, false);
    OK(cuMemFree_v2(at[1]));
    EXPECT(NOT_PERMITTED, cuCtxSynchronize());
    OK(cuCtxSynchronize());
    failCall("cublasGemmEx", 1, OUT_OF_MEMORY, false);
    require(entered("cublasGemmEx") == OUT_OF_MEMORY && entered("cublasGemmEx") == SUCCESS, "a library's calls do not fail");
    failCall("cuCtxSynchronize", 1, LAUNCH_FAILED, false);
    EXPECT(LAUNCH_FAILED, cuCtxSynchronize());
    EXPECT(LAUNCH_FAILED, cuMemAlloc_v2(&at[2], 16));
}

TEST("what the machine has is configured") {
    Device device;
    state().configuration.memory = 1 << 20;
    CUdeviceptr at = 0, more = 0;
    size_t free = 0, total = 0;
    OK(cuMemAlloc_v2(&at, 1 << 19));
    OK(cuMemGetInfo_v2(&free, &total));
    require(free == 1 << 19 && total == 1 << 20, "another size of memory");
    EXPECT(OUT_OF_MEMORY, cuMemAlloc_v2(&more, (1 << 19) + 1));
    EXPECT(OUT_OF_MEMORY, cuMemAlloc_v2(&more, ~size_t(0)));
    OK(cuMemFree_v2(at));
    setenv("ELBO_HOST_CUDA", "devices=2,capability=7.5,memory=64M,driver=12020", 1);
    state().initialised = false;
    OK(cuInit(0));
    int count = 0, major = 0, version = 0;
    OK(cuDeviceGetCount(&count));
    OK(cuDeviceGetAttribute(&major, 75, 1));
    OK(cuDeviceTotalMem_v2(&total, 1));
    OK(cuDriverGetVersion(&version));
    require(count == 2 && major == 7 && total == 64 << 20 && version == 12020, "the environment is not read");
    setenv("ELBO_HOST_CUDA", "devices=0", 1);
    state().initialised = false;
    EXPECT(NO_DEVICE, cuInit(0));
    EXPECT(NOT_INITIALIZED, cuDeviceGetCount(&count));
    for (const char* unknown : {"kernels=nvcc", "kernel=ptx", "devices", "devices=one", "memory=64T", "capability=9"}) {
        state().configuration = Configuration{};
        setenv("ELBO_HOST_CUDA", unknown, 1);
        state().initialised = false;
        EXPECT(INVALID_VALUE, cuInit(0));
        require(holds(errorText(INVALID_VALUE), unknown), errorText(INVALID_VALUE));
    }
    unsetenv("ELBO_HOST_CUDA");
    state().configuration = Configuration{};
    OK(cuInit(0));
}
