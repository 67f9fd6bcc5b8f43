#pragma once
#include <cstddef>
#include <functional>
namespace host_cuda {
// Queues work of a library on a stream; it runs when the stream runs, and becomes a node of the graph while the stream captures. Returns a CUresult.
int enqueue(void* stream, const char* name, std::function<void()> work);
int currentContext();                 // a CUresult
int entered(const char* function);    // N-th-call faults and counting: the error to fail with, or 0
void wrote(void* at, size_t bytes);         // marks as initialised, throws Fault if outside an allocation
void reads(const void* at, size_t bytes);   // throws Fault if outside, freed or uninitialised
}
