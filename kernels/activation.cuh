// Activations of dev.elbo.model.Activation, by ordinal, and their derivatives as functions of the output.
#pragma once

#include "elementary.cuh"

constexpr int IDENTITY = 0;
constexpr int RELU = 1;
constexpr int LEAKY_RELU = 2;
constexpr int ELU = 3;
constexpr int TANH = 4;
constexpr int SIGMOID = 5;
constexpr int SOFTPLUS = 6;

constexpr float LEAK = 0.01f;

template <int ACTIVATION>
DEVICE float activated(float x) {
    if (ACTIVATION == RELU) {
        // fmaxf(x, 0) would turn NaN into 0
        return x > 0.0f ? x : x != x ? x : 0.0f;
    }
    if (ACTIVATION == LEAKY_RELU) {
        return x > 0.0f ? x : LEAK * x;
    }
    if (ACTIVATION == ELU) {
        return x > 0.0f ? x : exponentialMinus1(x);
    }
    if (ACTIVATION == TANH) {
        float m = exponentialMinus1(-2.0f * fabsf(x));
        float t = m / (m + 2.0f);
        return x > 0.0f ? -t : t;
    }
    if (ACTIVATION == SIGMOID) {
        return sigmoidOf(x, exponential(-fabsf(x)));
    }
    if (ACTIVATION == SOFTPLUS) {
        return (x > 0.0f ? x : 0.0f) + logarithm1Plus(exponential(-fabsf(x)));
    }
    return x;
}

template <int ACTIVATION>
DEVICE float derivative(float y) {
    if (ACTIVATION == RELU) {
        return y > 0.0f ? 1.0f : y != y ? y : 0.0f;
    }
    if (ACTIVATION == LEAKY_RELU) {
        return y > 0.0f ? 1.0f : y != y ? y : LEAK;
    }
    if (ACTIVATION == ELU) {
        return y > 0.0f ? 1.0f : y + 1.0f;
    }
    if (ACTIVATION == TANH) {
        return __fmaf_rn(-y, y, 1.0f);
    }
    if (ACTIVATION == SIGMOID) {
        return y * (1.0f - y);
    }
    if (ACTIVATION == SOFTPLUS) {
        return -exponentialMinus1(-y);
    }
    return 1.0f;
}
