// What the driver stand-in knows: contexts, streams with their queued work, and everything that has a handle.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../device.h"
#include "../draws.h"
#include "../shadow.h"
#include "api.h"
#include "queue.h"
#include "settings.h"

namespace host_cuda {

struct Context;
struct Capture;

struct Range {
    const char* base = nullptr;
    size_t bytes = 0;
    bool overlaps(const Range& other) const {
        return bytes != 0 && other.bytes != 0 && base < other.base + other.bytes && other.base < base + bytes;
    }
};

// What is queued: a launch, a copy, library work.
struct Work {
    std::string name;
    std::function<void()> run;
    bool counted = false;  // as a launch
    Range pinnedSource;    // host memory that it reads
    Range pinnedTarget;    // host memory that it fills
};

// Work on a stream, and what has to run before and after it.
struct Op {
    Context* context;
    Work work;
    std::vector<std::shared_ptr<Op>> before;  // not done yet
    std::vector<std::shared_ptr<Op>> after;
    size_t unmet = 0;
    bool done = false;
    uint64_t mark = 0;  // of the latest walk that met it
};
using OpPtr = std::shared_ptr<Op>;

struct Stream {
    Context* context = nullptr;
    bool blocking = true;  // ordered with the NULL stream
    int priority = 0;
    unsigned flags = 0;
    OpPtr last;
    int busyAnswers = -1;  // how often a query still says "not ready"; negative: not drawn yet
    std::shared_ptr<Capture> capture;
    std::vector<size_t> tips;  // the nodes that the next one depends on
};

struct Event {
    Context* context = nullptr;
    bool timed = true;
    OpPtr recorded;
    std::shared_ptr<double> milliseconds;
    int busyAnswers = -1;
    std::shared_ptr<Capture> capture;  // the one it was last recorded in
    std::vector<size_t> tips;
};

struct Function {
    Context* context = nullptr;
    std::string name;
    std::vector<size_t> parameterSizes;
    std::vector<size_t> parameterOffsets;  // where each lies if all are handed over as one buffer
    size_t parameterBytes = 0;             // of that buffer
    unsigned maxThreads = 1024;            // what .maxntid allows
    unsigned registers = 32;               // of a thread
    size_t sharedBytes = 0;                // of a block, without those of a launch
    const ptx::Code* code = nullptr;       // where the text is what runs
};

struct Module {
    Context* context = nullptr;
    std::string text;
    bool compiled = false;
    bool compiling = false;  // by some thread, which has given up the lock
    std::vector<Function> entries;
    std::vector<void*> functions;
};

struct Node {
    Work work;
    std::vector<size_t> before;
};

struct Graph {
    Context* context = nullptr;
    std::vector<Node> nodes;
    OpPtr last;  // of an executable graph: its launches are ordered among themselves
    std::shared_ptr<const NodeOrder> order;
};

struct Capture {
    Context* context = nullptr;
    Stream* origin = nullptr;
    int mode = CAPTURE_GLOBAL;
    std::thread::id thread;
    bool invalid = false;
    bool ended = false;
    uint64_t id = 0;
    Graph graph;
};

struct Context {
    void* handle = nullptr;
    CUdevice device = 0;
    bool primary = false;
    bool active = false;
    int retained = 0;
    int sticky = SUCCESS;
    Stream null;
    std::vector<OpPtr> orphans;       // the last work of destroyed streams
    std::vector<OpPtr> pinnedReads;   // that have perhaps not run
};

// Objects by handle. A handle is never given out twice and is no address, so a stale one is known as such.
template <class T>
struct Table {
    std::map<void*, std::shared_ptr<T>> all;

    void* add(std::shared_ptr<T> it);
    T* find(void* handle) {
        auto at = all.find(handle);
        return at == all.end() ? nullptr : at->second.get();
    }
};

void* newHandle();

template <class T>
void* Table<T>::add(std::shared_ptr<T> it) {
    void* handle = newHandle();
    all[handle] = std::move(it);
    return handle;
}

struct Owned {
    Context* context;
    size_t bytes;
};

struct Failure {
    std::string function;  // empty: any
    long remaining;
    int error;
    bool forGood;
};

struct State {
    std::recursive_mutex lock;
    bool initialised = false;
    Configuration configuration;
    bool configured = false;  // by a test: the environment is not read any more
    Draws draws{0};
    uint64_t generation = 1;  // rises when everything is forgotten
    uint64_t walks = 0;
    int open = 0;  // how many have device memory open

    Table<Context> contexts;
    Table<Stream> streams;
    Table<Event> events;
    Table<Module> modules;
    Table<Function> functions;
    Table<Graph> graphs;
    Table<Graph> graphExecs;
    std::vector<std::shared_ptr<Capture>> captures;  // that have not ended
    std::map<CUdeviceptr, Owned> allocations;
    std::map<char*, Owned> pinned;

    std::vector<Failure> failures;
    std::map<std::string, std::string> substitutes;  // what is loaded in place of a text
    long dropWait = 0;  // which of the next waits for events does nothing; 0: none
    size_t depth = 0;   // of the graph that was instantiated last
    std::map<std::string, long> calls;
    std::map<std::string, long> launches;
    std::map<int, std::string> texts;  // the latest text of each error
    std::string function;              // the call that runs
    std::string detail;                // of it
    Range javaHeap;                    // empty until a virtual machine has told it
    std::set<std::string> heapCalls;  // that were handed addresses in it
    std::string lastFault;
};

State& state();

// What a call needs to be answered at all.
enum class Needs { nothing, driver, context };

// Every call of the API: counts it, fails it if it is to fail, checks what it needs, and turns what is thrown into an error.
int call(const char* function, Needs needs, const std::function<int(Context*)>& body);

// Without the "_v2" of a later version of a function.
std::string plainName(std::string function);

// Whether a code is an error that the driver has.
bool isError(int code);

// Says more about the error that the call is about to return.
int refuse(int error, const std::string& detail);

// Gives up the lock while it lives, for what takes long within a call. Afterwards the context may be gone: `currentContext`
// tells, and must be asked before anything of it is touched.
struct Unlocked {
    Unlocked();
    ~Unlocked();
};

// `fromHost` of the call that runs.
void noteHost(const char* what, const void* address);

Context* current();
std::vector<void*>& contextStack();
// Puts an end to a context: its work is dropped, its objects remain as leaks unless it died of an error.
void destroy(Context* context);
void kill(Context* context, int error, const std::string& text);
int resultOf(FaultKind kind);
void forgetEverything();

// The stream of a handle, or null; 0 and 1 are the NULL stream.
Stream* streamOf(Context* context, void* handle);

// Queues work, or captures it.
int push(Stream& stream, Work work);
OpPtr submit(Stream& stream, Work work, const std::vector<OpPtr>& after = {});
// Runs what the targets wait for, in a random order; `others`: and perhaps what else is queued in the context.
int drain(Context* context, const std::vector<OpPtr>& targets, bool others);
int drainAll(Context* context);
// The last work of every stream.
std::vector<OpPtr> lastWork(Context* context);
bool readsPinned(Context* context, const Range& target);

// An error if calls of this kind may not be made while the thread's captures go on, and the captures end in it.
int unsafeInCapture(Context* context);
int implicitInCapture(Context* context);
void invalidate(Capture& capture);

// Device memory is open as long as one of these lives.
struct Opened {
    Opened();
    ~Opened();
};

}  // namespace host_cuda
