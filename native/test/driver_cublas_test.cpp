// libcublas.so.12 over the driver: what kills a context, nodes of a product, and a library that is older than its device.
#include <dlfcn.h>

#include <filesystem>

#include "driver_test.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

enum : int { NO_HANDLES = 1, ALLOCATION = 3, ARCHITECTURE = 8, EXECUTION = 13, INTERNAL = 14, UNSUPPORTED = 15 };

// A library of a folder beside the runner, and a handle of it on a stream.
class Library {
public:
    explicit Library(const char* folder = "host-device") {
        auto path = std::filesystem::read_symlink("/proc/self/exe").parent_path() / folder / "libcublas.so.12";
        library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        require(library != nullptr, library == nullptr ? dlerror() : "");
        require(create() == 0, "no handle");
        bind(stream.handle);
    }
    // it stays loaded: what a failed case leaves queued is code of the library
    ~Library() { function<int(void*)>("cublasDestroy_v2")(handle); }

    int create() { return function<int(void**)>("cublasCreate_v2")(&handle); }
    void bind(void* to) {
        require(function<int(void*, void*)>("cublasSetStream_v2")(handle, to) == 0, "no stream");
        require(function<int(void*, void*, size_t)>("cublasSetWorkspace_v2")(handle, device(workspace), 256) == 0,
                "no workspace");
    }
    // c = a b, of 4 x 4.
    int product(const Floats& a, const Floats& b, const Floats& c) {
        float one = 1, zero = 0;
        return function<int(void*, int, int, int, int, int, const float*, const float*, int, const float*, int, const float*,
                            float*, int)>("cublasSgemm_v2")(handle, 0, 0, 4, 4, 4, &one, device(a), 4, device(b), 4, &zero,
                                                            device(c), 4);
    }

    OwnStream stream;

private:
    static float* device(const Floats& floats) { return reinterpret_cast<float*>(floats.at); }
    template <class T>
    T* function(const char* name) {
        return reinterpret_cast<T*>(dlsym(library, name));
    }

    void* library = nullptr;
    void* handle = nullptr;
    Floats workspace{64, 0};
};

void requireStatus(int expected, int got, const std::string& what) {
    require(got == expected, what + ": status " + std::to_string(got) + ", not " + std::to_string(expected));
}

}  // namespace

TEST("a failure of cuBLAS that a device does not survive kills the context, as one of the driver does") {
    for (int error : {2, 999, 226, 700, -15, -13}) {
        Device device;
        {
            Library blas;
            Floats a(16, 1), b(16, 1), c(16, 0);
            failCall("cublasSgemm", 1, error, false);
            int status = error < 0 ? -error : error == 2 ? ALLOCATION : error == 999 ? INTERNAL : EXECUTION;
            requireStatus(status, blas.product(a, b, c), "made to fail with " + std::to_string(error));
            bool dead = error > 0 && isSticky(error);
            driver_test::expect(dead ? error : 0, cuCtxSynchronize(), "cuCtxSynchronize");
            requireStatus(dead ? EXECUTION : 0, blas.product(a, b, c), "the next product");
            if (dead) {
                requireStatus(NO_HANDLES, blas.create(), "a handle on a dead context");
                OK(cuDevicePrimaryCtxReset_v2(0));
            }
        }
        OK(cuCtxSynchronize());
    }
}

TEST("a product on a context that a kernel has killed fails to run") {
    Device device;
    {
        Library blas;
        Floats a(16, 1), b(16), c(16, 0);
        requireStatus(0, blas.product(a, b, c), "a product of what nobody wrote");
        EXPECT(ILLEGAL_ADDRESS, cuStreamSynchronize(blas.stream.handle));
        requireStatus(EXECUTION, blas.product(a, b, c), "a product on a dead context");
        OK(cuDevicePrimaryCtxReset_v2(0));
    }
}

TEST("the nodes of a product stand one after the other in a graph") {
    for (int nodes : {1, 2, 4}) {
        Device device;
        Library blas;
        Identity identity;
        Floats a(16, 1), b(16, 2), c(16, 0), d(16, 0);
        requireStatus(0, blas.product(a, b, c), "a first product");
        OK(cuStreamSynchronize(blas.stream.handle));
        set("product-nodes=" + std::to_string(nodes));
        long before = launchesOf("");
        void* graph = nullptr;
        void* exec = nullptr;
        size_t count = 0, edges = 0;
        OK(cuStreamBeginCapture_v2(blas.stream.handle, CAPTURE_RELAXED));
        requireStatus(0, blas.product(a, b, c), "a captured product");
        OK(identity(c, d, blas.stream.handle));
        OK(cuStreamEndCapture(blas.stream.handle, &graph));
        OK(cuGraphGetNodes(graph, nullptr, &count));
        OK(cuGraphGetEdges(graph, nullptr, nullptr, &edges));
        require(count == size_t(nodes) + 1 && edges == size_t(nodes), std::to_string(count) + " nodes");
        OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
        require(state().depth == count, "another depth");
        OK(cuGraphLaunch(exec, blas.stream.handle));
        OK(cuStreamSynchronize(blas.stream.handle));
        require(d.get()[15] == 8, "another result");
        require(launchesOf("") == before + 2, "a product counts as another number of launches");
        OK(cuGraphExecDestroy(exec));
        OK(cuGraphDestroy(graph));
    }
}

TEST("the first product of a handle is not captured over the driver either") {
    Device device;
    Library blas;
    Floats a(16, 1), b(16, 2), c(16, 0);
    void* graph = nullptr;
    OK(cuStreamBeginCapture_v2(blas.stream.handle, CAPTURE_RELAXED));
    requireStatus(INTERNAL, blas.product(a, b, c), "a first product that is captured");
    OK(cuStreamEndCapture(blas.stream.handle, &graph));
    OK(cuGraphDestroy(graph));
}

namespace {

// Two products that write one matrix, on two streams of a capture. Returns what the checks say.
std::string branches(bool ordered, int seed) {
    schedule(seed);
    Device device;
    Library first, second;
    OwnEvent fork, middle, join;
    Floats a(16, 1), b(16, 2), c(16, 0);
    requireStatus(0, first.product(a, b, c), "a first product");
    requireStatus(0, second.product(a, b, c), "a first product");
    OK(cuCtxSynchronize());
    set("product-nodes=3");
    void* graph = nullptr;
    void* exec = nullptr;
    OK(cuStreamBeginCapture_v2(first.stream.handle, CAPTURE_RELAXED));
    OK(cuEventRecord(fork.handle, first.stream.handle));
    OK(cuStreamWaitEvent(second.stream.handle, fork.handle, 0));
    requireStatus(0, first.product(a, b, c), "a product");
    OK(cuEventRecord(middle.handle, first.stream.handle));
    dropWait(ordered ? 0 : 1);
    OK(cuStreamWaitEvent(second.stream.handle, middle.handle, 0));
    requireStatus(0, second.product(a, b, c), "a product");
    OK(cuEventRecord(join.handle, second.stream.handle));
    OK(cuStreamWaitEvent(first.stream.handle, join.handle, 0));
    OK(cuStreamEndCapture(first.stream.handle, &graph));
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    OK(cuGraphLaunch(exec, first.stream.handle));
    std::string found = cuStreamSynchronize(first.stream.handle) == SUCCESS ? "" : state().lastFault;
    cuGraphExecDestroy(exec);
    cuGraphDestroy(graph);
    if (!found.empty()) {
        cuDevicePrimaryCtxReset_v2(0);
    }
    return found;
}

}  // namespace

TEST("products of several nodes that nothing orders are found under every schedule") {
    for (int seed = 0; seed < 10; seed++) {
        std::string found = branches(true, seed);
        require(found.empty(), "with an event: " + found);
        found = branches(false, seed);
        require(holds(found, "nothing orders it with node"), "without an event: " + found);
    }
}

TEST("an older cuBLAS makes handles and no product on a device that it does not know") {
    for (const char* capability : {"8.0", "8.6", "9.0", "12.0"}) {
        Device device;
        set(std::string("capability=") + capability);
        Library blas("host-device-old");
        Floats a(16, 1), b(16, 2), c(16, 0);
        bool known = capability == std::string("8.0");
        requireStatus(known ? 0 : ARCHITECTURE, blas.product(a, b, c), capability);
        OK(cuStreamSynchronize(blas.stream.handle));
        require(c.get()[0] == (known ? 8 : 0), "another result");
    }
}

TEST("sums in float32 are another with another seed over the driver") {
    Device device;
    Library blas;
    std::vector<float> values(16);
    for (size_t i = 0; i < values.size(); i++) {
        values[i] = 1 / (3.0f + static_cast<float>(i));
    }
    Floats a(16, 1), b(16, 1), c(16, 0);
    OK(cuMemcpyHtoD_v2(a.at, values.data(), 64));
    OK(cuMemcpyHtoD_v2(b.at, values.data(), 64));
    std::vector<std::vector<float>> results;
    for (const char* settings : {"sums=exact", "sums=float32,sums-seed=1", "sums=float32,sums-seed=2"}) {
        set(settings);
        for (int i = 0; i < 2; i++) {
            requireStatus(0, blas.product(a, b, c), settings);
            OK(cuStreamSynchronize(blas.stream.handle));
            results.push_back(c.get());
        }
    }
    require(results[0] == results[1] && results[2] == results[3] && results[4] == results[5],
            "another result the second time");
    require(results[0] != results[2] && results[2] != results[4], "the same sums in every order");
}
