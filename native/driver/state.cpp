#include "state.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <regex>
#include <sstream>

#include "../shadow.h"

namespace host_cuda {
namespace {

std::string plainName(std::string function) {
    size_t at = function.rfind("_v");
    if (at != std::string::npos && at + 3 == function.size()) {
        function.erase(at);
    }
    return function;
}

bool isSticky(int error) { return error == ILLEGAL_ADDRESS || (error >= 714 && error <= 719); }

}  // namespace

State& state() {
    // never destroyed: threads of a virtual machine outlive static objects
    static State& it = *new State();
    return it;
}

void* newHandle() {
    static uintptr_t next = 0;
    next += 16;
    return reinterpret_cast<void*>((uintptr_t(0x7e1b0) << 44) + next);
}

std::vector<void*>& contextStack() {
    thread_local std::vector<void*> stack;
    thread_local uint64_t generation = 0;
    if (generation != state().generation) {
        generation = state().generation;
        stack.clear();
    }
    return stack;
}

Context* current() {
    std::vector<void*>& stack = contextStack();
    return stack.empty() ? nullptr : state().contexts.find(stack.back());
}

int currentContext() {
    std::lock_guard<std::recursive_mutex> guard(state().lock);
    if (!state().initialised) {
        return NOT_INITIALIZED;
    }
    if (contextStack().empty() || contextStack().back() == nullptr) {
        return INVALID_CONTEXT;
    }
    Context* context = current();
    return context == nullptr || !context->active ? CONTEXT_IS_DESTROYED : context->sticky;
}

int entered(const char* function) {
    State& s = state();
    std::lock_guard<std::recursive_mutex> guard(s.lock);
    std::string name = plainName(function);
    s.calls[name]++;
    int error = SUCCESS;
    for (size_t i = 0; i < s.failures.size();) {
        Failure& failure = s.failures[i];
        bool meant = failure.function.empty() || plainName(failure.function) == name;
        if (meant && failure.remaining > 0) {
            failure.remaining--;
        }
        bool fires = meant && failure.remaining == 0 && error == SUCCESS;
        if (fires) {
            error = failure.error;
        }
        if (fires && !failure.forGood) {
            s.failures.erase(s.failures.begin() + static_cast<long>(i));
        } else {
            i++;
        }
    }
    return error;
}

int refuse(int error, const std::string& detail) {
    state().detail = detail;
    return error;
}

int resultOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::launchLimit:
            return INVALID_VALUE;
        case FaultKind::misaligned:
            return MISALIGNED_ADDRESS;
        case FaultKind::divergentBarrier:
        case FaultKind::warpMask:
            return LAUNCH_FAILED;
        default:
            return ILLEGAL_ADDRESS;
    }
}

void kill(Context* context, int error, const std::string& text) {
    if (context->sticky == SUCCESS) {
        context->sticky = error;
        state().texts[error] = text;
        state().lastFault = text;
    }
}

int call(const char* function, Needs needs, const std::function<int(Context*)>& body) {
    State& s = state();
    std::lock_guard<std::recursive_mutex> guard(s.lock);
    if (s.open > 0) {
        // only work that runs comes here: a host function may not call the driver
        return NOT_PERMITTED;
    }
    s.detail.clear();
    Context* context = nullptr;
    int result = entered(function);
    if (result != SUCCESS) {
        s.detail = std::string("made to fail: ") + function;
        context = isSticky(result) && s.initialised ? current() : nullptr;
        if (context != nullptr) {
            kill(context, result, s.detail);
        }
    } else {
        if (needs == Needs::driver && !s.initialised) {
            result = NOT_INITIALIZED;
        } else if (needs == Needs::context) {
            result = currentContext();
            context = current();
        }
        if (result == SUCCESS) {
            try {
                result = body(context);
            } catch (const Fault& fault) {
                s.detail = s.lastFault = fault.what();
                result = INVALID_VALUE;
            } catch (const std::bad_alloc&) {
                result = OUT_OF_MEMORY;
            }
        }
    }
    if (!s.detail.empty()) {
        s.texts[result] = s.detail;
    } else if (result != SUCCESS && !isSticky(result)) {
        s.texts.erase(result);
    }
    return result;
}

void destroy(Context* context) {
    State& s = state();
    if (context->sticky == SUCCESS) {
        drainAll(context);
    }
    bool dead = context->sticky != SUCCESS;
    drainAll(context);
    for (auto& [handle, stream] : s.streams.all) {
        if (stream->context == context) {
            stream->capture.reset();
        }
    }
    for (auto at = s.captures.begin(); at != s.captures.end();) {
        at = (*at)->context == context ? s.captures.erase(at) : ++at;
    }
    context->null.last.reset();
    context->active = false;
    context->retained = 0;
    context->sticky = SUCCESS;
    if (!dead) {
        return;
    }
    // a context that died takes its objects along, and nobody could have freed them
    auto purge = [context](auto& table) {
        for (auto at = table.begin(); at != table.end();) {
            at = at->second->context == context ? table.erase(at) : ++at;
        }
    };
    for (auto at = s.allocations.begin(); at != s.allocations.end();) {
        if (at->second.context == context) {
            Opened opened;
            release(reinterpret_cast<void*>(at->first));
            at = s.allocations.erase(at);
        } else {
            ++at;
        }
    }
    for (auto at = s.pinned.begin(); at != s.pinned.end();) {
        if (at->second.context == context) {
            munmap(at->first, at->second.bytes);
            at = s.pinned.erase(at);
        } else {
            ++at;
        }
    }
    purge(s.graphExecs.all);
    purge(s.graphs.all);
    purge(s.functions.all);
    purge(s.modules.all);
    purge(s.events.all);
    purge(s.streams.all);
}

bool kernelsOf(const std::string& name, Kernels& kernels) {
    static const std::map<std::string, Kernels> all = {
        {"source", Kernels::source}, {"ptx", Kernels::ptx}, {"both", Kernels::both}};
    auto found = all.find(name);
    if (found == all.end()) {
        return false;
    }
    kernels = found->second;
    return true;
}

void forgetEverything() {
    State& s = state();
    for (auto& [handle, context] : s.contexts.all) {
        // so that nothing queued runs, and all goes
        if (context->sticky == SUCCESS) {
            context->sticky = ILLEGAL_STATE;
        }
        destroy(context.get());
    }
    for (auto at = s.contexts.all.begin(); at != s.contexts.all.end();) {
        at = at->second->primary ? ++at : s.contexts.all.erase(at);
    }
    retireMemory();
    s.captures.clear();
    s.failures.clear();
    s.substitutes.clear();
    s.calls.clear();
    s.launches.clear();
    s.texts.clear();
    s.detail.clear();
    s.lastFault.clear();
    s.plain = false;
    s.dropWait = 0;
    s.depth = 0;
    s.random.seed(0);
    refuseUnwritten(true);
    s.configuration = Configuration{};
    s.configured = false;
    readEnvironment();
    s.generation++;
}

// Applies a setting; false: it is none.
static bool configure(const std::string& setting, Configuration& c) {
    static const std::regex form(
        R"((devices|driver)=(\d{1,9})|capability=(\d{1,3})\.(\d)|memory=(\d{1,15})([KMG]?)|kernels=(\w+))");
    std::smatch part;
    if (!std::regex_match(setting, part, form)) {
        return false;
    }
    if (part[1].matched) {
        (part[1] == "devices" ? c.devices : c.driver) = std::stoi(part[2]);
    } else if (part[3].matched) {
        c.major = std::stoi(part[3]);
        c.minor = std::stoi(part[4]);
    } else if (part[5].matched) {
        c.memory = std::stoull(part[5]) << (part[6] == "K" ? 10 : part[6] == "M" ? 20 : part[6] == "G" ? 30 : 0);
    } else {
        return kernelsOf(part[7], c.kernels);
    }
    return true;
}

// "devices=0,capability=7.0,memory=64M,driver=12020,kernels=ptx"
void readEnvironment() {
    const char* text = getenv("ELBO_HOST_CUDA");
    Configuration& c = state().configuration;
    std::istringstream settings(text == nullptr ? "" : text);
    for (std::string setting; std::getline(settings, setting, ',');) {
        if (!configure(setting, c)) {
            c.problem = "ELBO_HOST_CUDA: '" + setting + "' is none of devices=N, capability=X.Y, memory=N[KMG], driver=N, " +
                        "kernels=source|ptx|both";
        }
    }
}

}  // namespace host_cuda
