// What a driver reads in a module's PTX before it compiles it.
#pragma once

#include <string>
#include <vector>

#include "state.h"

namespace host_cuda {

struct Ptx {
    int version = 0;  // 63 is 6.3
    int target = 0;   // 75 is sm_75
    std::vector<PtxEntry> entries;
    std::string problem;  // empty: none
};

Ptx parsePtx(const std::string& text);

// The newest PTX version that a driver of this version reads.
int newestPtx(int driver);

}  // namespace host_cuda
