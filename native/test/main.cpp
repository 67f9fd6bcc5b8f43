#include <cstdio>
#include <cstring>

#include "numerics.h"
#include "shipped.h"

namespace {

std::vector<Case*>& cases() {
    static std::vector<Case*> all;
    return all;
}

}  // namespace

Case::Case(const char* name, std::function<void()> body) : name(name), body(body) { cases().push_back(this); }

std::set<std::string>& launched() {
    static std::set<std::string> names;
    return names;
}

// runner [--ptx FOLDER ...] [CASE]: the PTX of a folder runs in place of the sources, and in place of that of folders before it,
// and must be reached; with a case, only those whose name holds it.
int main(int count, char** arguments) {
    int at = 1;
    for (; at + 1 < count && strcmp(arguments[at], "--ptx") == 0; at += 2) {
        loadShipped(arguments[at + 1]);
    }
    bool ptx = at > 1;
    const char* only = at < count ? arguments[at] : nullptr;
    int failed = 0;
    int ran = 0;
    for (Case* c : cases()) {
        if (only != nullptr && c->name.find(only) == std::string::npos) {
            continue;
        }
        ran++;
        try {
            c->body();
            require(host_cuda::liveAllocations() == 0, "memory is left");
            printf("ok      %s\n%s", c->name.c_str(), usedBounds().c_str());
        } catch (const std::exception& e) {
            failed++;
            printf("FAILED  %s: %s\n", c->name.c_str(), e.what());
        }
        fflush(stdout);
    }
    for (const host_cuda::Kernel& kernel : host_cuda::kernels()) {
        if (only == nullptr && launched().count(kernel.name) == 0) {
            failed++;
            printf("FAILED  no case launches %s\n", kernel.name.c_str());
        }
    }
    if (ptx) {
        failed += reportReached(only == nullptr);
    }
    printf("%d cases, %zu kernels, %d failed\n", ran, launched().size(), failed);
    return failed == 0 && ran > 0 ? 0 : 1;
}
