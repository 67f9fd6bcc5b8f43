// Modules from PTX.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "../ptx/code.h"
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

Function function(const ptx::Entry& entry, const ptx::Code* code, unsigned registers) {
    Function it;
    it.name = entry.name;
    it.parameterSizes = entry.parameterSizes();
    for (const ptx::Variable& parameter : entry.parameters) {
        it.parameterOffsets.push_back(parameter.offset);
    }
    it.parameterBytes = entry.parameterBytes;
    it.maxThreads = entry.maxThreads;
    it.registers = entry.registersOf(registers);
    it.sharedBytes = entry.staticShared;
    it.code = code;
    return it;
}

// What the text's head says must suit driver and device, whenever the text is compiled.
int checkHead(const std::string& text) {
    const Configuration& c = state().configuration;
    try {
        ptx::Head head = ptx::parseHead(text);
        if (head.version > newestPtx(c.driver)) {
            return refuse(UNSUPPORTED_PTX_VERSION,
                          "PTX " + decimal(head.version) + ", the driver reads up to " + decimal(newestPtx(c.driver)));
        }
        if (head.target > c.capability()) {
            return refuse(NO_BINARY_FOR_GPU,
                          "PTX for " + decimal(head.target) + ", the device has " + decimal(c.capability()));
        }
    } catch (const ptx::Error& error) {
        return refuse(INVALID_PTX, error.what());
    }
    return SUCCESS;
}

// What compiling a text has come to.
struct Compiled {
    int error = SUCCESS;
    std::string detail;
    std::vector<Function> entries;
};

// Touches nothing of the state, so that other threads can go on meanwhile.
Compiled compile(const std::string& text, const Configuration& c) {
    std::this_thread::sleep_for(std::chrono::milliseconds(c.compileMilliseconds));
    if (c.compiler != SUCCESS) {
        return {c.compiler, "made to fail: the compiler answers " + std::to_string(c.compiler), {}};
    }
    Compiled compiled;
    auto registers = static_cast<unsigned>(c.registers);
    try {
        if (c.kernels == Kernels::source) {
            for (const ptx::Entry& entry : ptx::parse(text)) {
                compiled.entries.push_back(function(entry, nullptr, registers));
            }
        } else {
            for (const auto& code : ptx::translationOf(text, ownFolder() + "/ptx")) {
                compiled.entries.push_back(function(code->entry, code.get(), registers));
            }
        }
    } catch (const ptx::Error& error) {
        return {INVALID_PTX, error.what(), {}};
    } catch (const ptx::NoCompiler& error) {
        return {JIT_COMPILER_NOT_FOUND, error.what(), {}};
    }
    return compiled;
}

int compileNow(Context* context, Module& module) {
    Configuration c = state().configuration;
    Compiled compiled;
    {
        Unlocked others;
        compiled = compile(module.text, c);
    }
    if (int gone = currentContext()) {
        return gone;
    }
    if (isSticky(compiled.error)) {
        kill(context, compiled.error, compiled.detail);
    }
    if (compiled.error != SUCCESS) {
        return refuse(compiled.error, compiled.detail);
    }
    if (c.kernels != Kernels::ptx) {
        for (const Function& entry : compiled.entries) {
            if (int error = checkSource(entry)) {
                return error;
            }
        }
    }
    module.entries = std::move(compiled.entries);
    module.compiled = true;
    return SUCCESS;
}

// Threads that wait for one which compiles the module that they need.
std::condition_variable_any& compilations() {
    static std::condition_variable_any& it = *new std::condition_variable_any();
    return it;
}

struct Compiling {
    explicit Compiling(Module& module) : module(module) { module.compiling = true; }
    ~Compiling() {
        module.compiling = false;
        compilations().notify_all();
    }
    Module& module;
};

// Compiles a module once, whoever asks. The caller keeps it alive.
int ensureCompiled(Context* context, Module& module) {
    while (module.compiling) {
        compilations().wait(state().lock);
        state().detail.clear();
        if (int gone = currentContext()) {
            return gone;
        }
    }
    if (module.compiled) {
        return SUCCESS;
    }
    Compiling now(module);
    return compileNow(context, module);
}

int load(Context* context, void** handle, const std::string& handed) {
    auto substitute = state().substitutes.find(handed);
    auto module = std::make_shared<Module>();
    module->context = context;
    module->text = substitute == state().substitutes.end() ? handed : substitute->second;
    if (module->text.compare(0, 4, "\x7f" "ELF") == 0) {
        return refuse(INVALID_IMAGE, "this device takes PTX only");
    }
    if (int error = checkHead(module->text)) {
        return error;
    }
    bool eager = state().configuration.loading == Loading::eager;
    if (int error = eager ? ensureCompiled(context, *module) : SUCCESS) {
        return error;
    }
    *handle = state().modules.add(module);
    return SUCCESS;
}

int loadImage(Context* context, void** handle, const void* image) {
    noteHost("the image", image);
    return image == nullptr ? INVALID_VALUE : load(context, handle, static_cast<const char*>(image));
}

// Of the options only the log of errors is filled.
void fillLog(const std::string& detail, unsigned options, const int* option, void** values) {
    char* log = nullptr;
    for (unsigned i = 0; i < options; i++) {
        if (option[i] == 5) {
            log = static_cast<char*>(values[i]);
            noteHost("the log of errors", log);
        } else if (option[i] == 6 && log != nullptr && values[i] != nullptr) {
            size_t room = reinterpret_cast<size_t>(values[i]);
            size_t used = std::min(room - 1, detail.size());
            memcpy(log, detail.data(), used);
            log[used] = 0;
            values[i] = reinterpret_cast<void*>(used);
        }
    }
}

int functionOf(Context* context, void** function, void* handle, const char* name) {
    auto found = state().modules.all.find(handle);
    if (found == state().modules.all.end() || found->second->context != context) {
        return INVALID_HANDLE;
    }
    std::shared_ptr<Module> module = found->second;
    if (int error = ensureCompiled(context, *module)) {
        return error;
    }
    if (state().modules.find(handle) == nullptr) {
        return INVALID_HANDLE;  // unloaded by another thread meanwhile
    }
    for (const Function& entry : module->entries) {
        if (entry.name == name) {
            auto it = std::make_shared<Function>(entry);
            it->context = context;
            *function = state().functions.add(it);
            module->functions.push_back(*function);
            return SUCCESS;
        }
    }
    return refuse(NOT_FOUND, name);
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

CUresult cuModuleLoadDataEx(void** handle, const void* image, unsigned options, int* option, void** values) {
    return call("cuModuleLoadDataEx", Needs::context, [=](Context* context) {
        int result = loadImage(context, handle, image);
        fillLog(state().detail, options, option, values);
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
    return call("cuModuleGetFunction", Needs::context,
                [=](Context* context) { return functionOf(context, function, handle, name); });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr*, size_t*, void*, const char* name) {
    return call("cuModuleGetGlobal", Needs::context, [=](Context*) { return refuse(NOT_FOUND, name); });
}
}
