// How a library of device functions, such as a cuBLAS stand-in, plugs into the driver stand-in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace host_cuda {

// Queues work of a library on a stream; it runs when the stream runs, and becomes a node of the graph while the stream
// captures. Returns a CUresult. `work` may throw a Fault. `name` is counted like a kernel's.
int enqueue(void* stream, const char* name, std::function<void()> work);

// The same of work in several steps, each of which is a node of its own, and waits for the one before. All of them are
// counted as one.
int enqueueSteps(void* stream, const char* name, const std::vector<std::function<void()>>& steps);

// Whether a stream captures. Returns a CUresult. It is no call of the program, so it is not counted.
int isCapturing(void* stream, bool& is);

// Whether the calling thread has a usable current context: a CUresult.
int currentContext();

// Counts a library's own call, and makes its N-th one fail: returns the error to fail with, or 0. An error below 0 is a
// status of the library, with its sign changed.
int entered(const char* function);

// What work does to device memory, checked and noted. Both throw a Fault: out of bounds, freed, not the device's, and
// `reads` for what nobody wrote.
void wrote(void* to, size_t bytes);
void reads(const void* from, size_t bytes);

// Notes a call that takes long, or waits, if it was handed an address of the Java heap: JCuda then holds back the collector.
void fromHost(const char* function, const char* what, const void* address);

// Errors that a context does not survive: every later call answers them too.
inline bool isSticky(int error) {
    for (int sticky : {214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 911}) {
        if (error == sticky) {
            return true;
        }
    }
    return false;
}

// The settings that are meant for products.
struct ProductSettings {
    int capability = 90;
    bool float32Sums = false;
    uint64_t sumsSeed = 0;
    int nodes = 1;
    bool truncatedTf32 = false;
};
ProductSettings productSettings();

}  // namespace host_cuda
