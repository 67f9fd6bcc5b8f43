// Where the Java heap lies, and which calls are handed addresses in it.
#include <fstream>
#include <sstream>

#include "control.h"
#include "state.h"

namespace host_cuda {
namespace {

struct Mapping {
    uintptr_t begin = 0, end = 0;
    std::string path;  // "": anonymous
};

std::vector<Mapping> mappings() {
    std::vector<Mapping> all;
    std::ifstream file("/proc/self/maps");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string permissions, offset, device, inode;
        Mapping mapping;
        char dash = 0;
        words >> std::hex >> mapping.begin >> dash >> mapping.end >> permissions >> offset >> device >> inode >> std::ws;
        std::getline(words, mapping.path);
        all.push_back(mapping);
    }
    return all;
}

}  // namespace

Range mappedAround(const void* address) {
    auto at = reinterpret_cast<uintptr_t>(address);
    Mapping run;
    for (const Mapping& mapping : mappings()) {
        if (run.end == mapping.begin && run.path == mapping.path) {
            run.end = mapping.end;
        } else if (at >= run.begin && at < run.end) {
            break;
        } else {
            run = mapping;
        }
    }
    bool found = at >= run.begin && at < run.end;
    return found ? Range{reinterpret_cast<const char*>(run.begin), run.end - run.begin} : Range{};
}

void fromHost(const char* function, const char* what, const void* address) {
    std::lock_guard<std::recursive_mutex> guard(state().lock);
    if (state().javaHeap.overlaps({static_cast<const char*>(address), 1})) {
        state().heapCalls.insert(plainName(function) + ": " + what + " points into the Java heap");
    }
}

void noteHost(const char* what, const void* address) { fromHost(state().function.c_str(), what, address); }

std::string heapReport() {
    std::string report;
    for (const std::string& noted : state().heapCalls) {
        report += (report.empty() ? "" : ", ") + noted;
    }
    return report;
}

}  // namespace host_cuda
