// What the machine has and how it behaves: the settings of ELBO_HOST_CUDA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace host_cuda {

// What runs when an entry of a module is launched.
enum class Kernels {
    source,  // what g++ made of the .cu files
    ptx,     // the text that was loaded
    both,    // one after the other, and they must leave the same bytes
};

// When the text of a module is compiled.
enum class Loading {
    eager,  // when it is loaded
    lazy,   // at the first use of one of its functions
};

struct Configuration {
    int devices = 1;
    int major = 9, minor = 0;
    size_t memory = size_t(8) << 30;
    int driver = 13000;
    Kernels kernels = Kernels::ptx;
    bool plain = false;           // kernels without a look at each access
    int compiler = 0;             // the error that it answers
    int compileMilliseconds = 0;  // how long it takes for a text
    Loading loading = Loading::eager;
    int registers = 32;  // that it gives each thread, if nothing bounds them
    bool float32Sums = false;
    uint64_t sumsSeed = 0;  // of the order of float32 sums
    int productNodes = 1;
    bool truncatedTf32 = false;
    std::string problem;  // with the environment's settings; empty: none

    int capability() const { return 10 * major + minor; }
};

// Applies settings such as "devices=0,capability=7.0", all or none of them. Returns what is wrong with them, or "".
std::string applySettings(const std::string& text, Configuration& configuration);

// Of ELBO_HOST_CUDA. What is wrong with them becomes the configuration's problem.
void readEnvironment();

}  // namespace host_cuda
