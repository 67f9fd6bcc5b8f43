// How a kernel's entry becomes known to the device: a generated line per entry, see the Makefile. Compiled together with the
// kernels, so nothing of the standard library that the device also uses may be instantiated here: the linker keeps one
// copy of a template, and it would be the instrumented one.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace host_cuda {

void add(const char* name, const size_t* parameterSizes, const bool* pointers, size_t parameters,
         void (*call)(void*, void**), void* entry);

// not instrumented: the arguments are the host's
template <class... Parameters, size_t... I>
__attribute__((no_sanitize("thread"))) void spread(
    void (*entry)(Parameters...), void** arguments, std::index_sequence<I...>) {
    entry(*static_cast<std::decay_t<Parameters>*>(arguments[I])...);
}

template <class... Parameters>
__attribute__((no_sanitize("thread"))) void callEntry(void* entry, void** arguments) {
    spread(reinterpret_cast<void (*)(Parameters...)>(entry), arguments, std::index_sequence_for<Parameters...>());
}

struct Entry {
    template <class... Parameters>
    Entry(const char* name, void (*entry)(Parameters...)) {
        const size_t sizes[] = {sizeof(Parameters)..., 0};
        const bool pointers[] = {std::is_pointer<Parameters>::value..., false};
        add(name, sizes, pointers, sizeof...(Parameters), callEntry<Parameters...>, reinterpret_cast<void*>(entry));
    }
};

}  // namespace host_cuda
