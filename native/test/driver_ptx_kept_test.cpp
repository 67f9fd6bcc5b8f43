// Translations are kept under the SHA-256 of their text, and nothing else ever runs in their place.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../ptx/code.h"
#include "../sha256.h"
#include "ptx_texts.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

// Its entry stores a number.
std::string storing(int number) {
    return moduleOf(entryOf("probe", "mov.u32 %r3, " + std::to_string(number) + "; st.global.u32 [%rd2], %r3;"));
}

std::filesystem::path keptAs(const std::string& text) {
    std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "host-device" / "ptx";
    return folder / (sha256(text.data(), text.size()) + ".so");
}

ino_t inodeOf(const std::filesystem::path& path) {
    struct stat facts {};
    require(stat(path.c_str(), &facts) == 0, path.string() + " is not kept");
    return facts.st_ino;
}

// Loads the text as a process would that has not had it, and runs it.
int stored(const std::string& text) {
    ptx::forgetTranslations();
    LoadedText module(text);
    Floats out(1, 0);
    int error = module.run("probe", out.at, out.at, 1);
    require(error == 0, errorText(error));
    int number = 0;
    OK(cuMemcpyDtoH_v2(&number, out.at, 4));
    return number;
}

void replace(const std::filesystem::path& path, const std::string& bytes) {
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
}

struct Variable {
    explicit Variable(const char* value) { setenv("CXX", value, 1); }
    ~Variable() { unsetenv("CXX"); }
};

// The text with a sum of counters that `advance` has read replaced by their difference.
std::string withDifference(std::string text) {
    size_t at = 0;
    for (const char* next : {".entry advance(", "ld.global.u32", "add.s32"}) {
        at = text.find(next, at);
        require(at != std::string::npos, std::string("the text has no ") + next);
    }
    return text.replace(at, 3, "sub");
}

}  // namespace

TEST("PTX: a translation is kept and used again, and a changed text is another one") {
    Device device;
    std::string text = storing(41);
    require(stored(text) == 41, "another number");
    ino_t first = inodeOf(keptAs(text));
    {
        Variable noCompiler("/nowhere/g++");
        require(stored(text) == 41, "what is kept is not used");
        std::string refused = refusal(storing(std::rand()), JIT_COMPILER_NOT_FOUND);
        require(refused.find("/nowhere/g++, which does not start") != std::string::npos, refused);
    }
    require(inodeOf(keptAs(text)) == first, "it was made again");
    require(stored(storing(42)) == 42, "the changed text has not run");
}

TEST("PTX: what is kept in the name of another text, or is not whole, does not run") {
    Device device;
    std::string text = storing(51), other = storing(52);
    stored(text);
    stored(other);
    std::string whole = readFile(keptAs(text)), foreign = readFile(keptAs(other));
    std::string flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
    std::string otherSeal = whole.substr(0, whole.rfind("\nPTX ")) + foreign.substr(foreign.rfind("\nPTX "));
    for (const std::string& bad : {foreign, flipped, otherSeal, whole.substr(0, whole.size() - 1), whole.substr(0, 100),
                                   std::string("x"), std::string(), whole.substr(0, whole.rfind("\nPTX "))}) {
        replace(keptAs(text), bad);
        require(stored(text) == 51, "another text has run");
        require(readFile(keptAs(text)) == whole, "it was not made again");
    }
}

TEST("sources: they and the PTX must leave the same bytes") {
    std::string shipped = readFile(ptxFolder() + "/step.ptx");
    for (bool seeded : {false, true}) {
        for (bool checked : {false, true}) {
            Device device;
            state().configuration.kernels = Kernels::both;
            runChecked(checked);
            // a counter goes back where the sources go on
            LoadedText module(seeded ? withDifference(shipped) : shipped);
            void* function = nullptr;
            OK(cuModuleGetFunction(&function, module.module, "advance"));
            CUdeviceptr clock = 0;
            int counters[4] = {1, 2, 3, 4}, ones = 1;
            OK(cuMemAlloc_v2(&clock, sizeof counters));
            OK(cuMemcpyHtoD_v2(clock, counters, sizeof counters));
            void* arguments[] = {&clock, &clock, &ones, &ones, &ones, &ones, &ones};
            OK(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, arguments, nullptr));
            if (seeded) {
                EXPECT(ILLEGAL_ADDRESS, cuCtxSynchronize());
                std::string text = errorText(ILLEGAL_ADDRESS);
                require(text.find("difference: advance: the sources leave 00000002 and the PTX 00000000 at offset 0") !=
                            std::string::npos,
                        text);
                cuDevicePrimaryCtxReset_v2(0);
            } else {
                OK(cuMemcpyDtoH_v2(counters, clock, sizeof counters));
                require(counters[0] == 2 && counters[3] == 5, "other counters");
                OK(cuMemFree_v2(clock));
            }
        }
    }
}

TEST("PTX: a store of global memory to shared memory is found in what once shipped") {
    for (bool checked : {true, false}) {
        Device device;
        runChecked(checked);
        LoadedText module(readFile(seededFolder() + "/bottleneck-global-store-to-shared.ptx"));
        void* function = nullptr;
        OK(cuModuleGetFunction(&function, module.module, "bottleneck"));
        constexpr int WIDTH = 4;
        Floats h(WIDTH, 1), headWeight(2 * WIDTH * WIDTH, 1), headBias(2 * WIDTH, 0), heads(2 * WIDTH, 0), noise(WIDTH, 1),
            z(WIDTH, 0), kl(1, 0), weight(WIDTH * WIDTH, 1), bias(WIDTH, 0), y(WIDTH, 0);
        CUdeviceptr none = 0;
        long long stride = WIDTH, headStride = 2 * WIDTH, seed = 1;
        int one = 1, zero = 0, width = WIDTH;
        void* arguments[] = {&h.at,   &stride, &headWeight.at, &headBias.at, &heads.at, &headStride, &noise.at,
                             &stride, &seed,   &zero,          &zero,        &none,     &z.at,       &stride,
                             &kl.at,  &none,   &weight.at,     &bias.at,     &y.at,     &stride,     &one,
                             &width,  &width,  &width,         &zero};
        OK(cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, nullptr, arguments, nullptr));
        EXPECT(ILLEGAL_ADDRESS, cuCtxSynchronize());
        std::string text = errorText(ILLEGAL_ADDRESS);
        require(text.find("state space: bottleneck") != std::string::npos &&
                    text.find("(line 3171 of the PTX)") != std::string::npos,
                text);
        cuDevicePrimaryCtxReset_v2(0);
    }
}
