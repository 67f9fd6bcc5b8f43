// A launch that waits its turn.
#pragma once

#include <string>
#include <vector>

#include "../device.h"

namespace host_cuda {

struct Launch {
    std::string name;
    const ptx::Code* code;  // null: the sources run
    Dim grid, block;
    std::vector<std::vector<char>> arguments;

    void operator()() const;
};

}  // namespace host_cuda
