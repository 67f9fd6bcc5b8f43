// Modules from PTX, and launches of their functions.
#include <cstring>

#include "../shadow.h"
#include "ptx.h"
#include "state.h"

using namespace host_cuda;

namespace {

std::string sizes(const std::vector<size_t>& list) {
    std::string out = "(";
    for (size_t size : list) {
        out += (out.size() > 1 ? ", " : "") + std::to_string(size);
    }
    return out + ")";
}

std::string decimal(int number) { return std::to_string(number / 10) + "." + std::to_string(number % 10); }

int load(Context* context, void** handle, const void* image) {
    if (image == nullptr || memcmp(image, "\x7f" "ELF", 4) == 0) {
        return refuse(INVALID_IMAGE, "this device takes PTX only");
    }
    const Configuration& c = state().configuration;
    Ptx ptx = parsePtx(static_cast<const char*>(image));
    if (!ptx.problem.empty()) {
        return refuse(INVALID_PTX, ptx.problem);
    }
    if (ptx.version > newestPtx(c.driver)) {
        return refuse(UNSUPPORTED_PTX_VERSION,
                      "PTX " + decimal(ptx.version) + ", the driver reads up to " + decimal(newestPtx(c.driver)));
    }
    if (ptx.target > 10 * c.major + c.minor) {
        return refuse(NO_BINARY_FOR_GPU,
                      "PTX for " + decimal(ptx.target) + ", the device has " + decimal(10 * c.major + c.minor));
    }
    for (const PtxEntry& entry : ptx.entries) {
        try {
            const Kernel& host = kernel(entry.name);
            if (host.parameterSizes != entry.parameterSizes) {
                return refuse(INVALID_PTX, entry.name + ": the PTX has parameters of " + sizes(entry.parameterSizes) +
                                               " bytes, the source " + sizes(host.parameterSizes));
            }
        } catch (const std::out_of_range&) {
            return refuse(INVALID_PTX, entry.name + ": not among the kernels of the host device");
        }
    }
    auto module = std::make_shared<Module>();
    module->context = context;
    module->entries = ptx.entries;
    *handle = state().modules.add(module);
    return SUCCESS;
}

// All that is known of a plain kernel's accesses: it may have written wherever its arguments point.
void checkPointers(const Kernel& kernel, void** arguments) {
    for (size_t i = 0; i < kernel.pointers.size(); i++) {
        void* pointer = *static_cast<void**>(arguments[i]);
        if (!kernel.pointers[i] || pointer == nullptr) {
            continue;
        }
        Problem problem;
        if (!inArena(pointer)) {
            throw Fault(FaultKind::hostAccess, std::string(nameOf(FaultKind::hostAccess)) + ": " + kernel.name +
                                                   ": argument " + std::to_string(i) + " is no device pointer");
        }
        Allocation* allocation = find(pointer, 1, problem);
        if (allocation != nullptr) {
            allocation->untracked = true;
        } else if (problem.kind == FaultKind::useAfterFree) {
            throw Fault(problem.kind, std::string(nameOf(problem.kind)) + ": " + kernel.name + ": argument " +
                                          std::to_string(i) + ": " + problem.what);
        }
    }
}

struct Launch {
    std::string name;
    Dim grid, block;
    std::vector<std::vector<char>> arguments;

    void operator()() const {
        const Kernel& it = kernel(name, state().plain);
        std::vector<void*> pointers;
        for (const std::vector<char>& argument : arguments) {
            pointers.push_back(const_cast<char*>(argument.data()));
        }
        if (it.plain) {
            checkPointers(it, pointers.data());
        }
        launch(it, grid, block, pointers.data(), state().random());
    }
};

std::string text(const char* what, Dim d) {
    return std::string(what) + " of (" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
}

int checkLimits(const PtxEntry& entry, Dim grid, Dim block, unsigned shared) {
    if (grid.count() == 0 || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535) {
        return refuse(INVALID_VALUE, entry.name + ": a grid" + text("", grid) + " blocks");
    }
    if (block.count() == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || block.count() > entry.maxThreads) {
        return refuse(INVALID_VALUE, entry.name + ": a block" + text("", block) + " threads, at most " +
                                         std::to_string(entry.maxThreads));
    }
    if (shared > MAX_STATIC_SHARED) {
        return refuse(INVALID_VALUE, entry.name + ": " + std::to_string(shared) + " bytes of shared memory");
    }
    return SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuModuleLoadData(void** handle, const void* image) {
    return call("cuModuleLoadData", Needs::context, [=](Context* context) { return load(context, handle, image); });
}

// of the options only the log of errors is filled
CUresult cuModuleLoadDataEx(void** handle, const void* image, unsigned options, int* option, void** values) {
    return call("cuModuleLoadDataEx", Needs::context, [=](Context* context) {
        int result = load(context, handle, image);
        char* log = nullptr;
        for (unsigned i = 0; i < options; i++) {
            if (option[i] == 5) {
                log = static_cast<char*>(values[i]);
            } else if (option[i] == 6 && log != nullptr && values[i] != nullptr) {
                size_t room = reinterpret_cast<size_t>(values[i]);
                size_t used = std::min(room - 1, state().detail.size());
                memcpy(log, state().detail.data(), used);
                log[used] = 0;
                values[i] = reinterpret_cast<void*>(used);
            }
        }
        return result;
    });
}

CUresult cuModuleUnload(void* handle) {
    return call("cuModuleUnload", Needs::context, [=](Context* context) -> int {
        Module* module = state().modules.find(handle);
        if (module == nullptr || module->context != context) {
            return INVALID_HANDLE;
        }
        int result = drainAll(context);
        for (void* function : module->functions) {
            state().functions.all.erase(function);
        }
        state().modules.all.erase(handle);
        return result;
    });
}

CUresult cuModuleGetFunction(void** function, void* handle, const char* name) {
    return call("cuModuleGetFunction", Needs::context, [=](Context* context) -> int {
        Module* module = state().modules.find(handle);
        if (module == nullptr || module->context != context) {
            return INVALID_HANDLE;
        }
        for (const PtxEntry& entry : module->entries) {
            if (entry.name == name) {
                auto found = std::make_shared<Function>();
                found->context = context;
                found->entry = entry;
                *function = state().functions.add(found);
                module->functions.push_back(*function);
                return SUCCESS;
            }
        }
        return refuse(NOT_FOUND, name);
    });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr*, size_t*, void*, const char* name) {
    return call("cuModuleGetGlobal", Needs::context, [=](Context*) { return refuse(NOT_FOUND, name); });
}

CUresult cuFuncGetAttribute(int* value, int attribute, void* handle) {
    return call("cuFuncGetAttribute", Needs::context, [=](Context* context) -> int {
        Function* function = state().functions.find(handle);
        if (function == nullptr || function->context != context) {
            return INVALID_HANDLE;
        }
        const Configuration& c = state().configuration;
        *value = attribute == 0 ? static_cast<int>(function->entry.maxThreads)
                 : attribute == 5 || attribute == 6 ? 10 * c.major + c.minor
                                                    : 0;
        return attribute < 0 || attribute > 20 ? INVALID_VALUE : SUCCESS;
    });
}

CUresult cuLaunchKernel(void* handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned shared, void* streamHandle, void** arguments, void** extra) {
    return call("cuLaunchKernel", Needs::context, [=](Context* context) -> int {
        Function* function = state().functions.find(handle);
        Stream* stream = streamOf(context, streamHandle);
        if (function == nullptr || function->context != context || stream == nullptr) {
            return INVALID_HANDLE;
        }
        const PtxEntry& entry = function->entry;
        Launch launch{entry.name, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, {}};
        if (int error = checkLimits(entry, launch.grid, launch.block, shared)) {
            return error;
        }
        if (extra != nullptr || (arguments == nullptr && !entry.parameterSizes.empty())) {
            return refuse(INVALID_VALUE, entry.name + ": takes its arguments by kernelParams");
        }
        for (size_t i = 0; i < entry.parameterSizes.size(); i++) {
            const char* from = static_cast<const char*>(arguments[i]);
            if (from == nullptr) {
                return refuse(INVALID_VALUE, entry.name + ": no argument " + std::to_string(i));
            }
            launch.arguments.emplace_back(from, from + entry.parameterSizes[i]);
        }
        Work work;
        work.name = entry.name;
        work.run = launch;
        work.counted = true;
        return push(*stream, std::move(work));
    });
}

CUresult cuLaunchHostFunc(void* streamHandle, CUhostFn function, void* argument) {
    return call("cuLaunchHostFunc", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, streamHandle);
        if (stream == nullptr || function == nullptr) {
            return stream == nullptr ? INVALID_HANDLE : INVALID_VALUE;
        }
        Work work;
        work.name = "host function";
        work.run = [=] { function(argument); };
        return push(*stream, std::move(work));
    });
}
}
