// Initialisation, devices, contexts.
#include <cstdio>
#include <cstring>

#include "../shadow.h"
#include "state.h"

using namespace host_cuda;

namespace {

bool isDevice(CUdevice device) { return device >= 0 && device < state().configuration.devices; }

Context* primaryOf(CUdevice device) {
    for (auto& [handle, context] : state().contexts.all) {
        if (context->primary && context->device == device) {
            return context.get();
        }
    }
    return nullptr;
}

Context* create(CUdevice device, bool primary) {
    auto context = std::make_shared<Context>();
    context->device = device;
    context->primary = primary;
    context->null.context = context.get();
    context->handle = state().contexts.add(context);
    return context.get();
}

// Shared memory of a multiprocessor; a block may opt in to all but 1 KiB of it from 8.0 on, and to all of it before.
int multiprocessorShared(int capability) {
    if (capability < 75) {
        return 96 << 10;
    }
    if (capability < 80) {
        return 64 << 10;
    }
    if (capability == 80 || capability == 87) {
        return 164 << 10;
    }
    return (capability < 90 || capability >= 120 ? 100 : 228) << 10;
}

int attribute(int which) {
    const Configuration& c = state().configuration;
    switch (which) {
        case 1: return 1024;                  // threads per block
        case 2: case 3: return 1024;          // block x, y
        case 4: return 64;                    // block z
        case 5: return 0x7fffffff;            // grid x
        case 6: case 7: return 65535;         // grid y, z
        case 8: return 48 << 10;              // shared memory per block
        case 9: return 64 << 10;              // constant memory
        case 10: return 32;                   // warp
        case 11: return 0x7fffffff;           // pitch
        case 12: return 65536;                // registers per block
        case 13: return 1980000;              // clock, kHz
        case 14: return 512;                  // texture alignment
        case 15: return 1;                    // overlap
        case 16: return 132;                  // multiprocessors
        case 19: return 1;                    // maps host memory
        case 31: return 1;                    // concurrent kernels
        case 33: return 1;                    // PCI bus
        case 36: return 3201000;              // memory clock, kHz
        case 37: return 6144;                 // memory bus, bits
        case 38: return 60 << 20;             // L2
        case 39: return 2048;                 // threads per multiprocessor
        case 40: return 3;                    // copy engines
        case 41: return 1;                    // unified addressing
        case 75: return c.major;
        case 76: return c.minor;
        case 78: return 1;                    // stream priorities
        case 79: case 80: return 1;           // L1 for globals and locals
        case 81: return multiprocessorShared(c.capability());
        case 82: return 65536;                // registers per multiprocessor
        case 97: return multiprocessorShared(c.capability()) - (c.major < 8 ? 0 : 1 << 10);  // of a block that opts in
        case 106: return 32;                  // blocks per multiprocessor
        default: return 0;
    }
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
    return call("cuInit", Needs::nothing, [=](Context*) -> int {
        if (flags != 0) {
            return INVALID_VALUE;
        }
        if (!state().initialised) {
            if (!state().configured) {
                readEnvironment();
            }
            if (!state().configuration.problem.empty()) {
                return refuse(INVALID_VALUE, state().configuration.problem);
            }
            openMemory(false);
        }
        if (state().configuration.devices == 0) {
            return NO_DEVICE;
        }
        state().initialised = true;
        return SUCCESS;
    });
}

CUresult cuDriverGetVersion(int* version) {
    return call("cuDriverGetVersion", Needs::nothing, [=](Context*) -> int {
        *version = state().configuration.driver;
        return SUCCESS;
    });
}

CUresult cuDeviceGetCount(int* count) {
    return call("cuDeviceGetCount", Needs::driver, [=](Context*) -> int {
        *count = state().configuration.devices;
        return SUCCESS;
    });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    return call("cuDeviceGet", Needs::driver, [=](Context*) -> int {
        *device = ordinal;
        return isDevice(ordinal) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDeviceGetName(char* name, int room, CUdevice device) {
    return call("cuDeviceGetName", Needs::driver, [=](Context*) -> int {
        if (room <= 0) {
            return INVALID_VALUE;
        }
        static const char* const names[] = {"host CUDA device running the sources", "host CUDA device running the PTX",
                                            "host CUDA device running the PTX beside the sources"};
        snprintf(name, static_cast<size_t>(room), "%s", names[static_cast<int>(state().configuration.kernels)]);
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDeviceGetAttribute(int* value, int which, CUdevice device) {
    return call("cuDeviceGetAttribute", Needs::driver, [=](Context*) -> int {
        *value = attribute(which);
        return !isDevice(device) ? INVALID_DEVICE : which < 1 || which > 150 ? INVALID_VALUE : SUCCESS;
    });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
    return call("cuDeviceComputeCapability", Needs::driver, [=](Context*) -> int {
        *major = state().configuration.major;
        *minor = state().configuration.minor;
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    return call("cuDeviceTotalMem", Needs::driver, [=](Context*) -> int {
        *bytes = state().configuration.memory;
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDeviceGetUuid(char* uuid, CUdevice device) {
    return call("cuDeviceGetUuid", Needs::driver, [=](Context*) -> int {
        memcpy(uuid, "host CUDA device", 16);
        uuid[15] = static_cast<char>('0' + device);
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDeviceGetPCIBusId(char* id, int room, CUdevice device) {
    return call("cuDeviceGetPCIBusId", Needs::driver, [=](Context*) -> int {
        if (room <= 0) {
            return INVALID_VALUE;
        }
        snprintf(id, static_cast<size_t>(room), "0000:%02x:00.0", device + 1);
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDevicePrimaryCtxRetain(void** handle, CUdevice device) {
    return call("cuDevicePrimaryCtxRetain", Needs::driver, [=](Context*) -> int {
        if (!isDevice(device)) {
            return INVALID_DEVICE;
        }
        Context* context = primaryOf(device);
        if (context == nullptr) {
            context = create(device, true);
        }
        context->active = true;
        context->retained++;
        *handle = context->handle;
        return SUCCESS;
    });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    return call("cuDevicePrimaryCtxRelease", Needs::driver, [=](Context*) -> int {
        Context* context = isDevice(device) ? primaryOf(device) : nullptr;
        if (context == nullptr || context->retained == 0) {
            return isDevice(device) ? INVALID_CONTEXT : INVALID_DEVICE;
        }
        if (--context->retained == 0) {
            destroy(context);
        }
        return SUCCESS;
    });
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
    return call("cuDevicePrimaryCtxReset", Needs::driver, [=](Context*) -> int {
        Context* context = isDevice(device) ? primaryOf(device) : nullptr;
        if (context != nullptr) {
            int retained = context->retained;
            destroy(context);
            context->retained = retained;
            context->active = retained > 0;
        }
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
    return call("cuDevicePrimaryCtxGetState", Needs::driver, [=](Context*) -> int {
        Context* context = isDevice(device) ? primaryOf(device) : nullptr;
        *flags = 0;
        *active = context != nullptr && context->active;
        return isDevice(device) ? SUCCESS : INVALID_DEVICE;
    });
}

CUresult cuCtxCreate_v2(void** handle, unsigned, CUdevice device) {
    return call("cuCtxCreate", Needs::driver, [=](Context*) -> int {
        if (!isDevice(device)) {
            return INVALID_DEVICE;
        }
        Context* context = create(device, false);
        context->active = true;
        *handle = context->handle;
        contextStack().push_back(context->handle);
        return SUCCESS;
    });
}

CUresult cuCtxDestroy_v2(void* handle) {
    return call("cuCtxDestroy", Needs::driver, [=](Context*) -> int {
        Context* context = state().contexts.find(handle);
        if (context == nullptr || context->primary || !context->active) {
            return INVALID_CONTEXT;
        }
        destroy(context);
        std::vector<void*>& stack = contextStack();
        if (!stack.empty() && stack.back() == handle) {
            stack.pop_back();
        }
        return SUCCESS;
    });
}

CUresult cuCtxPushCurrent_v2(void* handle) {
    return call("cuCtxPushCurrent", Needs::driver, [=](Context*) -> int {
        if (state().contexts.find(handle) == nullptr) {
            return INVALID_CONTEXT;
        }
        contextStack().push_back(handle);
        return SUCCESS;
    });
}

CUresult cuCtxPopCurrent_v2(void** handle) {
    return call("cuCtxPopCurrent", Needs::driver, [=](Context*) -> int {
        std::vector<void*>& stack = contextStack();
        if (stack.empty()) {
            return INVALID_CONTEXT;
        }
        if (handle != nullptr) {
            *handle = stack.back();
        }
        stack.pop_back();
        return SUCCESS;
    });
}

// replaces the top; null pops it
CUresult cuCtxSetCurrent(void* handle) {
    return call("cuCtxSetCurrent", Needs::driver, [=](Context*) -> int {
        if (handle != nullptr && state().contexts.find(handle) == nullptr) {
            return INVALID_CONTEXT;
        }
        std::vector<void*>& stack = contextStack();
        if (!stack.empty()) {
            stack.pop_back();
        }
        if (handle != nullptr) {
            stack.push_back(handle);
        }
        return SUCCESS;
    });
}

CUresult cuCtxGetCurrent(void** handle) {
    return call("cuCtxGetCurrent", Needs::driver, [=](Context*) -> int {
        *handle = contextStack().empty() ? nullptr : contextStack().back();
        return SUCCESS;
    });
}

CUresult cuCtxGetDevice(CUdevice* device) {
    return call("cuCtxGetDevice", Needs::context, [=](Context* context) -> int {
        *device = context->device;
        return SUCCESS;
    });
}

CUresult cuCtxGetApiVersion(void* handle, unsigned* version) {
    return call("cuCtxGetApiVersion", Needs::driver, [=](Context*) -> int {
        *version = 3020;
        return handle != nullptr && state().contexts.find(handle) == nullptr ? INVALID_CONTEXT : SUCCESS;
    });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    return call("cuCtxGetStreamPriorityRange", Needs::context, [=](Context*) -> int {
        *least = 0;
        *greatest = -5;
        return SUCCESS;
    });
}

CUresult cuCtxSynchronize() {
    return call("cuCtxSynchronize", Needs::context, [](Context* context) -> int {
        for (auto& capture : state().captures) {
            if (capture->context == context) {
                invalidate(*capture);
                return STREAM_CAPTURE_UNSUPPORTED;
            }
        }
        return drainAll(context);
    });
}
}
