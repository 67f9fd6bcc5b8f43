// A double of the driver for the tests of cuBLAS: streams that run when told to, over the device's memory.
#pragma once

#include <map>
#include <string>

#include "../driver/queue.h"

namespace queue_double {

// Back to no work, no faults, a current context, nothing captured, and the settings of a machine that has none.
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
extern host_cuda::ProductSettings settings;
// The factors that products have read on the host.
extern std::vector<std::string> hostReads;

}  // namespace queue_double
