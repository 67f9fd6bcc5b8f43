// Memory, and what moves it.
#include <sys/mman.h>

#include <cstring>
#include <new>

#include "../shadow.h"
#include "state.h"

using namespace host_cuda;

namespace {

void* pointer(CUdeviceptr at) { return reinterpret_cast<void*>(at); }

size_t used() {
    size_t sum = 0;
    for (auto& [base, owned] : state().allocations) {
        sum += owned.bytes;
    }
    return sum;
}

bool isPinned(const void* address, size_t bytes) {
    auto& all = state().pinned;
    auto next = all.upper_bound(const_cast<char*>(static_cast<const char*>(address)));
    if (next == all.begin()) {
        return false;
    }
    --next;
    return static_cast<const char*>(address) + bytes <= next->first + next->second.bytes;
}

// A fault at the call itself is an invalid argument, as it is for a driver.
int checkDevice(CUdeviceptr at, size_t bytes) {
    Problem problem;
    return find(pointer(at), bytes, problem) != nullptr ? SUCCESS
                                                       : refuse(INVALID_VALUE, std::string("device side: ") + problem.what);
}

int checkHost(const void* at) {
    return at != nullptr && !inArena(at)
               ? SUCCESS
               : refuse(INVALID_VALUE, at == nullptr ? "host side: null" : "host side: a device pointer");
}

// what a copy has not filled yet
void poison(const Range& range) { memset(const_cast<char*>(range.base), 0xff, range.bytes); }

struct Copy {
    void* to;
    const void* from;
    size_t bytes;
    bool toDevice, fromDevice;
};

// A copy waits, or at least reads, where its host side is not pinned; pinned memory is never the heap's.
void noteHostSide(const Copy& copy) {
    if (!copy.fromDevice) {
        noteHost("the source", copy.from);
    }
    if (!copy.toDevice) {
        noteHost("the target", copy.to);
    }
}

int check(const Copy& copy) {
    if (int error = copy.toDevice ? checkDevice(CUdeviceptr(copy.to), copy.bytes) : checkHost(copy.to)) {
        return error;
    }
    return copy.fromDevice ? checkDevice(CUdeviceptr(copy.from), copy.bytes) : checkHost(copy.from);
}

void perform(const Copy& copy) {
    if (copy.toDevice && copy.fromDevice) {
        copyWithin(copy.to, copy.from, copy.bytes);
    } else if (copy.toDevice) {
        toDevice(copy.to, copy.from, copy.bytes);
    } else if (copy.fromDevice) {
        reads(copy.from, copy.bytes);
        memcpy(copy.to, copy.from, copy.bytes);
    } else {
        memmove(copy.to, copy.from, copy.bytes);
    }
}

Work workOf(const Copy& copy) {
    Work work;
    work.name = copy.toDevice ? copy.fromDevice ? "copy on the device" : "copy to the device" : "copy to the host";
    work.run = [copy] { perform(copy); };
    if (!copy.fromDevice && isPinned(copy.from, copy.bytes)) {
        work.pinnedSource = {static_cast<const char*>(copy.from), copy.bytes};
    }
    if (!copy.toDevice && isPinned(copy.to, copy.bytes)) {
        work.pinnedTarget = {static_cast<const char*>(copy.to), copy.bytes};
    }
    return work;
}

// On the NULL stream, at once: what non-blocking streams have queued has not run.
int copyNow(Context* context, const Copy& copy) {
    if (copy.bytes == 0) {
        return SUCCESS;
    }
    noteHostSide(copy);
    if (int error = check(copy)) {
        return error;
    }
    if (int error = unsafeInCapture(context)) {
        return error;
    }
    if (int error = implicitInCapture(context)) {
        return error;
    }
    return drain(context, {submit(context->null, workOf(copy))}, false);
}

int copyLater(Context* context, const Copy& copy, void* handle) {
    Stream* stream = streamOf(context, handle);
    if (stream == nullptr) {
        return INVALID_HANDLE;
    }
    if (copy.bytes == 0) {
        return SUCCESS;
    }
    noteHostSide(copy);
    if (int error = check(copy)) {
        return error;
    }
    Work work = workOf(copy);
    bool pageableSource = !copy.fromDevice && work.pinnedSource.bytes == 0;
    bool pageableTarget = !copy.toDevice && work.pinnedTarget.bytes == 0;
    if (stream->capture) {
        return push(*stream, std::move(work));
    }
    if (pageableSource) {
        auto staged = std::make_shared<std::vector<char>>(static_cast<const char*>(copy.from),
                                                          static_cast<const char*>(copy.from) + copy.bytes);
        Copy stagedCopy = copy;
        stagedCopy.from = staged->data();
        work.run = [staged, stagedCopy] { perform(stagedCopy); };
    }
    Range target = work.pinnedTarget;
    if (target.bytes != 0 && !readsPinned(context, target)) {
        poison(target);
    }
    if (int error = push(*stream, std::move(work))) {
        return error;
    }
    return pageableTarget ? drain(context, {stream->last}, false) : SUCCESS;
}

template <class T>
Work fill(CUdeviceptr to, T value, size_t count) {
    Work work;
    work.name = "memset";
    work.run = [=] {
        wrote(pointer(to), count * sizeof(T));
        for (size_t i = 0; i < count; i++) {
            memcpy(static_cast<char*>(pointer(to)) + i * sizeof(T), &value, sizeof(T));
        }
    };
    return work;
}

// A memset returns before it has run, on any stream.
template <class T>
int set(const char* function, CUdeviceptr to, T value, size_t count, void* handle, bool onNull) {
    return call(function, Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        if (stream == nullptr) {
            return INVALID_HANDLE;
        }
        if (to % sizeof(T) != 0) {
            return refuse(INVALID_VALUE, "misaligned");
        }
        if (count == 0) {
            return SUCCESS;
        }
        if (int error = checkDevice(to, count * sizeof(T))) {
            return error;
        }
        if (int error = onNull ? unsafeInCapture(context) : SUCCESS) {
            return error;
        }
        return push(*stream, fill(to, value, count));
    });
}

size_t pinnedRoom(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

int allocateHost(Context* context, void** to, size_t bytes) {
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    if (int error = unsafeInCapture(context)) {
        return error;
    }
    void* at = mmap(nullptr, pinnedRoom(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        return OUT_OF_MEMORY;
    }
    poison({static_cast<char*>(at), bytes});
    state().pinned[static_cast<char*>(at)] = {context, bytes};
    *to = at;
    return SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
    return call("cuMemGetInfo", Needs::context, [=](Context*) -> int {
        *total = state().configuration.memory;
        *free = *total - std::min(*total, used());
        return SUCCESS;
    });
}

CUresult cuMemAlloc_v2(CUdeviceptr* to, size_t bytes) {
    return call("cuMemAlloc", Needs::context, [=](Context* context) -> int {
        if (bytes == 0) {
            return INVALID_VALUE;
        }
        if (int error = unsafeInCapture(context)) {
            return error;
        }
        size_t total = state().configuration.memory;
        if (bytes > total || used() > total - bytes) {
            return OUT_OF_MEMORY;
        }
        Opened opened;
        *to = reinterpret_cast<CUdeviceptr>(allocate(bytes));
        state().allocations[*to] = {context, bytes};
        return SUCCESS;
    });
}

CUresult cuMemFree_v2(CUdeviceptr at) {
    return call("cuMemFree", Needs::context, [=](Context* context) -> int {
        auto found = state().allocations.find(at);
        if (at == 0) {
            return SUCCESS;
        }
        if (found == state().allocations.end()) {
            return refuse(INVALID_VALUE, "free: not the start of live device memory");
        }
        if (int error = unsafeInCapture(context)) {
            return error;
        }
        if (int error = drainAll(found->second.context)) {
            return error;
        }
        Opened opened;
        release(pointer(at));
        state().allocations.erase(found);
        return SUCCESS;
    });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr at) {
    return call("cuMemGetAddressRange", Needs::context, [=](Context*) -> int {
        Problem problem;
        Allocation* found = find(pointer(at), 1, problem);
        if (found == nullptr) {
            return refuse(NOT_FOUND, problem.what);
        }
        if (base != nullptr) {
            *base = reinterpret_cast<CUdeviceptr>(found->base);
        }
        if (bytes != nullptr) {
            *bytes = found->bytes;
        }
        return SUCCESS;
    });
}

CUresult cuPointerGetAttribute(void* data, int attribute, CUdeviceptr at) {
    return call("cuPointerGetAttribute", Needs::context, [=](Context*) -> int {
        State& s = state();
        Problem problem;
        Allocation* device = find(pointer(at), 1, problem);
        bool pinned = isPinned(pointer(at), 1);
        if (device == nullptr && !pinned) {
            return refuse(INVALID_VALUE, problem.what);
        }
        auto host = pinned ? std::prev(s.pinned.upper_bound(reinterpret_cast<char*>(at))) : s.pinned.end();
        const Owned& owner = pinned ? host->second : s.allocations[reinterpret_cast<CUdeviceptr>(device->base)];
        switch (attribute) {
            case 1: memcpy(data, &owner.context->handle, sizeof(void*)); return SUCCESS;
            case 2: *static_cast<unsigned*>(data) = pinned ? 1 : 2; return SUCCESS;  // memory type
            case 3: if (pinned) return INVALID_VALUE; memcpy(data, &at, sizeof at); return SUCCESS;
            case 4: if (!pinned) return INVALID_VALUE; memcpy(data, &at, sizeof at); return SUCCESS;
            case 8: *static_cast<unsigned*>(data) = 0; return SUCCESS;  // managed
            case 9: *static_cast<int*>(data) = owner.context->device; return SUCCESS;
            case 11: {
                void* base = pinned ? host->first : device->base;
                memcpy(data, &base, sizeof base);
                return SUCCESS;
            }
            case 12: *static_cast<size_t*>(data) = owner.bytes; return SUCCESS;
            default: return INVALID_VALUE;
        }
    });
}

CUresult cuMemAllocHost_v2(void** to, size_t bytes) {
    return call("cuMemAllocHost", Needs::context, [=](Context* context) { return allocateHost(context, to, bytes); });
}

CUresult cuMemHostAlloc(void** to, size_t bytes, unsigned) {
    return call("cuMemHostAlloc", Needs::context, [=](Context* context) { return allocateHost(context, to, bytes); });
}

// the addresses stay reserved, so that a late access is a segmentation fault
CUresult cuMemFreeHost(void* at) {
    return call("cuMemFreeHost", Needs::context, [=](Context* context) -> int {
        auto found = state().pinned.find(static_cast<char*>(at));
        if (found == state().pinned.end()) {
            return refuse(INVALID_VALUE, "not the start of pinned memory");
        }
        if (int error = unsafeInCapture(context)) {
            return error;
        }
        if (int error = drainAll(found->second.context)) {
            return error;
        }
        mmap(at, pinnedRoom(found->second.bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
        state().pinned.erase(found);
        return SUCCESS;
    });
}

#define NOW(name, declaration, copy) \
    CUresult name##_v2 declaration { \
        return call(#name, Needs::context, [=](Context* context) { return copyNow(context, copy); }); \
    }
#define LATER(name, declaration, copy) \
    CUresult name##_v2 declaration { \
        return call(#name, Needs::context, [=](Context* context) { return copyLater(context, copy, stream); }); \
    }

NOW(cuMemcpyHtoD, (CUdeviceptr to, const void* from, size_t n), (Copy{pointer(to), from, n, true, false}))
NOW(cuMemcpyDtoH, (void* to, CUdeviceptr from, size_t n), (Copy{to, pointer(from), n, false, true}))
NOW(cuMemcpyDtoD, (CUdeviceptr to, CUdeviceptr from, size_t n), (Copy{pointer(to), pointer(from), n, true, true}))
LATER(cuMemcpyHtoDAsync, (CUdeviceptr to, const void* from, size_t n, void* stream),
      (Copy{pointer(to), from, n, true, false}))
LATER(cuMemcpyDtoHAsync, (void* to, CUdeviceptr from, size_t n, void* stream), (Copy{to, pointer(from), n, false, true}))
LATER(cuMemcpyDtoDAsync, (CUdeviceptr to, CUdeviceptr from, size_t n, void* stream),
      (Copy{pointer(to), pointer(from), n, true, true}))

// the sides are known from the addresses
CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t n) {
    return call("cuMemcpy", Needs::context, [=](Context* context) {
        return copyNow(context, {pointer(to), pointer(from), n, inArena(pointer(to)), inArena(pointer(from))});
    });
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t n, void* stream) {
    return call("cuMemcpyAsync", Needs::context, [=](Context* context) {
        return copyLater(context, {pointer(to), pointer(from), n, inArena(pointer(to)), inArena(pointer(from))}, stream);
    });
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t n) {
    return set("cuMemsetD8", to, value, n, nullptr, true);
}
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t n) {
    return set("cuMemsetD32", to, value, n, nullptr, true);
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t n, void* stream) {
    return set("cuMemsetD8Async", to, value, n, stream, false);
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t n, void* stream) {
    return set("cuMemsetD32Async", to, value, n, stream, false);
}
}
