#include "fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <new>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace host_cuda {
namespace {

constexpr size_t PAGE = 4096;
constexpr size_t STACK = 64 << 10;
// Stacks that all began at the same place of a page would share a few sets of the caches and push each other out of them.
constexpr size_t COLOUR = 320;
constexpr int COLOURS = 51;

Fiber* starting = nullptr;

// A function of its own, since one that stops with the compiler's setjmp must not jump.
[[noreturn]] __attribute__((noinline)) void goOn(void** place) { __builtin_longjmp(place, 1); }

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

// ucontext begins a fiber. The compiler's setjmp switches: swapcontext makes a system call each time, and with the library's
// setjmp, which saves and guards all registers, kernels with barriers took a third longer.
void Fiber::resume() {
    if (__builtin_setjmp(outside) == 0) {
        leave(stack, STACK);
        if (started) {
            goOn(inside);
        }
        started = true;
        ucontext_t fresh;
        getcontext(&fresh);
        fresh.uc_stack.ss_sp = stack;
        // the argument of each is another
        fresh.uc_stack.ss_size = STACK - argument % COLOURS * COLOUR;
        fresh.uc_link = nullptr;
        makecontext(&fresh, enter, 0);
        starting = this;
        setcontext(&fresh);
    }
    arrive(nullptr, nullptr);
}

void Fiber::suspend() {
    if (__builtin_setjmp(inside) == 0) {
        leave(callerStack, callerSize);
        goOn(outside);
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
