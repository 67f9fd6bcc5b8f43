#include "state.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "../shadow.h"

namespace host_cuda {

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

std::string plainName(std::string function) {
    size_t at = function.rfind("_v");
    if (at != std::string::npos && at + 3 == function.size()) {
        function.erase(at);
    }
    return function;
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
    Context* context = isSticky(error) && s.initialised ? current() : nullptr;
    if (context != nullptr) {
        kill(context, error, "made to fail: " + name);
    }
    return error;
}

Unlocked::Unlocked() { state().lock.unlock(); }

Unlocked::~Unlocked() {
    state().lock.lock();
    state().detail.clear();  // other calls have used it
}

ProductSettings productSettings() {
    std::lock_guard<std::recursive_mutex> guard(state().lock);
    const Configuration& c = state().configuration;
    return {c.capability(), c.float32Sums, c.sumsSeed, c.productNodes, c.truncatedTf32};
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
    s.function = function;
    Context* context = nullptr;
    int result = entered(function);
    if (result != SUCCESS) {
        s.detail = std::string("made to fail: ") + function;
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
    s.heapCalls.clear();
    s.dropWait = 0;
    s.depth = 0;
    s.draws = Draws(0);
    refuseUnwritten(true);
    s.configuration = Configuration{};
    s.configured = false;
    readEnvironment();
    s.generation++;
}

}  // namespace host_cuda
