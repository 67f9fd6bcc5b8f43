// What libcublas.so.12 refuses at the call, and what it finds when the work runs.
#include "cublas_calls.h"

namespace {

constexpr int M = 3, N = 4, K = 5;

// A sound product of which a test spoils one thing.
struct Sound {
    Blas blas;
    Array<float> a{Values(M * K, 1)}, b{Values(K * N, 1)}, c{Values(M * N, 1)};
    Gemm gemm{blas.handle, M, N, K, a.at(), M, b.at(), K, c.at(), M};
};

void refused(const std::string& what, int status, const std::function<void(Gemm&)>& spoil) {
    Sound sound;
    Gemm gemm = sound.gemm;
    requireStatus("a sound product", gemm.call(), SUCCESS);
    spoil(gemm);
    requireStatus(what, gemm.call(), status);
    require(queue_double::queued(STREAM) == 1, what + ": refused, and queued");
    if (status == INVALID_VALUE) {
        requireStatus(what + " of cublasSgemm", gemm.callSgemm(), status);
    }
}

void found(const std::string& what, FaultKind kind, const std::string& where, const Gemm& gemm) {
    requireStatus(what, gemm.call(), SUCCESS);
    try {
        queue_double::run(STREAM);
    } catch (const Fault& fault) {
        require(fault.kind == kind, what + " was found as another kind: " + fault.what());
        std::string start = "cublasGemmEx: " + where + " (";
        require(std::string(fault.what()).compare(0, start.size(), start) == 0, what + ": " + fault.what());
        return;
    }
    throw std::runtime_error(what + ": not found");
}

}  // namespace

TEST("cublas: handles") {
    queue_double::reset();
    require(host_cuda_blas_handles() == 0, "handles are left");
    void* first = nullptr;
    void* second = nullptr;
    requireStatus("create", cublasCreate_v2(&first), SUCCESS);
    requireStatus("create", cublasCreate_v2(&second), SUCCESS);
    require(first != second && host_cuda_blas_handles() == 2, "two handles are not two");
    requireStatus("destroy", cublasDestroy_v2(first), SUCCESS);
    requireStatus("destroy again", cublasDestroy_v2(first), NOT_INITIALIZED);
    void* third = nullptr;
    requireStatus("create", cublasCreate_v2(&third), SUCCESS);
    require(third != first, "a destroyed handle lives again");
    requireStatus("use of a destroyed one", cublasSetStream_v2(first, nullptr), NOT_INITIALIZED);
    requireStatus("use of null", cublasSetStream_v2(nullptr, nullptr), NOT_INITIALIZED);
    cublasDestroy_v2(second);
    cublasDestroy_v2(third);
    require(host_cuda_blas_handles() == 0, "handles are left");
    requireStatus("create into null", cublasCreate_v2(nullptr), INVALID_VALUE);
    queue_double::contextResult = 201;
    requireStatus("create without a context", cublasCreate_v2(&first), NOT_INITIALIZED);
    require(host_cuda_blas_handles() == 0, "a handle without a context");
}

TEST("cublas: what is set is what is got, and what is unknown is refused") {
    Blas blas;
    int value = -1;
    requireStatus("version", cublasGetVersion_v2(blas.handle, &value), SUCCESS);
    require(value == 120600, "version " + std::to_string(value));
    for (int property = 0; property < 3; property++) {
        requireStatus("property", cublasGetProperty(property, &value), SUCCESS);
        require(value == std::vector<int>({12, 6, 0})[property], "property " + std::to_string(value));
    }
    requireStatus("property 3", cublasGetProperty(3, &value), INVALID_VALUE);
    requireStatus("property into null", cublasGetProperty(0, nullptr), INVALID_VALUE);
    requireStatus("version into null", cublasGetVersion_v2(blas.handle, nullptr), INVALID_VALUE);

    struct Setting {
        int (*set)(void*, int);
        int (*get)(void*, int*);
        int initial, known, unknown;
    };
    for (Setting s : {Setting{cublasSetMathMode, cublasGetMathMode, MATH_DEFAULT, MATH_TF32, 4},
                      Setting{cublasSetPointerMode_v2, cublasGetPointerMode_v2, POINTER_HOST, POINTER_DEVICE, 2},
                      Setting{cublasSetAtomicsMode, cublasGetAtomicsMode, 0, 1, -1}}) {
        requireStatus("get", s.get(blas.handle, &value), SUCCESS);
        require(value == s.initial, "another initial value");
        requireStatus("set", s.set(blas.handle, s.known), SUCCESS);
        requireStatus("set unknown", s.set(blas.handle, s.unknown), INVALID_VALUE);
        requireStatus("get", s.get(blas.handle, &value), SUCCESS);
        require(value == s.known, "not what was set");
        requireStatus("get into null", s.get(blas.handle, nullptr), INVALID_VALUE);
    }
    void* stream = nullptr;
    requireStatus("get stream", cublasGetStream_v2(blas.handle, &stream), SUCCESS);
    require(stream == STREAM, "not the stream that was set");
    require(cublasGetStatusName(14) == std::string("CUBLAS_STATUS_INTERNAL_ERROR"), "name of a status");
    require(cublasGetStatusString(7) != cublasGetStatusString(99), "text of an unknown status");
}

TEST("cublas: arguments of products") {
    refused("null handle", NOT_INITIALIZED, [](Gemm& g) { g.handle = nullptr; });
    refused("m < 0", INVALID_VALUE, [](Gemm& g) { g.m = -1; });
    refused("n < 0", INVALID_VALUE, [](Gemm& g) { g.n = -1; });
    refused("k < 0", INVALID_VALUE, [](Gemm& g) { g.k = -1; });
    refused("lda < m", INVALID_VALUE, [](Gemm& g) { g.lda = M - 1; });
    refused("lda < k, transposed", INVALID_VALUE, [](Gemm& g) { g.transA = TRANSPOSE, g.lda = K - 1; });
    refused("ldb < k", INVALID_VALUE, [](Gemm& g) { g.ldb = K - 1; });
    refused("ldb < n, transposed", INVALID_VALUE, [](Gemm& g) { g.transB = TRANSPOSE_CONJUGATE, g.ldb = N - 1; });
    refused("ldc < m", INVALID_VALUE, [](Gemm& g) { g.ldc = M - 1; });
    refused("ldc = 0 of nothing", INVALID_VALUE, [](Gemm& g) { g.m = g.ldc = 0; });
    refused("no C", INVALID_VALUE, [](Gemm& g) { g.c = nullptr; });
    refused("a transposition that is none", INVALID_VALUE, [](Gemm& g) { g.transA = 3; });
    refused("a transposition that is none", INVALID_VALUE, [](Gemm& g) { g.transB = -1; });
    refused("float64 operands", NOT_SUPPORTED, [](Gemm& g) { g.typeA = g.typeB = 1; });
    refused("bfloat16 and float32 operands", NOT_SUPPORTED, [](Gemm& g) { g.typeA = REAL_16BF; });
    refused("a bfloat16 result", NOT_SUPPORTED, [](Gemm& g) { g.typeC = REAL_16BF; });
    refused("rounding bfloat16 to TF32", NOT_SUPPORTED,
            [](Gemm& g) { g.typeA = g.typeB = REAL_16BF, g.compute = COMPUTE_32F_FAST_TF32; });
    refused("half precision", NOT_SUPPORTED, [](Gemm& g) { g.compute = 64; });
    refused("a data type for a compute type", NOT_SUPPORTED, [](Gemm& g) { g.compute = REAL_32F; });
    refused("an unknown algorithm", NOT_SUPPORTED, [](Gemm& g) { g.algorithm = 50; });

    Sound sound;
    float one = 1;
    requireStatus("no alpha", sound.gemm.call(nullptr, &one), INVALID_VALUE);
    requireStatus("no beta", sound.gemm.call(&one, nullptr), INVALID_VALUE);
    sound.gemm.n = 0;
    requireStatus("nothing", sound.gemm.call(), SUCCESS);
    sound.gemm.n = N;
    sound.gemm.m = 0;
    requireStatus("nothing", sound.gemm.call(), SUCCESS);
    require(queue_double::queued(STREAM) == 0, "nothing is queued");
}

TEST("cublas: an error of the driver is a status") {
    Sound sound;
    Array<char> workspace(256);
    float one = 1;
    int value;
    void* pointer;
    void* handle = sound.blas.handle;
    const std::vector<std::pair<std::string, std::function<int()>>> functions{
        {"cublasCreate_v2", [&] { return cublasCreate_v2(&pointer); }},
        {"cublasDestroy_v2", [&] { return cublasDestroy_v2(handle); }},
        {"cublasGetVersion_v2", [&] { return cublasGetVersion_v2(handle, &value); }},
        {"cublasGetProperty", [&] { return cublasGetProperty(0, &value); }},
        {"cublasSetStream_v2", [&] { return cublasSetStream_v2(handle, nullptr); }},
        {"cublasGetStream_v2", [&] { return cublasGetStream_v2(handle, &pointer); }},
        {"cublasSetWorkspace_v2", [&] { return cublasSetWorkspace_v2(handle, workspace.at(), 256); }},
        {"cublasSetMathMode", [&] { return cublasSetMathMode(handle, 0); }},
        {"cublasGetMathMode", [&] { return cublasGetMathMode(handle, &value); }},
        {"cublasSetPointerMode_v2", [&] { return cublasSetPointerMode_v2(handle, 0); }},
        {"cublasGetPointerMode_v2", [&] { return cublasGetPointerMode_v2(handle, &value); }},
        {"cublasSetAtomicsMode", [&] { return cublasSetAtomicsMode(handle, 0); }},
        {"cublasGetAtomicsMode", [&] { return cublasGetAtomicsMode(handle, &value); }},
        {"cublasSgemm_v2", [&] { return sound.gemm.callSgemm(); }},
        {"cublasGemmEx", [&] { return sound.gemm.call(&one, &one); }},
    };
    for (auto& [name, call] : functions) {
        bool product = name.find("gemm") != name.npos || name.find("Gemm") != name.npos;
        for (auto [error, status] : {std::pair(2, ALLOC_FAILED), std::pair(999, INTERNAL_ERROR),
                                     std::pair(700, product ? EXECUTION_FAILED : INTERNAL_ERROR),
                                     std::pair(-NOT_SUPPORTED, NOT_SUPPORTED), std::pair(-MAPPING_ERROR, MAPPING_ERROR)}) {
            queue_double::calls.clear();
            queue_double::failing = {{name, error}};
            requireStatus(name, call(), status);
            require(queue_double::calls[name] == 1 && queue_double::calls.size() == 1, name + " is not counted once");
        }
    }
    require(host_cuda_blas_handles() == 1 && queue_double::queued(STREAM) == 0, "a call that failed did something");
    queue_double::failing.clear();
    queue_double::enqueueResult = 2;
    requireStatus("no memory for the work", sound.gemm.call(), ALLOC_FAILED);
    queue_double::enqueueResult = 700;
    requireStatus("a device that is lost", sound.gemm.call(), EXECUTION_FAILED);
}

TEST("cublas: workspaces") {
    constexpr size_t BYTES = 1024;
    Sound sound;
    void* handle = sound.blas.handle;
    Array<char> memory(BYTES);
    char host[1];
    requireStatus("unaligned", cublasSetWorkspace_v2(handle, memory.at(128), 256), INVALID_VALUE);
    requireStatus("too large", cublasSetWorkspace_v2(handle, memory.at(), BYTES + 1), INVALID_VALUE);
    requireStatus("negative", cublasSetWorkspace_v2(handle, memory.at(), size_t(-1)), INVALID_VALUE);
    requireStatus("empty", cublasSetWorkspace_v2(handle, memory.at(), 0), INVALID_VALUE);
    requireStatus("null", cublasSetWorkspace_v2(handle, nullptr, 256), INVALID_VALUE);
    requireStatus("host", cublasSetWorkspace_v2(handle, (void*)(uintptr_t(host) & ~uintptr_t(255)), 1), INVALID_VALUE);
    void* freed = host_cuda::allocate(BYTES);
    host_cuda::release(freed);
    requireStatus("freed", cublasSetWorkspace_v2(handle, freed, BYTES), INVALID_VALUE);

    sound.gemm.run();  // the first product of a handle is not captured
    queue_double::capture(STREAM, true);
    requireStatus("captured without one", sound.gemm.call(), INTERNAL_ERROR);
    requireStatus("bind", cublasSetWorkspace_v2(handle, memory.at(), BYTES), SUCCESS);
    requireStatus("captured with one", sound.gemm.call(), SUCCESS);
    // a stream brings the library's own again
    requireStatus("set stream", cublasSetStream_v2(handle, STREAM), SUCCESS);
    requireStatus("captured after a change of stream", sound.gemm.call(), INTERNAL_ERROR);
    requireStatus("bind", cublasSetWorkspace_v2(handle, memory.at(), BYTES), SUCCESS);
    requireStatus("unbind", cublasSetWorkspace_v2(handle, nullptr, 0), SUCCESS);
    requireStatus("captured after unbinding", sound.gemm.call(), INTERNAL_ERROR);
    queue_double::capture(STREAM, false);
    requireStatus("not captured, without one", sound.gemm.call(), SUCCESS);

    // each replay leaves nothing of what was in it
    for (int replay = 0; replay < 2; replay++) {
        memory.set(std::vector<char>(BYTES, 7));
        sound.c.set(Values(M * N, 0));
        queue_double::replay();
        require(sound.c.get() == Values(M * N, K), "the captured product did not run");
        require(memory.get() == std::vector<char>(BYTES, char(0xff)), "the workspace is as it was");
    }
}

TEST("cublas: the first product of a handle is not captured") {
    constexpr size_t BYTES = 256;
    Sound sound;
    Array<char> memory(BYTES);
    void* handle = sound.blas.handle;
    requireStatus("bind", cublasSetWorkspace_v2(handle, memory.at(), BYTES), SUCCESS);
    auto captured = [&](const std::string& what, int status) {
        queue_double::capture(STREAM, true);
        requireStatus(what, sound.gemm.call(), status);
        queue_double::capture(STREAM, false);
    };
    captured("captured at once", INTERNAL_ERROR);
    Gemm nothing = sound.gemm;
    nothing.m = 0;
    requireStatus("nothing", nothing.call(), SUCCESS);
    captured("captured after a product that launches nothing", INTERNAL_ERROR);
    queue_double::enqueueResult = 2;
    requireStatus("no memory", sound.gemm.call(), ALLOC_FAILED);
    queue_double::enqueueResult = 0;
    captured("captured after a product that has failed", INTERNAL_ERROR);
    sound.gemm.run();
    captured("captured as the second", SUCCESS);
    requireStatus("set stream", cublasSetStream_v2(handle, STREAM), SUCCESS);
    requireStatus("bind", cublasSetWorkspace_v2(handle, memory.at(), BYTES), SUCCESS);
    captured("captured on another stream", SUCCESS);
}

TEST("cublas: a product on a dead context has failed to run, whatever it would have been asked first") {
    Sound sound;
    queue_double::contextResult = 719;
    requireStatus("a context that died", sound.gemm.call(), EXECUTION_FAILED);
    queue_double::capture(STREAM, true);
    requireStatus("captured on it", sound.gemm.call(), EXECUTION_FAILED);
    void* handle = nullptr;
    requireStatus("another handle", cublasCreate_v2(&handle), NOT_INITIALIZED);
}

TEST("cublas: factors on the host are told to the driver, those on the device are not") {
    Sound sound;
    sound.gemm.run();
    require(queue_double::hostReads == std::vector<std::string>({"cublasGemmEx: alpha", "cublasGemmEx: beta"}),
            "other factors");
    queue_double::hostReads.clear();
    Array<float> factors(Values{1, 0});
    cublasSetPointerMode_v2(sound.blas.handle, POINTER_DEVICE);
    requireStatus("product", sound.gemm.call(factors.at(0), factors.at(1)), SUCCESS);
    queue_double::run(STREAM);
    require(queue_double::hostReads.empty(), "factors of the device are read on the host");
}

TEST("cublas: a workspace that is freed, or is an operand too") {
    Sound sound;
    float* memory = static_cast<float*>(host_cuda::allocate(256));
    host_cuda::toDevice(memory, Values(64, 1).data(), 256);
    requireStatus("bind", cublasSetWorkspace_v2(sound.blas.handle, memory, 256), SUCCESS);
    Gemm gemm = sound.gemm;
    gemm.a = memory;
    found("A in the workspace", FaultKind::globalRace, "A", gemm);
    gemm = sound.gemm;
    gemm.b = memory + 64 - K * N;
    found("B in the workspace", FaultKind::globalRace, "B", gemm);
    gemm = sound.gemm;
    gemm.c = memory;
    found("C in the workspace", FaultKind::globalRace, "C", gemm);
    host_cuda::release(memory);
    found("a freed workspace", FaultKind::useAfterFree, "workspace", sound.gemm);
}

TEST("cublas: operands that must not be read or written") {
    Sound sound;
    Array<float> fresh(M * K + 1);
    Gemm gemm = sound.gemm;
    gemm.a = fresh.at();
    found("nobody wrote A", FaultKind::uninitialised, "A", gemm);
    gemm = sound.gemm;
    gemm.b = fresh.at();
    gemm.n = 1;
    found("nobody wrote B", FaultKind::uninitialised, "B", gemm);
    gemm = sound.gemm;
    gemm.c = fresh.at();
    gemm.beta = 1;
    found("nobody wrote C", FaultKind::uninitialised, "C", gemm);
    gemm.beta = 0;
    gemm.run();

    fresh.set(Values(M * K, 1));
    gemm = sound.gemm;
    gemm.a = fresh.at(1);
    found("nobody wrote the last of A", FaultKind::uninitialised, "A", gemm);
    gemm.a = sound.a.at(1);
    found("A is one too short", FaultKind::outOfBounds, "A", gemm);
    gemm = sound.gemm;
    gemm.lda = M + 1;
    found("A is too short for its leading dimension", FaultKind::outOfBounds, "A", gemm);
    gemm = sound.gemm;
    gemm.c = sound.c.at(1);
    found("C is one too short", FaultKind::outOfBounds, "C", gemm);
    gemm = sound.gemm;
    Values host(K * N, 1);
    gemm.b = host.data();
    found("B is the host's", FaultKind::hostAccess, "B", gemm);
    gemm = sound.gemm;
    gemm.a = reinterpret_cast<const char*>(sound.a.at()) + 2;
    found("A is between two elements", FaultKind::misaligned, "A", gemm);

    float* gone = static_cast<float*>(host_cuda::allocate(M * K * sizeof(float)));
    host_cuda::toDevice(gone, Values(M * K, 1).data(), M * K * sizeof(float));
    gemm = sound.gemm;
    gemm.a = gone;
    requireStatus("product", gemm.call(), SUCCESS);
    host_cuda::release(gone);
    found("A is freed before the work runs", FaultKind::useAfterFree, "A", gemm);

    cublasSetPointerMode_v2(sound.blas.handle, POINTER_DEVICE);
    requireStatus("product", sound.gemm.call(sound.c.at(), host.data()), SUCCESS);
    try {
        queue_double::run(STREAM);
    } catch (const Fault& fault) {
        require(fault.kind == FaultKind::hostAccess, fault.what());
        return;
    }
    throw std::runtime_error("beta on the host, read on the device: not found");
}

TEST("cublas: a result over its operands") {
    Sound sound;
    Array<float> memory(Values(64, 1));
    Gemm gemm = sound.gemm;
    gemm.c = memory.at();
    gemm.a = memory.at(M * N - 1);
    found("C and A share an element", FaultKind::globalRace, "C", gemm);
    gemm.a = memory.at(M * N);
    gemm.run();
    gemm = sound.gemm;
    gemm.b = memory.at();
    gemm.c = memory.at(K * N - 1);
    found("C and B share an element", FaultKind::globalRace, "C", gemm);

    memory.set(Values(64, 1));
    // rows 0 to 2 and rows 3 to 5 of a matrix of six rows, then one row of both
    gemm = sound.gemm;
    gemm.k = N;
    gemm.ldb = K;
    gemm.a = memory.at();
    gemm.c = memory.at(M);
    gemm.lda = gemm.ldc = 2 * M;
    gemm.run();
    require(memory.get()[M] == N, "the product beside its operand is wrong");
    gemm.c = memory.at(M - 1);
    found("C and A share a row", FaultKind::globalRace, "C", gemm);
}
