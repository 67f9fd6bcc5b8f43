// A stack that runs, stops in the middle, and goes on.
#pragma once

#include <cstddef>

namespace host_cuda {

class Fiber {
public:
    explicit Fiber(void (*body)(int), int argument);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    ~Fiber();

    void resume();  // from outside: runs until the fiber suspends
    void suspend(); // from inside
    void restart(); // from outside: forgets what it was in the middle of
    bool holds(const void* address) const;

private:
    static void enter();
    void arrivedInside();

    void (*body)(int);
    int argument;
    char* stack;
    bool started = false;
    void* inside[5];  // where it stopped, and below where it was resumed: frame, place and stack
    void* outside[5];
    // the stack that resumed; only ASan wants to know
    const void* callerStack = nullptr;
    size_t callerSize = 0;
};

}  // namespace host_cuda
