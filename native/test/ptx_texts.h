// Texts of PTX for the cases of the translator.
#pragma once

#include "driver_test.h"

namespace driver_test {

// A module whose text is this.
struct LoadedText {
    explicit LoadedText(const std::string& text);
    ~LoadedText() { cuModuleUnload(module); }

    // Launches an entry of (in, out, n), and waits; returns the error.
    int run(const std::string& entry, CUdeviceptr in, CUdeviceptr out, int n, unsigned threads = 1,
            unsigned blocks = 1) const;

    void* module = nullptr;
};

// An entry `name` of (.u64 in, .u64 out, .u32 n), with registers %p %rs %r %f %rd %fd, sh (64 bytes of shared memory), sh2
// (behind it) and lo (16 of local). %rd1 and %rd2 are the arguments, %r1 is n, %r2 the thread.
std::string entryOf(const std::string& name, const std::string& body);
std::string moduleOf(const std::string& entries);

// Text of the error that loading it gives; empty: none. error: which it must be.
std::string refusal(const std::string& text, int error = host_cuda::INVALID_PTX);

}  // namespace driver_test
