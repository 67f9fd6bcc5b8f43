#include "launches.h"

#include <algorithm>
#include <cstring>

#include "../ptx/code.h"
#include "../shadow.h"
#include "state.h"

namespace host_cuda {
namespace {

[[noreturn]] void refuse(FaultKind kind, const std::string& kernel, const std::string& what) {
    throw Fault(kind, std::string(nameOf(kind)) + ": " + kernel + ": " + what);
}

// All that is known of the accesses of a plain kernel of the sources: it may have written wherever its arguments point.
void checkPointers(const Kernel& kernel, void** arguments) {
    for (size_t i = 0; i < kernel.pointers.size(); i++) {
        void* pointer = *static_cast<void**>(arguments[i]);
        if (!kernel.pointers[i] || pointer == nullptr) {
            continue;
        }
        Problem problem;
        if (!inArena(pointer)) {
            refuse(FaultKind::hostAccess, kernel.name, "argument " + std::to_string(i) + " is not a device pointer");
        }
        Allocation* allocation = find(pointer, 1, problem);
        if (allocation != nullptr) {
            allocation->untracked = true;
        } else if (problem.kind == FaultKind::useAfterFree) {
            refuse(problem.kind, kernel.name, "argument " + std::to_string(i) + ": " + problem.what);
        }
    }
}

// The bytes of an allocation.
struct Copy {
    Allocation* of;
    std::vector<char> bytes;
};

std::vector<Copy> copies(const std::vector<Allocation*>& all) {
    std::vector<Copy> copies;
    for (Allocation* a : all) {
        copies.push_back({a, std::vector<char>(a->base, a->base + a->bytes)});
    }
    return copies;
}

// Those that an argument may point into.
std::vector<Allocation*> reachable(const std::vector<std::vector<char>>& arguments) {
    std::vector<Allocation*> all;
    for (const std::vector<char>& argument : arguments) {
        void* pointer = nullptr;
        Problem problem;
        if (argument.size() == sizeof pointer) {
            memcpy(&pointer, argument.data(), sizeof pointer);
        }
        Allocation* found = inArena(pointer) ? find(pointer, 1, problem) : nullptr;
        if (found != nullptr && std::find(all.begin(), all.end(), found) == all.end()) {
            all.push_back(found);
        }
    }
    return all;
}

// Up to so many bytes, and zeros.
template <class T>
T wordAt(const char* bytes, size_t count) {
    T word{};
    memcpy(&word, bytes, std::min(count, sizeof word));
    return word;
}

template <class T>
bool isNan(const char* bytes, size_t count) {
    T value = wordAt<T>(bytes, count);
    return value != value;
}

std::string hex(uint32_t word) {
    char text[16];
    snprintf(text, sizeof text, "%08x", word);
    return text;
}

// What the sources have left against what the PTX has. Which NaN it is, of float32 or of float64, is not compared: neither
// of the two says, and a compiler may exchange the operands that it comes from.
void compare(const std::string& kernel, const std::vector<Copy>& sources) {
    for (const Copy& copy : sources) {
        const char* left = copy.bytes.data();
        const char* right = copy.of->base;
        size_t size = copy.bytes.size();
        for (size_t at = 0; at < size; at += 4) {
            size_t pair = at / 8 * 8;
            bool same = memcmp(left + at, right + at, std::min<size_t>(4, size - at)) == 0 ||
                        (isNan<float>(left + at, size - at) && isNan<float>(right + at, size - at)) ||
                        (isNan<double>(left + pair, size - pair) && isNan<double>(right + pair, size - pair));
            if (!same) {
                refuse(FaultKind::difference, kernel,
                       "the sources leave " + hex(wordAt<uint32_t>(left + at, size - at)) + " and the PTX " +
                           hex(wordAt<uint32_t>(right + at, size - at)) + " at offset " + std::to_string(at) +
                           " of an allocation of " + std::to_string(size) + " bytes");
            }
        }
    }
}

}  // namespace

void Launch::operator()() const {
    std::vector<void*> pointers;
    for (const std::vector<char>& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.data()));
    }
    State& s = state();
    auto run = [&](const Kernel& it) { launch(it, grid, block, pointers.data(), s.draws()); };
    if (code == nullptr) {
        const Kernel& compiled = kernel(name, s.configuration.plain);
        if (s.configuration.plain) {
            checkPointers(compiled, pointers.data());
        }
        run(compiled);
        return;
    }
    const Kernel& translated = s.configuration.plain ? *code->plain : *code->checked;
    if (s.configuration.kernels != Kernels::both) {
        run(translated);
        return;
    }
    std::vector<Copy> before = copies(reachable(arguments));
    run(kernel(name, true));
    std::vector<Allocation*> touched;
    for (const Copy& copy : before) {
        touched.push_back(copy.of);
    }
    std::vector<Copy> after = copies(touched);
    for (const Copy& copy : before) {
        memcpy(copy.of->base, copy.bytes.data(), copy.bytes.size());
    }
    run(translated);
    compare(name, after);
}

}  // namespace host_cuda
