// The driver's calls as a client declares them, and what its cases share.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "../driver/api.h"
#include "../driver/control.h"
#include "../driver/queue.h"
#include "../driver/state.h"
#include "test.h"

extern "C" {
CUresult cuInit(unsigned);
CUresult cuDriverGetVersion(int*);
CUresult cuGetErrorName(CUresult, const char**);
CUresult cuGetErrorString(CUresult, const char**);
CUresult cuDeviceGetCount(int*);
CUresult cuDeviceGetAttribute(int*, int, CUdevice);
CUresult cuDeviceTotalMem_v2(size_t*, CUdevice);
CUresult cuDevicePrimaryCtxRetain(void**, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuDevicePrimaryCtxReset_v2(CUdevice);
CUresult cuDevicePrimaryCtxGetState(CUdevice, unsigned*, int*);
CUresult cuCtxCreate_v2(void**, unsigned, CUdevice);
CUresult cuCtxDestroy_v2(void*);
CUresult cuCtxPushCurrent_v2(void*);
CUresult cuCtxPopCurrent_v2(void**);
CUresult cuCtxSetCurrent(void*);
CUresult cuCtxGetCurrent(void**);
CUresult cuCtxSynchronize();
CUresult cuModuleLoad(void**, const char*);
CUresult cuModuleLoadData(void**, const void*);
CUresult cuModuleLoadDataEx(void**, const void*, unsigned, int*, void**);
CUresult cuModuleUnload(void*);
CUresult cuModuleGetFunction(void**, void*, const char*);
CUresult cuModuleGetGlobal_v2(CUdeviceptr*, size_t*, void*, const char*);
CUresult cuFuncGetAttribute(int*, int, void*);
CUresult cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
CUresult cuLaunchHostFunc(void*, CUhostFn, void*);
CUresult cuMemGetInfo_v2(size_t*, size_t*);
CUresult cuMemAlloc_v2(CUdeviceptr*, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuPointerGetAttribute(void*, int, CUdeviceptr);
CUresult cuMemAllocHost_v2(void**, size_t);
CUresult cuMemFreeHost(void*);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, size_t);
CUresult cuMemcpyDtoD_v2(CUdeviceptr, CUdeviceptr, size_t);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, size_t, void*);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, size_t, void*);
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr, CUdeviceptr, size_t, void*);
CUresult cuMemcpy(CUdeviceptr, CUdeviceptr, size_t);
CUresult cuMemsetD8_v2(CUdeviceptr, unsigned char, size_t);
CUresult cuMemsetD32_v2(CUdeviceptr, unsigned, size_t);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, size_t, void*);
CUresult cuStreamCreate(void**, unsigned);
CUresult cuStreamDestroy_v2(void*);
CUresult cuStreamSynchronize(void*);
CUresult cuStreamQuery(void*);
CUresult cuStreamWaitEvent(void*, void*, unsigned);
CUresult cuStreamBeginCapture_v2(void*, int);
CUresult cuStreamEndCapture(void*, void**);
CUresult cuStreamIsCapturing(void*, int*);
CUresult cuEventCreate(void**, unsigned);
CUresult cuEventRecord(void*, void*);
CUresult cuEventQuery(void*);
CUresult cuEventSynchronize(void*);
CUresult cuEventElapsedTime(float*, void*, void*);
CUresult cuEventDestroy_v2(void*);
CUresult cuGraphInstantiateWithFlags(void**, void*, unsigned long long);
CUresult cuGraphLaunch(void*, void*);
CUresult cuGraphExecDestroy(void*);
CUresult cuGraphDestroy(void*);
CUresult cuGraphGetNodes(void*, void**, size_t*);
CUresult cuGraphGetEdges(void*, void**, void**, size_t*);
}

namespace driver_test {

// The line that says which error came where.
void expect(int expected, int result, const char* call);
#define EXPECT(error, call) driver_test::expect(host_cuda::error, call, #call)
#define OK(call) EXPECT(SUCCESS, call)

std::string errorText(int error);

// The folder of the shipped PTX, and that of texts with a seeded fault.
std::string& ptxFolder();
std::string& seededFolder();

// The text of the shipped family that has an entry; "": none has.
std::string familyOf(const std::string& kernel);

std::string readFile(const std::string& path);

// PTX of one entry that does nothing, with the parameters of the kernel.
std::string ptxOf(const std::string& kernel, const std::string& head = ".version 6.3\n.target sm_75\n",
                  const std::string& directives = "");

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The primary context of device 0, current to this thread.
struct Device {
    Device();
    ~Device();
    void* context = nullptr;
};

struct OwnStream {
    explicit OwnStream(unsigned flags = host_cuda::STREAM_NON_BLOCKING) { OK(cuStreamCreate(&handle, flags)); }
    ~OwnStream() { cuStreamDestroy_v2(handle); }
    void* handle = nullptr;
};

struct OwnEvent {
    OwnEvent() { OK(cuEventCreate(&handle, 0)); }
    ~OwnEvent() { cuEventDestroy_v2(handle); }
    void* handle = nullptr;
};

// A shipped kernel, or one of test/*.cu, which is of the sources.
struct Loaded {
    explicit Loaded(const std::string& name);
    ~Loaded() { cuModuleUnload(module); }

    template <class... Arguments>
    int launch(host_cuda::Dim grid, host_cuda::Dim block, void* stream, Arguments... arguments) const {
        void* pointers[] = {&arguments...};
        return cuLaunchKernel(handle, grid.x, grid.y, grid.z, block.x, block.y, block.z, 0, stream, pointers, nullptr);
    }

    void* module = nullptr;
    void* handle = nullptr;
};

// Floats on the device.
struct Floats {
    explicit Floats(size_t n) : n(n) { OK(cuMemAlloc_v2(&at, n * sizeof(float))); }
    Floats(size_t n, float value) : Floats(n) { set(value); }
    ~Floats() { cuMemFree_v2(at); }
    void set(float value) {
        std::vector<float> values(n, value);
        OK(cuMemcpyHtoD_v2(at, values.data(), n * sizeof(float)));
    }
    std::vector<float> get() const {
        std::vector<float> values(n);
        OK(cuMemcpyDtoH_v2(values.data(), at, n * sizeof(float)));
        return values;
    }
    size_t n;
    CUdeviceptr at = 0;
};

// y[i] = x[i], by the kernel `activate`.
struct Identity : Loaded {
    Identity() : Loaded("activate") {}
    int operator()(const Floats& x, const Floats& y, void* stream) const {
        long long stride = static_cast<long long>(x.n);
        return launch({1}, {256}, stream, x.at, stride, y.at, stride, 1, static_cast<int>(x.n), 0);
    }
};

// Seeds all random choices.
void schedule(uint64_t seed);

}  // namespace driver_test
