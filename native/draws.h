// Random choices of the device: which block, thread or node is next.
#pragma once

#include <cstddef>
#include <cstdint>

namespace host_cuda {

// SplitMix64 (Steele, Lea and Flood 2014). There is a draw for every time that a thread goes on, so it must cost next to
// nothing.
class Draws {
public:
    typedef uint64_t result_type;
    explicit Draws(uint64_t seed) : state(seed) {}
    static constexpr uint64_t min() { return 0; }
    static constexpr uint64_t max() { return UINT64_MAX; }
    uint64_t operator()() {
        uint64_t z = state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    // Of 0 to count - 1, evenly but for count parts of 2^32.
    uint32_t below(size_t count) { return static_cast<uint32_t>(((*this)() >> 32) * count >> 32); }

private:
    uint64_t state;
};

}  // namespace host_cuda
