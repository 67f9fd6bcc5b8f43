// What tests ask of the device and tell it. The caller holds the lock of the state.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace host_cuda {

// How many objects of each kind have not been given back.
std::vector<std::pair<std::string, long>> liveObjects();
std::string liveReport();  // "2 allocations, 1 stream", or ""

// From the n-th use on (1: the next), of `function` or, empty, of any.
void failCall(const std::string& function, long n, int error, bool forGood);

void runChecked(bool accesses);

// The n-th wait of a stream for an event from now on (1: the next) does nothing.
void dropWait(long n);

// Empty: all.
long callsOf(const std::string& function);
long launchesOf(const std::string& kernel);

}  // namespace host_cuda
