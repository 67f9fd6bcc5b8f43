// Calls that are handed addresses of the Java heap, which here is a stretch of the host's memory.
#include <sys/mman.h>

#include "ptx_texts.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

constexpr size_t PAGE = 4096;

// Three neighbouring mappings, of which the middle one cannot be accessed yet, as in a heap that has not grown to its end; a
// guard of another file stands on each side.
struct Heap {
    Heap() {
        char* all = map(nullptr, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1);
        base = all + PAGE;
        mprotect(base + PAGE, PAGE, PROT_NONE);
        FILE* self = fopen("/proc/self/exe", "rb");
        map(all, PAGE, PROT_READ, MAP_FIXED, fileno(self));
        map(all + 4 * PAGE, PAGE, PROT_READ, MAP_FIXED, fileno(self));
        fclose(self);
    }
    ~Heap() { munmap(base - PAGE, 5 * PAGE); }
    static char* map(char* at, size_t bytes, int access, int flags, int file) {
        void* mapped = mmap(at, bytes, access, MAP_PRIVATE | flags, file, 0);
        require(mapped != MAP_FAILED, "no memory");
        return static_cast<char*>(mapped);
    }
    char* base;
};

void requireNoted(const std::string& expected) {
    require(heapReport() == expected, "'" + heapReport() + "', not '" + expected + "'");
    state().heapCalls.clear();
}

}  // namespace

TEST("the mappings around an address end where another file begins") {
    Heap heap;
    for (size_t at : {size_t(0), 3 * PAGE - 1}) {
        Range found = mappedAround(heap.base + at);
        require(found.base == heap.base && found.bytes == 3 * PAGE, "another range");
    }
    require(mappedAround(nullptr).bytes == 0, "nothing is mapped at null");
}

TEST("calls that are handed addresses of the Java heap are noted") {
    Device device;
    Heap heap;
    OwnStream stream;
    Floats x(4, 1);
    state().javaHeap = {heap.base, 3 * PAGE};
    void* inside = heap.base + 64;
    std::string text = ptxOf("advance");
    std::vector<float> outside(4);
    void* module = nullptr;
    OK(cuMemcpyHtoD_v2(x.at, outside.data(), 16));
    size_t free = 0;
    OK(cuMemGetInfo_v2(&free, reinterpret_cast<size_t*>(inside)));  // a short query
    requireNoted("");
    OK(cuMemcpyHtoD_v2(x.at, inside, 16));
    OK(cuMemcpyHtoD_v2(x.at, inside, 16));
    requireNoted("cuMemcpyHtoD: the source points into the Java heap");
    OK(cuMemcpyDtoH_v2(inside, x.at, 16));
    OK(cuMemcpyHtoDAsync_v2(x.at, inside, 16, stream.handle));
    OK(cuMemcpyDtoHAsync_v2(inside, x.at, 16, stream.handle));
    OK(cuStreamSynchronize(stream.handle));
    requireNoted(
        "cuMemcpyDtoH: the target points into the Java heap, cuMemcpyDtoHAsync: the target points into the Java heap, "
        "cuMemcpyHtoDAsync: the source points into the Java heap");
    OK(cuMemcpy(x.at, reinterpret_cast<CUdeviceptr>(inside), 16));
    requireNoted("cuMemcpy: the source points into the Java heap");
    memcpy(heap.base, text.c_str(), text.size() + 1);
    OK(cuModuleLoadData(&module, heap.base));
    OK(cuModuleUnload(module));
    int log[] = {5, 6};
    void* values[] = {inside, reinterpret_cast<void*>(PAGE)};
    OK(cuModuleLoadDataEx(&module, text.c_str(), 2, log, values));
    OK(cuModuleUnload(module));
    requireNoted(
        "cuModuleLoadData: the image points into the Java heap, "
        "cuModuleLoadDataEx: the log of errors points into the Java heap");
    fromHost("cublasSgemm_v2", "alpha", inside);
    requireNoted("cublasSgemm: alpha points into the Java heap");
    OK(cuMemcpyHtoD_v2(x.at, inside, 16));
    forgetEverything();
    requireNoted("");
}
