// The smallest harness that prints what it checked: cases that throw have failed.
#pragma once

#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../device.h"

struct Case {
    Case(const char* name, std::function<void()> body);
    std::string name;
    std::function<void()> body;
};

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define TEST(name)                                       \
    static void JOIN(test, __LINE__)();                  \
    static Case JOIN(case, __LINE__)(name, JOIN(test, __LINE__)); \
    static void JOIN(test, __LINE__)()

inline void require(bool holds, const std::string& otherwise) {
    if (!holds) {
        throw std::runtime_error(otherwise);
    }
}

// Device memory of T, freed at the end of its block.
template <class T>
class Array {
public:
    explicit Array(size_t n) : n(n), pointer(static_cast<T*>(host_cuda::allocate(n * sizeof(T)))) {}
    explicit Array(const std::vector<T>& values) : Array(values.size()) { set(values); }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    ~Array() { host_cuda::release(pointer); }

    T* at(size_t i = 0) const { return pointer + i; }
    size_t size() const { return n; }
    void set(const std::vector<T>& values) { host_cuda::toDevice(pointer, values.data(), values.size() * sizeof(T)); }
    std::vector<T> get() const {
        std::vector<T> values(n);
        host_cuda::toHost(values.data(), pointer, n * sizeof(T));
        return values;
    }

private:
    size_t n;
    T* pointer;
};

// The kernels that `run` has launched.
std::set<std::string>& launched();

// Launches with the arguments as the entry declares them; their sizes are checked.
template <class... Arguments>
void run(const char* name, host_cuda::Dim grid, host_cuda::Dim block, uint64_t seed, Arguments... arguments) {
    const host_cuda::Kernel& kernel = host_cuda::kernel(name);
    require(kernel.parameterSizes == std::vector<size_t>{sizeof(Arguments)...}, std::string(name) + ": other parameters");
    launched().insert(name);
    void* pointers[] = {&arguments...};
    host_cuda::launch(kernel, grid, block, pointers, seed);
}
