// How a library of device functions, such as a cuBLAS stand-in, plugs into the driver stand-in.
#pragma once

#include <cstddef>
#include <functional>

namespace host_cuda {

// Queues work of a library on a stream; it runs when the stream runs, and becomes a node of the graph while the stream
// captures. Returns a CUresult. `work` may throw a Fault. `name` is counted like a kernel's.
int enqueue(void* stream, const char* name, std::function<void()> work);

// Whether the calling thread has a usable current context: a CUresult.
int currentContext();

// Counts a library's own call, and makes its N-th one fail: returns the error to fail with, or 0.
int entered(const char* function);

// What work does to device memory, checked and noted. Both throw a Fault: out of bounds, freed, not the device's, and
// `reads` for what nobody wrote.
void wrote(void* to, size_t bytes);
void reads(const void* from, size_t bytes);

}  // namespace host_cuda
