// What tests ask of the device and tell it: the native methods of dev.elbo.cuda.HostDevice.
#include <dlfcn.h>
#include <jni.h>

#include <set>
#include <stdexcept>

#include "control.h"

#include "state.h"

namespace host_cuda {
namespace {

// those that were there when everything was forgotten: a dead context's cannot be destroyed
long forgottenHandles = 0;

// a cuBLAS stand-in counts its own handles
long blasHandles() {
    void* library = dlopen("libcublas.so.12", RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) {
        return 0;
    }
    auto count = reinterpret_cast<long (*)()>(dlsym(library, "host_cuda_blas_handles"));
    long handles = count == nullptr ? 0 : count();
    dlclose(library);
    return handles;
}

bool isBlasStatus(int status) {
    static const std::set<int> all = {1, 3, 7, 8, 11, 13, 14, 15, 16};
    return all.count(status) != 0;
}

long contexts() {
    long sum = 0;
    for (auto& [handle, context] : state().contexts.all) {
        // a retained primary context belongs to the process
        sum += !context->primary && context->active;
    }
    return sum;
}

template <class T>
long sum(const std::map<std::string, T>& counts, const std::string& name) {
    long all = 0;
    for (auto& [key, count] : counts) {
        all += name.empty() || key == name ? count : 0;
    }
    return all;
}

}  // namespace

std::vector<std::pair<std::string, long>> liveObjects() {
    State& s = state();
    auto size = [](const auto& it) { return static_cast<long>(it.size()); };
    return {{"allocation", size(s.allocations)},  {"pinned", size(s.pinned)},     {"module", size(s.modules.all)},
            {"stream", size(s.streams.all)},      {"event", size(s.events.all)},  {"graph", size(s.graphs.all)},
            {"graphExec", size(s.graphExecs.all)}, {"context", contexts()},        {"blas", blasHandles() - forgottenHandles}};
}

std::string liveReport() {
    std::string report;
    for (auto& [kind, count] : liveObjects()) {
        if (count != 0) {
            bool plural = count != 1 && kind != "pinned" && kind != "blas";
            report += (report.empty() ? "" : ", ") + std::to_string(count) + " " + kind + (plural ? "s" : "");
        }
    }
    return report;
}

void failCall(const std::string& function, long n, int error, bool forGood) {
    bool known = error < 0 ? function.compare(0, 6, "cublas") == 0 && isBlasStatus(-error) : isError(error);
    if (!known || n < 1) {
        throw std::invalid_argument("failCall of '" + function + "': use " + std::to_string(n) + ", error " +
                                    std::to_string(error));
    }
    state().failures.push_back({function, n, error, forGood});
}

void set(const std::string& settings) {
    State& s = state();
    if (!s.configured && !s.initialised) {
        readEnvironment();
    }
    std::string problem = applySettings(settings, s.configuration);
    if (!problem.empty()) {
        throw std::invalid_argument(problem);
    }
    s.configured = true;
}

void runChecked(bool accesses) {
    set(accesses ? "accesses=checked" : "accesses=plain");
}

void dropWait(long n) { state().dropWait = n; }

long callsOf(const std::string& function) { return sum(state().calls, function); }

long launchesOf(const std::string& kernel) { return sum(state().launches, kernel); }

}  // namespace host_cuda

using namespace host_cuda;

namespace {

using Guard = std::lock_guard<std::recursive_mutex>;

std::string textOf(JNIEnv* env, jstring text) {
    if (text == nullptr) {
        return {};
    }
    const char* chars = env->GetStringUTFChars(text, nullptr);
    std::string out = chars;
    env->ReleaseStringUTFChars(text, chars);
    return out;
}

void refuseArgument(JNIEnv* env, const std::string& why) {
    env->ThrowNew(env->FindClass("java/lang/IllegalArgumentException"), why.c_str());
}

// The object of an array lies in the heap, whose mappings surround it.
Range heapOf(JNIEnv* env) {
    jbyteArray array = env->NewByteArray(64);
    void* inside = env->GetPrimitiveArrayCritical(array, nullptr);
    env->ReleasePrimitiveArrayCritical(array, inside, JNI_ABORT);
    return mappedAround(inside);
}

}  // namespace

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_dev_elbo_cuda_HostDevice_##name

extern "C" {

NATIVE(void, failCall)(JNIEnv* env, jclass, jstring function, jlong n, jint error, jboolean forGood) {
    Guard guard(state().lock);
    try {
        failCall(textOf(env, function), n, error, forGood);
    } catch (const std::invalid_argument& refused) {
        refuseArgument(env, refused.what());
    }
}

NATIVE(void, set)(JNIEnv* env, jclass, jstring settings) {
    Guard guard(state().lock);
    try {
        if (settings == nullptr) {
            throw std::invalid_argument("no settings: null");
        }
        set(textOf(env, settings));
    } catch (const std::invalid_argument& refused) {
        refuseArgument(env, refused.what());
    }
}

NATIVE(jstring, heapCalls)(JNIEnv* env, jclass) {
    Guard guard(state().lock);
    return env->NewStringUTF(heapReport().c_str());
}

NATIVE(void, clearFailures)(JNIEnv*, jclass) {
    Guard guard(state().lock);
    state().failures.clear();
}

NATIVE(void, dropWait)(JNIEnv*, jclass, jlong n) {
    Guard guard(state().lock);
    dropWait(n);
}

NATIVE(jlong, graphDepth)(JNIEnv*, jclass) {
    Guard guard(state().lock);
    return static_cast<jlong>(state().depth);
}

NATIVE(jlong, calls)(JNIEnv* env, jclass, jstring function) {
    Guard guard(state().lock);
    return callsOf(textOf(env, function));
}

NATIVE(jlong, live)(JNIEnv* env, jclass, jstring kind) {
    Guard guard(state().lock);
    std::string name = textOf(env, kind);
    long all = 0;
    bool known = name.empty();
    for (auto& [key, count] : liveObjects()) {
        known = known || key == name;
        all += name.empty() || key == name ? count : 0;
    }
    if (!known) {
        refuseArgument(env, "no kind of object: " + name);
    }
    return all;
}

NATIVE(jstring, liveReport)(JNIEnv* env, jclass) {
    Guard guard(state().lock);
    return env->NewStringUTF(liveReport().c_str());
}

NATIVE(jlong, launches)(JNIEnv* env, jclass, jstring kernel) {
    Guard guard(state().lock);
    return launchesOf(textOf(env, kernel));
}

NATIVE(void, schedule)(JNIEnv*, jclass, jlong seed) {
    Guard guard(state().lock);
    state().draws = Draws(static_cast<uint64_t>(seed));
}

NATIVE(void, substitute)(JNIEnv* env, jclass, jstring text, jstring by) {
    Guard guard(state().lock);
    state().substitutes[textOf(env, text)] = textOf(env, by);
}

NATIVE(jstring, lastFault)(JNIEnv* env, jclass) {
    Guard guard(state().lock);
    return state().lastFault.empty() ? nullptr : env->NewStringUTF(state().lastFault.c_str());
}

NATIVE(void, reset)(JNIEnv* env, jclass) {
    Range heap = heapOf(env);
    Guard guard(state().lock);
    forgetEverything();
    state().javaHeap = heap;
    forgottenHandles = blasHandles();
}
}
