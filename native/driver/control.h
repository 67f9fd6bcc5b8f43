// What tests ask of the device and tell it. The caller holds the lock of the state.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "state.h"

namespace host_cuda {

// How many objects of each kind have not been given back.
std::vector<std::pair<std::string, long>> liveObjects();
std::string liveReport();  // "2 allocations, 1 stream", or ""

// At the n-th use from now on (1: the next) of `function` or, empty, of any. A status of cuBLAS is given with its sign
// changed, and for functions of cuBLAS only. Throws std::invalid_argument.
void failCall(const std::string& function, long n, int error, bool forGood);

// Changes settings, such as "compiler=221,loading=lazy"; the environment is not read any more. Throws std::invalid_argument.
void set(const std::string& settings);

void runChecked(bool accesses);

// The n-th wait of a stream for an event from now on (1: the next) does nothing.
void dropWait(long n);

// The mappings around an address that follow on each other, and are all of one file or of none.
Range mappedAround(const void* address);
// "cuMemcpyHtoD: the source points into the Java heap, ...", sorted, or "".
std::string heapReport();

// Empty: all.
long callsOf(const std::string& function);
long launchesOf(const std::string& kernel);

}  // namespace host_cuda
