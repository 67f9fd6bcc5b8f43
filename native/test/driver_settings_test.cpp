// The settings of the machine, what is refused of them, and what tests order.
#include <cstdlib>
#include <stdexcept>

#include "ptx_texts.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

// The reason that is given; "": it is not refused.
std::string refusedBy(const std::function<void()>& body) {
    try {
        body();
        return "";
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
}

}  // namespace

TEST("settings are applied all or none, by name, once each") {
    set("");
    set("compiler=221,compile-ms=20,loading=lazy,registers=64,sums=float32,sums-seed=7,product-nodes=3,tf32=truncated");
    set("memory=64M,capability=12.1,devices=2,driver=12040");
    set("accesses=plain");
    require(state().configuration.plain, "not set");
    set("accesses=checked");
    require(!state().configuration.plain, "not set");
    const Configuration& c = state().configuration;
    require(c.compiler == 221 && c.compileMilliseconds == 20 && c.loading == Loading::lazy && c.registers == 64, "not set");
    require(c.float32Sums && c.sumsSeed == 7 && c.productNodes == 3 && c.truncatedTf32, "not set");
    require(c.memory == 64 << 20 && c.capability() == 121 && c.devices == 2 && c.driver == 12040, "not set");
    ProductSettings products = productSettings();
    require(products.capability == 121 && products.float32Sums && products.sumsSeed == 7 && products.nodes == 3 &&
                products.truncatedTf32,
            "products are told something else");
    for (const char* unknown : {"compiler",
                                "compiler=",
                                "compiler=-1",
                                "compiler=203",
                                "compiler=1000",
                                "compile-ms=1.5",
                                "compile-ms=9999999",
                                "loading=never",
                                "registers=0",
                                "registers=256",
                                "sums=float64",
                                "sums-seed=-1",
                                "sums-seed=99999999999999999999",
                                "product-nodes=0",
                                "tf32=down",
                                "memory=9223372036854775807K",
                                "Loading=lazy",
                                "loading=lazy ",
                                " ",
                                ",",
                                "devices=1,",
                                "devices=1,,driver=12040"}) {
        std::string why = refusedBy([unknown] { set(unknown); });
        for (const char* setting : {"devices=N", "capability=X.Y", "memory=N[KMG]", "driver=N", "kernels=source|ptx|both", "accesses=checked|plain",
                                    "compiler=CODE", "compile-ms=N", "loading=eager|lazy", "registers=N",
                                    "sums=exact|float32", "sums-seed=N", "product-nodes=N", "tf32=nearest|truncated"}) {
            require(holds(why, "is not one of") && holds(why, setting), std::string(unknown) + ": '" + why + "'");
        }
    }
    require(holds(refusedBy([] { set("registers=8,registers=16"); }), "a second time"), "one of the two is ignored");
    require(!refusedBy([] { set("devices=5,registers=0"); }).empty() && c.devices == 2, "half of it is applied");
}

TEST("settings of a test overrule the environment, and a reset brings it back") {
    setenv("ELBO_HOST_CUDA", "registers=40,loading=lazy", 1);
    forgetEverything();
    state().initialised = false;
    set("loading=eager");
    OK(cuInit(0));
    require(state().configuration.registers == 40 && state().configuration.loading == Loading::eager, "not both");
    forgetEverything();
    require(state().configuration.loading == Loading::lazy, "the reset has not read the environment");
    setenv("ELBO_HOST_CUDA", "loading=never", 1);
    forgetEverything();
    state().initialised = false;
    EXPECT(INVALID_VALUE, cuInit(0));
    require(holds(errorText(INVALID_VALUE), "ELBO_HOST_CUDA: 'loading=never' is not one of"), errorText(INVALID_VALUE));
    unsetenv("ELBO_HOST_CUDA");
    forgetEverything();
    OK(cuInit(0));
}

TEST("the compiler answers the error that it is set to, and a sticky one kills the context") {
    std::string text = ptxOf("advance");
    for (int code : {221, 223, 2, 999, 226, 220}) {
        for (bool lazy : {false, true}) {
            Device device;
            set("compiler=" + std::to_string(code) + ",loading=" + (lazy ? "lazy" : "eager"));
            void* module = nullptr;
            void* function = nullptr;
            driver_test::expect(lazy ? 0 : code, cuModuleLoadData(&module, text.c_str()), "cuModuleLoadData");
            if (lazy) {
                driver_test::expect(code, cuModuleGetFunction(&function, module, "advance"), "cuModuleGetFunction");
                require(function == nullptr, "a function of what does not compile");
            }
            require(holds(errorText(code), "the compiler answers " + std::to_string(code)), errorText(code));
            driver_test::expect(isSticky(code) ? code : 0, cuCtxSynchronize(), "cuCtxSynchronize");
            if (isSticky(code)) {
                OK(cuDevicePrimaryCtxReset_v2(0));
                require(liveReport().empty(), "a dead context has left " + liveReport());
            } else if (lazy) {
                set("compiler=0");
                OK(cuModuleGetFunction(&function, module, "advance"));
                OK(cuModuleUnload(module));
            }
            set("compiler=0");
        }
    }
}

TEST("a text that is loaded lazily is compiled for its first function, and its head is read before") {
    Device device;
    set("loading=lazy");
    refusal(ptxOf("advance", ".version 9.9\n.target sm_75\n"), UNSUPPORTED_PTX_VERSION);
    require(!refusal(ptxOf("advance", ".version 9.9\n.target sm_75\n"), UNSUPPORTED_PTX_VERSION).empty(), "any version");
    require(!refusal(ptxOf("advance", ".version 8.7\n.target sm_100\n"), NO_BINARY_FOR_GPU).empty(), "any target");
    require(!refusal("no PTX", INVALID_PTX).empty(), "any head");
    require(!refusal("\x7f"
                     "ELF",
                     INVALID_IMAGE)
                 .empty(),
            "a binary");
    std::string wrong = moduleOf(entryOf("probe", "ex2.approx.f32 %f1, %f2;"));
    void* function = nullptr;
    {
        LoadedText module(wrong);
        for (int i = 0; i < 2; i++) {
            EXPECT(INVALID_PTX, cuModuleGetFunction(&function, module.module, "probe"));
            require(holds(errorText(INVALID_PTX), "ex2.approx.f32: not supported"), errorText(INVALID_PTX));
        }
        setenv("CXX", "/nowhere/g++", 1);
        LoadedText other(moduleOf(entryOf("probe", "mov.u32 %r3, " + std::to_string(std::rand()) + ";")));
        int error = cuModuleGetFunction(&function, other.module, "probe");
        unsetenv("CXX");
        driver_test::expect(JIT_COMPILER_NOT_FOUND, error, "cuModuleGetFunction");
    }
    set("loading=eager");
    require(!refusal(wrong, INVALID_PTX).empty(), "loaded eagerly it is not refused");
}

TEST("failures are ordered with errors that there are, and statuses of cuBLAS for its functions") {
    for (int unknown : {0, 203, 1000, -7}) {
        require(!refusedBy([=] { failCall("cuMemAlloc", 1, unknown, false); }).empty(), std::to_string(unknown));
    }
    require(!refusedBy([] { failCall("", 1, -7, false); }).empty(), "a status of cuBLAS for any function");
    require(!refusedBy([] { failCall("cublasGemmEx", 1, -2, false); }).empty(), "no status of cuBLAS");
    require(!refusedBy([] { failCall("cuMemAlloc", 0, 2, false); }).empty(), "the 0th use");
    failCall("cublasGemmEx", 1, -7, false);
    require(entered("cublasGemmEx") == -7, "another status");
}

TEST("every error of CUDA 13 has a name and a text") {
    int count = 0;
    for (int code = 0; code < 1000; code++) {
        const char* name = nullptr;
        const char* text = nullptr;
        bool known = cuGetErrorName(code, &name) == SUCCESS;
        require(
            known == (cuGetErrorString(code, &text) == SUCCESS) && known == (name != nullptr) && known == (text != nullptr),
            std::to_string(code));
        count += known;
    }
    require(count == 101, std::to_string(count) + " errors");
    for (auto [code, expected] :
         {std::pair(220, "CUDA_ERROR_NVLINK_UNCORRECTABLE"), std::pair(226, "CUDA_ERROR_CONTAINED"),
          std::pair(223, "CUDA_ERROR_JIT_COMPILATION_DISABLED"), std::pair(701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"),
          std::pair(721, "CUDA_ERROR_TENSOR_MEMORY_LEAK")}) {
        const char* name = nullptr;
        OK(cuGetErrorName(code, &name));
        require(name == std::string(expected), name);
    }
}

TEST("an error that a device does not survive stays, others do not") {
    for (int code : {220, 226, 700, 702, 719, 721, 223, 701, 720, 2}) {
        Device device;
        failCall("cuStreamSynchronize", 1, code, false);
        driver_test::expect(code, cuStreamSynchronize(nullptr), "cuStreamSynchronize");
        bool stays = code != 223 && code != 701 && code != 720 && code != 2;
        driver_test::expect(stays ? code : 0, cuCtxSynchronize(), "cuCtxSynchronize");
        OK(cuDevicePrimaryCtxReset_v2(0));
        OK(cuCtxSynchronize());
    }
}

TEST("the state of the primary context, which is no leak") {
    OK(cuInit(0));
    auto isActive = [] {
        unsigned flags = 5;
        int active = -1;
        OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
        require(flags == 0, "flags that nobody has set");
        return active == 1;
    };
    require(!isActive(), "active before anybody retains it");
    {
        Device device;
        require(isActive(), "retained, and not active");
        require(liveReport().empty(), "a retained primary context counts: " + liveReport());
        void* second = nullptr;
        OK(cuCtxCreate_v2(&second, 0, 0));
        require(liveReport() == "1 context", "one of one's own does not count: " + liveReport());
        OK(cuCtxDestroy_v2(second));
    }
    require(!isActive(), "released, and active");
    unsigned flags = 0;
    int active = 0;
    EXPECT(INVALID_DEVICE, cuDevicePrimaryCtxGetState(1, &flags, &active));
}

TEST("shared memory of a multiprocessor goes by the capability") {
    OK(cuInit(0));
    struct Expected {
        const char* capability;
        int all, block;  // KiB
    };
    for (Expected e : {Expected{"7.5", 64, 64},
                       {"8.0", 164, 163},
                       {"8.6", 100, 99},
                       {"8.9", 100, 99},
                       {"9.0", 228, 227},
                       {"10.0", 228, 227},
                       {"12.0", 100, 99}}) {
        set(std::string("capability=") + e.capability);
        int all = 0, block = 0;
        OK(cuDeviceGetAttribute(&all, 81, 0));
        OK(cuDeviceGetAttribute(&block, 97, 0));
        require(all == e.all << 10 && block == e.block << 10, std::string(e.capability) + ": " + std::to_string(all));
    }
}
