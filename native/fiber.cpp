#include "fiber.h"

#include <sys/mman.h>

#include <new>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace host_cuda {
namespace {

constexpr size_t PAGE = 4096;
constexpr size_t STACK = 64 << 10;

Fiber* starting = nullptr;

// ASan must know which stack it is on.
void leave([[maybe_unused]] const void* nextStack, [[maybe_unused]] size_t nextSize) {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(nullptr, nextStack, nextSize);
#endif
}

void arrive([[maybe_unused]] const void** lastStack, [[maybe_unused]] size_t* lastSize) {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(nullptr, lastStack, lastSize);
#endif
}

}  // namespace

Fiber::Fiber(void (*body)(int), int argument) : body(body), argument(argument) {
    void* at = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        throw std::bad_alloc();
    }
    stack = static_cast<char*>(at);
    mprotect(stack, PAGE, PROT_NONE);
}

Fiber::~Fiber() { munmap(stack, STACK); }

void Fiber::enter() {
    Fiber* self = starting;
    self->arrivedInside();
    self->body(self->argument);
}

void Fiber::arrivedInside() { arrive(&callerStack, &callerSize); }

// ucontext begins a fiber; setjmp switches, since swapcontext makes a system call each time
void Fiber::resume() {
    if (_setjmp(outside) == 0) {
        leave(stack, STACK);
        if (started) {
            _longjmp(inside, 1);
        }
        started = true;
        getcontext(&fresh);
        fresh.uc_stack.ss_sp = stack;
        fresh.uc_stack.ss_size = STACK;
        fresh.uc_link = nullptr;
        makecontext(&fresh, enter, 0);
        starting = this;
        setcontext(&fresh);
    }
    arrive(nullptr, nullptr);
}

void Fiber::suspend() {
    if (_setjmp(inside) == 0) {
        leave(callerStack, callerSize);
        _longjmp(outside, 1);
    }
    arrivedInside();
}

void Fiber::restart() {
    started = false;
#ifdef __SANITIZE_ADDRESS__
    // the frames that are abandoned have marked their surroundings
    ASAN_UNPOISON_MEMORY_REGION(stack + PAGE, STACK - PAGE);
#endif
}

bool Fiber::holds(const void* address) const {
    const char* at = static_cast<const char*>(address);
    return at >= stack && at < stack + STACK;
}

}  // namespace host_cuda
