// Which devices the library knows. The Makefile compiles this a second time for an older one.
#include "cublas/handle.h"

#ifndef NEWEST
#define NEWEST 9999
#endif

namespace host_cuda {

const int NEWEST_CAPABILITY = NEWEST;

}  // namespace host_cuda
