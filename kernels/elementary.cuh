// Elementary functions in float32 from add, multiply, fma and divide as IEEE 754 rounds them, so that a kernel gives the
// same bits on every device and when compiled for the host, which no mathematical library promises. Float32 since float64
// is 32 to 64 times slower on most devices. NaN stays NaN. Errors in units of u = 2^-24 of the value.
#pragma once

#include "elbo.cuh"

// the bounds of dev.elbo.backend.LogVariance
constexpr float LOG_VAR_MIN = -30.0f;
constexpr float LOG_VAR_MAX = 20.0f;
constexpr double LOG_2_PI = 1.8378770664093453;

constexpr float LOG2_E = 1.44269504f;
// ln 2 in two parts; products of the first with whole numbers below 2^9 are exact
constexpr float LN_2_HIGH = 0.693145752f;
constexpr float LN_2_LOW = 1.42860677e-6f;
// 1.5 · 2^23: adding it rounds to a whole number, which is then in the low bits
constexpr float ROUND = 12582912.0f;
constexpr int ROUND_BITS = 0x4B400000;

DEVICE float clampLogVar(float logVar) {
    return logVar < LOG_VAR_MIN ? LOG_VAR_MIN : logVar > LOG_VAR_MAX ? LOG_VAR_MAX : logVar;
}

DEVICE bool isInside(float logVar) {
    return !(logVar < LOG_VAR_MIN || logVar > LOG_VAR_MAX);
}

DEVICE float power2(int exponent) {
    return __int_as_float((int)((unsigned)(exponent + 127) << 23));
}

// exp(r) − 1 for |r| ≤ ½ ln 2 and its rounding: the series up to r⁷.
DEVICE float expm1Reduced(float r) {
    float p = 1.0f / 5040;
    p = __fmaf_rn(p, r, 1.0f / 720);
    p = __fmaf_rn(p, r, 1.0f / 120);
    p = __fmaf_rn(p, r, 1.0f / 24);
    p = __fmaf_rn(p, r, 1.0f / 6);
    p = __fmaf_rn(p, r, 0.5f);
    return __fmaf_rn(r * r, p, r);
}

// x = exponent · ln 2 + r; returns r.
DEVICE float reduce(float x, int* exponent) {
    float rounded = __fmaf_rn(x, LOG2_E, ROUND);
    // unsigned, since the bits of a NaN are any number
    *exponent = (int)((unsigned)__float_as_int(rounded) - (unsigned)ROUND_BITS);
    float n = rounded - ROUND;
    return __fmaf_rn(n, -LN_2_LOW, __fmaf_rn(n, -LN_2_HIGH, x));
}

// exp(x) for any x, below 2u; scaled in two steps, since 2^exponent alone may be no float.
DEVICE float exponential(float x) {
    // beyond these it is 0 and infinity
    float bounded = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;
    int exponent;
    float p = expm1Reduced(reduce(bounded, &exponent));
    int half = exponent >> 1;
    float scale = power2(half);
    return __fmaf_rn(p, scale, scale) * power2((int)((unsigned)exponent - (unsigned)half));
}

// exp(x) − 1 for x ≤ 80, below 3u.
DEVICE float exponentialMinus1(float x) {
    // −1 long before this
    float bounded = x < -30.0f ? -30.0f : x;
    int exponent;
    float p = expm1Reduced(reduce(bounded, &exponent));
    float scale = power2(exponent);
    return __fmaf_rn(p, scale, scale - 1.0f);
}

// 2 artanh(half / 2) for |half| ≤ ⅔ by its series up to the 13th power.
DEVICE float twiceArtanh(float half) {
    float q = 0.25f * (half * half);
    float p = 1.0f / 13;
    p = __fmaf_rn(p, q, 1.0f / 11);
    p = __fmaf_rn(p, q, 1.0f / 9);
    p = __fmaf_rn(p, q, 1.0f / 7);
    p = __fmaf_rn(p, q, 1.0f / 5);
    p = __fmaf_rn(p, q, 1.0f / 3);
    return __fmaf_rn(half * q, p, half);
}

// ln(1 + e) for e in [0, 1], below 4u.
DEVICE float logarithm1Plus(float e) {
    return twiceArtanh(2.0f * e / (2.0f + e));
}

// ln x for normal x > 0 and infinity, below 3u of it and 1u.
DEVICE float logarithm(float x) {
    constexpr int TWO_THIRDS = 0x3F2AAAAB;
    if (!(x <= 3.40282347e38f)) {
        return x;
    }
    int bits = __float_as_int(x);
    int exponent = (bits - TWO_THIRDS) >> 23;
    float f = __int_as_float((int)((unsigned)bits - ((unsigned)exponent << 23))) - 1.0f;
    float n = (float)exponent;
    return __fmaf_rn(n, LN_2_HIGH, __fmaf_rn(n, LN_2_LOW, twiceArtanh(2.0f * f / (2.0f + f))));
}

// 1 / (1 + exp(−x)) where e = exp(−|x|).
DEVICE float sigmoidOf(float x, float e) {
    return (x >= 0.0f ? 1.0f : e) / (1.0f + e);
}
