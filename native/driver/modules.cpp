// Modules from PTX, and launches of their functions.
#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "../ptx/code.h"
#include "launches.h"
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

// Where this library lies, and all that belongs to it.
std::string ownFolder() {
    Dl_info self{};
    dladdr(reinterpret_cast<void*>(&ownFolder), &self);
    std::string path(self.dli_fname);
    size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

// The newest PTX version that a driver of this version reads.
int newestPtx(int driver) {
    int release = driver / 10;  // 1302 is 13.2
    if (release >= 1300) {
        return 90 + release - 1300;
    }
    if (release >= 1200) {
        // 12.0 to 12.3: 8.0 to 8.3; 12.4: 8.4; 12.5 and 12.6: 8.5; 12.8: 8.7; 12.9: 8.8
        static const int minor[] = {80, 81, 82, 83, 84, 85, 85, 86, 87, 88};
        return minor[std::min(release - 1200, 9)];
    }
    if (release >= 1100) {
        return 70 + std::min(release - 1100, 8);
    }
    return release >= 1000 ? 63 + std::min(release - 1000, 2) : 62;
}

bool isCompiled(const std::string& name) {
    return std::any_of(kernels().begin(), kernels().end(), [&name](const Kernel& it) { return it.name == name; });
}

// Both variants of what g++ made of the sources, which lie beside this library.
int loadSources() {
    static bool loaded = false;
    for (bool plain : {false, true}) {
        adding(plain);
        std::string path = ownFolder() + (plain ? "/kernels-plain.so" : "/kernels-checked.so");
        if (!loaded && dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
            return refuse(SHARED_OBJECT_INIT_FAILED, std::string(dlerror()) + "; make host-device makes it");
        }
    }
    loaded = true;
    return SUCCESS;
}

// The entry must be among the kernels of the sources, with the same parameters.
int checkSource(const Function& entry) {
    int error = isCompiled(entry.name) ? SUCCESS : loadSources();
    if (error != SUCCESS) {
        return error;
    }
    if (!isCompiled(entry.name)) {
        return refuse(INVALID_PTX, entry.name + ": not among the kernels of the host device");
    }
    const std::vector<size_t>& compiled = kernel(entry.name).parameterSizes;
    return compiled == entry.parameterSizes
               ? SUCCESS
               : refuse(INVALID_PTX, entry.name + ": the PTX has parameters of " + sizes(entry.parameterSizes) +
                                         " bytes, the source " + sizes(compiled));
}

Function function(const ptx::Entry& entry, const ptx::Code* code) {
    Function it;
    it.name = entry.name;
    it.parameterSizes = entry.parameterSizes();
    it.maxThreads = entry.maxThreads;
    it.code = code;
    return it;
}

int load(Context* context, void** handle, const std::string& handed) {
    auto substitute = state().substitutes.find(handed);
    const std::string& text = substitute == state().substitutes.end() ? handed : substitute->second;
    if (text.compare(0, 4, "\x7f" "ELF") == 0) {
        return refuse(INVALID_IMAGE, "this device takes PTX only");
    }
    const Configuration& c = state().configuration;
    auto module = std::make_shared<Module>();
    module->context = context;
    try {
        ptx::Head head = ptx::parseHead(text);
        if (head.version > newestPtx(c.driver)) {
            return refuse(UNSUPPORTED_PTX_VERSION,
                          "PTX " + decimal(head.version) + ", the driver reads up to " + decimal(newestPtx(c.driver)));
        }
        if (head.target > 10 * c.major + c.minor) {
            return refuse(NO_BINARY_FOR_GPU,
                          "PTX for " + decimal(head.target) + ", the device has " + decimal(10 * c.major + c.minor));
        }
        if (c.kernels == Kernels::source) {
            for (const ptx::Entry& entry : ptx::parse(text)) {
                module->entries.push_back(function(entry, nullptr));
            }
        } else {
            for (const auto& code : ptx::translationOf(text, ownFolder() + "/ptx")) {
                module->entries.push_back(function(code->entry, code.get()));
            }
        }
    } catch (const ptx::Error& error) {
        return refuse(INVALID_PTX, error.what());
    } catch (const ptx::NoCompiler& error) {
        return refuse(JIT_COMPILER_NOT_FOUND, error.what());
    }
    if (c.kernels != Kernels::ptx) {
        for (const Function& entry : module->entries) {
            if (int error = checkSource(entry)) {
                return error;
            }
        }
    }
    *handle = state().modules.add(module);
    return SUCCESS;
}

int loadImage(Context* context, void** handle, const void* image) {
    return image == nullptr ? INVALID_VALUE : load(context, handle, static_cast<const char*>(image));
}

std::string text(const char* what, Dim d) {
    return std::string(what) + " of (" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
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
    return SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuModuleLoad(void** handle, const char* path) {
    return call("cuModuleLoad", Needs::context, [=](Context* context) {
        std::ifstream file(path, std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        return file.good() ? load(context, handle, text.str()) : refuse(FILE_NOT_FOUND, path);
    });
}

CUresult cuModuleLoadData(void** handle, const void* image) {
    return call("cuModuleLoadData", Needs::context, [=](Context* context) { return loadImage(context, handle, image); });
}

// of the options only the log of errors is filled
CUresult cuModuleLoadDataEx(void** handle, const void* image, unsigned options, int* option, void** values) {
    return call("cuModuleLoadDataEx", Needs::context, [=](Context* context) {
        int result = loadImage(context, handle, image);
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
        for (const Function& entry : module->entries) {
            if (entry.name == name) {
                auto found = std::make_shared<Function>(entry);
                found->context = context;
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
        *value = attribute == 0 ? static_cast<int>(function->maxThreads)
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
        Launch launch{function->name, function->code, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, {}};
        if (int error = checkLimits(*function, launch.grid, launch.block, shared)) {
            return error;
        }
        if (extra != nullptr || (arguments == nullptr && !function->parameterSizes.empty())) {
            return refuse(INVALID_VALUE, function->name + ": takes its arguments by kernelParams");
        }
        for (size_t i = 0; i < function->parameterSizes.size(); i++) {
            const char* from = static_cast<const char*>(arguments[i]);
            if (from == nullptr) {
                return refuse(INVALID_VALUE, function->name + ": no argument " + std::to_string(i));
            }
            launch.arguments.emplace_back(from, from + function->parameterSizes[i]);
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
