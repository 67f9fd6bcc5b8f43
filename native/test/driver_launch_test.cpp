// Launches: arguments as one buffer, registers and shared memory.
#include <map>

#include "ptx_texts.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

void* const POINTER = reinterpret_cast<void*>(LAUNCH_PARAM_BUFFER_POINTER);
void* const SIZE = reinterpret_cast<void*>(LAUNCH_PARAM_BUFFER_SIZE);

void* functionOf(void* module, const char* name) {
    void* function = nullptr;
    OK(cuModuleGetFunction(&function, module, name));
    return function;
}

// Parameters that lie at 0, 4 (two bytes from 1), 8, 16 and 32, and end at 37; the entry stores what it has got.
std::string mixedText() {
    return ".version 6.3\n.target sm_75\n.address_size 64\n.visible .entry mixed(.param .u8 a, .param .u32 b, .param .u64 "
           "out, "
           ".param .align 16 .b8 c[16], .param .align 4 .b8 d[5])\n"
           "{ .reg .b32 %r<9>; .reg .b64 %rd<4>; ld.param.u8 %r1, [a]; ld.param.u32 %r2, [b]; ld.param.u64 %rd1, [out];\n"
           "ld.param.u32 %r3, [c+12]; ld.param.u8 %r4, [d+4];\n"
           "st.global.u32 [%rd1], %r1; st.global.u32 [%rd1+4], %r2; st.global.u32 [%rd1+8], %r3; st.global.u32 [%rd1+12], "
           "%r4;\n"
           "ret; }\n";
}

int launch(void* function, void** arguments, void** extra) {
    return cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, extra);
}

int launchBlock(void* function, unsigned threads, unsigned shared) {
    int n = 0;
    CUdeviceptr none = 0;
    void* arguments[] = {&none, &none, &n};
    return cuLaunchKernel(function, 1, 1, 1, threads, 1, 1, shared, nullptr, arguments, nullptr);
}

int attribute(void* function, int which) {
    int value = -1;
    OK(cuFuncGetAttribute(&value, which, function));
    return value;
}

// An entry that does nothing, with a directive and so much shared memory.
std::string entryWith(const std::string& directives, int shared) {
    std::string use = shared == 0 ? "" : ".shared .align 4 .b8 own[" + std::to_string(shared) + "]; mov.u32 %r1, own;";
    return moduleOf(".visible .entry probe(.param .u64 a, .param .u64 b, .param .u32 c)\n" + directives +
                    "\n{ .reg .b32 %r<3>; " + use + " ret; }\n");
}

}  // namespace

TEST("arguments of a launch are handed over as one buffer, each at its own alignment") {
    Device device;
    LoadedText module(mixedText());
    void* mixed = functionOf(module.module, "mixed");
    Floats out(4, 0);
    alignas(16) char buffer[64] = {};
    int b = 2, c = 3;
    buffer[0] = 1;
    memcpy(buffer + 4, &b, 4);
    memcpy(buffer + 8, &out.at, 8);
    memcpy(buffer + 28, &c, 4);
    buffer[36] = 4;
    size_t size = 37;
    void* forward[] = {POINTER, buffer, SIZE, &size, nullptr};
    void* backward[] = {SIZE, &size, POINTER, buffer, nullptr};
    for (void** extra : {forward, backward}) {
        out.set(0);
        OK(launch(mixed, nullptr, extra));
        std::vector<int> got(4);
        OK(cuMemcpyDtoH_v2(got.data(), out.at, 16));
        require(got == std::vector<int>({1, 2, 3, 4}), "other arguments");
    }
    void* pointers[] = {buffer, &b, &out.at, buffer + 16, buffer + 32};
    OK(launch(mixed, pointers, nullptr));
    OK(cuCtxSynchronize());
}

TEST("a buffer of arguments of another form is refused") {
    Device device;
    LoadedText module(mixedText());
    void* mixed = functionOf(module.module, "mixed");
    alignas(16) char buffer[64] = {};
    size_t size = 37, shorter = 36, longer = 40;
    void* unknown = reinterpret_cast<void*>(3);
    std::map<std::string, std::vector<void*>> all = {
        {"a buffer of 36 bytes", {POINTER, buffer, SIZE, &shorter, nullptr}},
        {"a buffer of 40 bytes", {POINTER, buffer, SIZE, &longer, nullptr}},
        {"extra has no size", {POINTER, buffer, nullptr}},
        {"extra has no buffer", {SIZE, &size, nullptr}},
        {"extra has no", {nullptr}},
        {"no buffer", {POINTER, nullptr, SIZE, &size, nullptr}},
        {"no size", {POINTER, buffer, SIZE, nullptr, nullptr}},
        {"an unknown 3", {POINTER, buffer, SIZE, &size, unknown, buffer, nullptr}},
        {"twice 1", {POINTER, buffer, POINTER, buffer, SIZE, &size, nullptr}},
        {"twice 2", {SIZE, &size, SIZE, &size, POINTER, buffer, nullptr}}};
    for (auto& [says, extra] : all) {
        EXPECT(INVALID_VALUE, launch(mixed, nullptr, extra.data()));
        require(holds(errorText(INVALID_VALUE), "mixed: ") && holds(errorText(INVALID_VALUE), says),
                says + errorText(INVALID_VALUE));
    }
    void* pointers[] = {buffer, buffer, buffer, buffer, buffer};
    void* right[] = {POINTER, buffer, SIZE, &size, nullptr};
    EXPECT(INVALID_VALUE, launch(mixed, pointers, right));
    require(holds(errorText(INVALID_VALUE), "both by kernelParams and by extra"), errorText(INVALID_VALUE));
    EXPECT(INVALID_VALUE, launch(mixed, nullptr, nullptr));
    require(launchesOf("mixed") == 0, "one of them was launched");
}

TEST("a block that takes more registers than there are is refused at the call") {
    struct Expected {
        int wanted;
        const char* directives;
        int registers, most;  // of a thread; threads of a block
    };
    for (Expected e : {Expected{32, "", 32, 1024},
                       {64, "", 64, 1024},
                       {65, "", 65, 896},
                       {128, "", 128, 512},
                       {255, "", 255, 256},
                       {255, ".maxntid 256, 1, 1", 255, 256},
                       {255, ".maxntid 512", 128, 512},
                       {255, ".maxntid 1024", 64, 1024},
                       {255, ".maxntid 96", 255, 96},
                       {255, ".maxntid 320", 200, 320},
                       {40, ".maxntid 1024", 40, 1024},
                       {255, ".maxnreg 40", 40, 1024},
                       {255, ".maxntid 256\n.minnctapersm 4", 64, 256}}) {
        Device device;
        set("registers=" + std::to_string(e.wanted));
        LoadedText module(entryWith(e.directives, 0));
        void* probe = functionOf(module.module, "probe");
        std::string what = std::to_string(e.wanted) + " registers, '" + e.directives + "': ";
        require(attribute(probe, 4) == e.registers, what + std::to_string(attribute(probe, 4)));
        require(attribute(probe, 0) == e.most, what + std::to_string(attribute(probe, 0)) + " threads");
        OK(launchBlock(probe, e.most, 0));
        bool bounded = std::string(e.directives).find(".maxntid") != std::string::npos;
        int error = e.most == 1024 || bounded ? INVALID_VALUE : LAUNCH_OUT_OF_RESOURCES;
        driver_test::expect(error, launchBlock(probe, e.most + 1, 0), what.c_str());
        require(error == INVALID_VALUE || holds(errorText(error), "registers, at most 65536"), errorText(error));
        OK(cuCtxSynchronize());
    }
}

TEST("static and dynamic shared memory of a block together stay within 48 KiB") {
    Device device;
    refusal(entryWith("", (48 << 10) + 1));
    require(holds(refusal(entryWith("", (48 << 10) + 1)), "at most 49152"), "more static shared memory than there is");
    LoadedText module(entryWith("", 40 << 10));
    void* probe = functionOf(module.module, "probe");
    require(attribute(probe, 1) == 40 << 10, "another size of static shared memory");
    OK(launchBlock(probe, 32, 8 << 10));
    EXPECT(LAUNCH_OUT_OF_RESOURCES, launchBlock(probe, 32, (8 << 10) + 1));
    require(holds(errorText(LAUNCH_OUT_OF_RESOURCES), "probe: 49153 bytes of shared memory, 8193 of them by the launch"),
            errorText(LAUNCH_OUT_OF_RESOURCES));
    EXPECT(INVALID_VALUE, launchBlock(probe, 32, (48 << 10) + 1));
    OK(cuCtxSynchronize());
}
