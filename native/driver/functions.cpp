// Functions of modules: what is known of them, and their launches.
#include <algorithm>
#include <optional>

#include "launches.h"
#include "state.h"

using namespace host_cuda;

namespace {

size_t roundUp(size_t number, size_t unit) { return (number + unit - 1) / unit * unit; }

std::string text(const char* what, Dim d) {
    return std::string(what) + " of (" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
}

// Of a warp; a multiprocessor hands them out by eight a thread.
size_t warpRegisters(const Function& entry) { return WARP_SIZE * roundUp(entry.registers, 8); }

// A block must find room on a multiprocessor.
int checkResources(const Function& entry, Dim block, unsigned shared) {
    size_t registers = roundUp(block.count(), WARP_SIZE) / WARP_SIZE * warpRegisters(entry);
    if (registers > MAX_REGISTERS) {
        return refuse(LAUNCH_OUT_OF_RESOURCES, entry.name + ": a block" + text("", block) + " threads takes " +
                                                   std::to_string(registers) + " registers, at most " +
                                                   std::to_string(MAX_REGISTERS));
    }
    size_t all = entry.sharedBytes + shared;
    if (all > MAX_STATIC_SHARED) {
        return refuse(LAUNCH_OUT_OF_RESOURCES, entry.name + ": " + std::to_string(all) + " bytes of shared memory, " +
                                                   std::to_string(shared) + " of them by the launch, at most " +
                                                   std::to_string(MAX_STATIC_SHARED));
    }
    return SUCCESS;
}

int checkLimits(const Function& entry, Dim grid, Dim block, unsigned shared) {
    if (grid.count() == 0 || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535) {
        return refuse(INVALID_VALUE, entry.name + ": a grid" + text("", grid) + " blocks");
    }
    if (block.count() == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || block.count() > entry.maxThreads) {
        return refuse(INVALID_VALUE,
                      entry.name + ": a block" + text("", block) + " threads, at most " + std::to_string(entry.maxThreads));
    }
    if (shared > MAX_STATIC_SHARED) {
        return refuse(INVALID_VALUE, entry.name + ": " + std::to_string(shared) + " bytes of shared memory");
    }
    return checkResources(entry, block, shared);
}

using Arguments = std::vector<std::vector<char>>;

// kernelParams: a pointer to each argument.
int separate(const Function& entry, void** pointers, Arguments& to) {
    for (size_t i = 0; i < entry.parameterSizes.size(); i++) {
        const char* from = static_cast<const char*>(pointers[i]);
        if (from == nullptr) {
            return refuse(INVALID_VALUE, entry.name + ": no argument " + std::to_string(i));
        }
        to.emplace_back(from, from + entry.parameterSizes[i]);
    }
    return SUCCESS;
}

// extra: one buffer, in which every argument lies at its own alignment.
int packed(const Function& entry, void** extra, Arguments& to) {
    std::optional<const char*> buffer;
    std::optional<const size_t*> size;
    for (; *extra != reinterpret_cast<void*>(LAUNCH_PARAM_END); extra += 2) {
        auto marker = reinterpret_cast<size_t>(extra[0]);
        if (marker == LAUNCH_PARAM_BUFFER_POINTER && !buffer) {
            buffer = static_cast<const char*>(extra[1]);
        } else if (marker == LAUNCH_PARAM_BUFFER_SIZE && !size) {
            size = static_cast<const size_t*>(extra[1]);
        } else {
            bool twice = marker == LAUNCH_PARAM_BUFFER_POINTER || marker == LAUNCH_PARAM_BUFFER_SIZE;
            return refuse(INVALID_VALUE,
                          entry.name + ": extra has " + (twice ? "twice " : "an unknown ") + std::to_string(marker));
        }
    }
    if (buffer.value_or(nullptr) == nullptr || size.value_or(nullptr) == nullptr) {
        return refuse(INVALID_VALUE,
                      entry.name + ": extra has no " + (size.value_or(nullptr) == nullptr ? "size" : "buffer"));
    }
    if (**size != entry.parameterBytes) {
        return refuse(INVALID_VALUE, entry.name + ": a buffer of " + std::to_string(**size) +
                                         " bytes, its parameters end at " + std::to_string(entry.parameterBytes));
    }
    for (size_t i = 0; i < entry.parameterSizes.size(); i++) {
        const char* from = *buffer + entry.parameterOffsets[i];
        to.emplace_back(from, from + entry.parameterSizes[i]);
    }
    return SUCCESS;
}

int argumentsOf(const Function& entry, void** pointers, void** extra, Arguments& to) {
    if (pointers != nullptr && extra != nullptr) {
        return refuse(INVALID_VALUE, entry.name + ": arguments both by kernelParams and by extra");
    }
    if (extra != nullptr) {
        return packed(entry, extra, to);
    }
    if (pointers == nullptr && !entry.parameterSizes.empty()) {
        return refuse(INVALID_VALUE, entry.name + ": no arguments");
    }
    return separate(entry, pointers, to);
}

int attributeOf(const Function& entry, int attribute) {
    switch (attribute) {
        case 0:  // threads per block
            return static_cast<int>(std::min<size_t>(entry.maxThreads, MAX_REGISTERS / warpRegisters(entry) * WARP_SIZE));
        case 1:  // static shared memory
            return static_cast<int>(entry.sharedBytes);
        case 4:
            return static_cast<int>(entry.registers);
        case 5:
        case 6:  // versions of PTX and binary
            return state().configuration.capability();
        default:
            return 0;
    }
}

}  // namespace

extern "C" {

CUresult cuFuncGetAttribute(int* value, int attribute, void* handle) {
    return call("cuFuncGetAttribute", Needs::context, [=](Context* context) -> int {
        Function* function = state().functions.find(handle);
        if (function == nullptr || function->context != context) {
            return INVALID_HANDLE;
        }
        *value = attributeOf(*function, attribute);
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
        Launch launch{function->name, function->code, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, {}};
        if (int error = checkLimits(*function, launch.grid, launch.block, shared)) {
            return error;
        }
        if (int error = argumentsOf(*function, arguments, extra, launch.arguments)) {
            return error;
        }
        Work work;
        work.name = function->name;
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
