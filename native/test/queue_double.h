// A double of the driver for the tests of cuBLAS: streams that run when told to, over the device's memory.
#pragma once

#include <map>
#include <string>

#include "../driver/queue.h"

extern "C" int cuStreamIsCapturing(void* stream, int* status);

namespace queue_double {

// Back to no work, no faults, a current context, nothing captured.
void reset();
void run(void* stream);
size_t queued(void* stream);
void capture(void* stream, bool on);
// The graph that the last capture made.
void replay();

extern int contextResult;
extern int enqueueResult;
// What `entered` returns for a function; how often each was entered.
extern std::map<std::string, int> failing;
extern std::map<std::string, int> calls;

}  // namespace queue_double
