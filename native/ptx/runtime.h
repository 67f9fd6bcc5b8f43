// What a translation of PTX is compiled with, and all that it sees of the device: each instruction's arithmetic, and
// accesses through the windows of memory. The text of this file stands at the head of every translation.
#pragma once

#include <stdint.h>
#include <string.h>

namespace host_cuda::ptx {

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s8 = int8_t;
using s16 = int16_t;
using s32 = int32_t;
using s64 = int64_t;
using f32 = float;
using f64 = double;

enum Space : u32 { GENERIC, GLOBAL, SHARED, LOCAL };
constexpr u32 WRITE = 1;
constexpr u32 READ_ONLY = 2;  // ld.global.nc

// What can be wrong beside an access.
enum Problem : u32 { ZERO_DIVISOR, BEYOND_LOCAL, MISALIGNED_LOCAL, UNWRITTEN_LOCAL, TRAP };

// Where in the text an access stands, and how it reaches memory.
struct Site {
    u32 line;
    Space space;
    u32 flags;
    u32 bytes;
};

// The addresses that a site may use without asking, while it is that launch's: those of an allocation that it has met.
struct Range {
    u64 first;
    u64 count;
};

// Local memory of a thread.
struct Local {
    u8* bytes;
    u8* written;  // of each byte, whether it is
    u64 start;    // of the window
    u64 size;
};

// The device, as a kernel sees it.
struct Machine {
    u64 sharedWindow;  // what an address of shared memory lacks to be a generic one
    u64 localWindow;
    // Checks an access and says where its bytes lie; ends the launch if it may not be.
    void* (*reach)(u64 address, const Site& site, Range& range);
    void (*fail)(Problem problem, u32 line);
    void (*barrier)(u32 line, u32 threads);  // threads 0: all of the block
    // mode: 'u'p, 'd'own, 'b'utterfly, 'i'ndex; valid: whether another lane's value could be taken
    u32 (*shuffle)(char mode, u32 value, u32 operand, u32 clamp, u32 mask, bool& valid, u32 line);
    u32 (*ballot)(bool value, u32 mask, u32 line);
    void (*warpBarrier)(u32 mask, u32 line);
};

// What a thread knows of itself.
struct Thread {
    u32 tid[3], ntid[3], ctaid[3], nctaid[3];
    u32 laneid;
};

// What a translation gives of an entry.
struct Exports {
    void (*run)(Machine&, const u8* parameters, const Thread&);
    u8* marks;
    Range* ranges;
};

template <class To, class From>
inline To bitsOf(From from) {
    static_assert(sizeof(To) == sizeof(From), "the same size");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

template <class T>
struct Forms;
template <>
struct Forms<u16> { using Without = u16; using Wide = u32; };
template <>
struct Forms<s16> { using Without = u16; using Wide = s32; };
template <>
struct Forms<u32> { using Without = u32; using Wide = u64; };
template <>
struct Forms<s32> { using Without = u32; using Wide = s64; };
template <>
struct Forms<u64> { using Without = u64; using Wide = unsigned __int128; };
template <>
struct Forms<s64> { using Without = u64; using Wide = __int128; };
template <class T>
using Unsigned = typename Forms<T>::Without;
template <class T>
using Wide = typename Forms<T>::Wide;

// Integers wrap. u32 for 16 bits, which C++ would promote to a signed type.
template <class T>
using Modular = decltype(Unsigned<T>() + 0u);
template <class T>
inline T add(T a, T b) { return T(Modular<T>(a) + Modular<T>(b)); }
template <class T>
inline T sub(T a, T b) { return T(Modular<T>(a) - Modular<T>(b)); }
template <class T>
inline T mulLow(T a, T b) { return T(Modular<T>(a) * Modular<T>(b)); }
template <class T>
inline Wide<T> mulWide(T a, T b) { return Wide<T>(a) * Wide<T>(b); }
template <class T>
inline T mulHigh(T a, T b) { return T(mulWide(a, b) >> (8 * sizeof(T))); }
template <class T>
inline T negate(T a) { return sub(T(0), a); }
template <class T>
inline T absolute(T a) { return a < 0 ? negate(a) : a; }
template <class T>
inline T least(T a, T b) { return b < a ? b : a; }
template <class T>
inline T most(T a, T b) { return a < b ? b : a; }

// The quotient by 0 is any number, so it is a fault; the one that does not fit wraps.
template <class T>
inline T quotient(Machine& m, T a, T b, u32 line) {
    if (b == 0) {
        m.fail(ZERO_DIVISOR, line);
    }
    return T(-1) < T(0) && b == T(-1) ? negate(a) : T(a / b);
}
template <class T>
inline T remainder(Machine& m, T a, T b, u32 line) {
    if (b == 0) {
        m.fail(ZERO_DIVISOR, line);
    }
    return T(-1) < T(0) && b == T(-1) ? T(0) : T(a % b);
}

// By more than there are bits, everything has gone.
template <class T>
inline T shiftLeft(T a, u32 by) { return by >= 8 * sizeof(T) ? T(0) : T(Modular<T>(a) << by); }
template <class T>
inline T shiftRight(T a, u32 by) { return by >= 8 * sizeof(T) ? T(a < 0 ? -1 : 0) : T(a >> by); }

inline f32 fma(f32 a, f32 b, f32 c) { return __builtin_fmaf(a, b, c); }
inline f64 fma(f64 a, f64 b, f64 c) { return __builtin_fma(a, b, c); }
inline f32 root(f32 a) { return __builtin_sqrtf(a); }
inline f64 root(f64 a) { return __builtin_sqrt(a); }
inline f32 signless(f32 a) { return bitsOf<f32>(bitsOf<u32>(a) & 0x7fffffffu); }
inline f64 signless(f64 a) { return bitsOf<f64>(bitsOf<u64>(a) & 0x7fffffffffffffffull); }
inline f32 otherSign(f32 a) { return bitsOf<f32>(bitsOf<u32>(a) ^ 0x80000000u); }
inline f64 otherSign(f64 a) { return bitsOf<f64>(bitsOf<u64>(a) ^ 0x8000000000000000ull); }
template <class T>
inline bool isNan(T a) { return a != a; }
// A NaN loses against a number, and -0 against 0.
template <class T>
inline T leastReal(T a, T b) {
    return isNan(a) ? b : isNan(b) ? a : a == b ? (__builtin_signbit(a) ? a : b) : a < b ? a : b;
}
template <class T>
inline T mostReal(T a, T b) {
    return isNan(a) ? b : isNan(b) ? a : a == b ? (__builtin_signbit(a) ? b : a) : a < b ? b : a;
}

// From a real that is whole to an integer: what does not fit becomes the nearest that does, a NaN 0.
template <class To, class From>
inline To saturated(From a) {
    constexpr bool isSigned = To(-1) < To(0);
    constexpr To largest = To(isSigned ? ~To(0) ^ (To(1) << (8 * sizeof(To) - 1)) : ~To(0));
    constexpr To smallest = To(isSigned ? ~largest : To(0));
    // the first power of two that is too much is a real; the largest integer may not be
    From beyond = From(largest / 2 + 1) * 2;
    return isNan(a) ? To(0) : a >= beyond ? largest : a < From(smallest) ? smallest : To(a);
}

// Where the bytes of an access lie.
template <class T>
inline T* reach(Machine& m, u64 address, const Site& site, Range& range) {
    if (address - range.first < range.count && address % site.bytes == 0) {
        return reinterpret_cast<T*>(address);
    }
    return static_cast<T*>(m.reach(address, site, range));
}

template <class T>
inline T* reachShared(Machine& m, u64 address, const Site& site, Range& range) {
    if (address - range.first < range.count && address % site.bytes == 0) {
        return reinterpret_cast<T*>(address + m.sharedWindow);
    }
    return static_cast<T*>(m.reach(address, site, range));
}

template <class T>
inline T* reachLocal(Machine& m, Local& local, u64 address, const Site& site) {
    u64 at = address - local.start;
    if (at >= local.size || local.size - at < site.bytes) {
        m.fail(BEYOND_LOCAL, site.line);
    }
    if (at % site.bytes != 0) {
        m.fail(MISALIGNED_LOCAL, site.line);
    }
    for (u32 i = 0; i < site.bytes; i++) {
        if (site.flags & WRITE) {
            local.written[at + i] = 1;
        } else if (!local.written[at + i]) {
            m.fail(UNWRITTEN_LOCAL, site.line);
        }
    }
    return reinterpret_cast<T*>(local.bytes + at);
}

// A generic address, where there is local memory that it may mean.
template <class T>
inline T* reachAny(Machine& m, Local& local, u64 address, const Site& site, Range& range) {
    u64 at = address - m.localWindow;
    return at - local.start < local.size ? reachLocal<T>(m, local, at, site) : reach<T>(m, address, site, range);
}

}  // namespace host_cuda::ptx
