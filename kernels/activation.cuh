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

template <int ACTIVATION>
DEVICE Quad activated(Quad q) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        q.v[i] = activated<ACTIVATION>(q.v[i]);
    }
    return q;
}

DEVICE Quad activated(const Quad& q, int activation) {
    switch (activation) {
        case RELU:
            return activated<RELU>(q);
        case LEAKY_RELU:
            return activated<LEAKY_RELU>(q);
        case ELU:
            return activated<ELU>(q);
        case TANH:
            return activated<TANH>(q);
        case SIGMOID:
            return activated<SIGMOID>(q);
        case SOFTPLUS:
            return activated<SOFTPLUS>(q);
        default:
            return q;
    }
}

template <int ACTIVATION>
DEVICE Quad multiplied(Quad d, const Quad& y) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        d.v[i] = d.v[i] * derivative<ACTIVATION>(y.v[i]);
    }
    return d;
}

// Chosen for each quad: all choices share one tile of shared memory. IDENTITY is the caller's to leave out.
DEVICE Quad multiplied(const Quad& d, const Quad& y, int activation) {
    switch (activation) {
        case RELU:
            return multiplied<RELU>(d, y);
        case LEAKY_RELU:
            return multiplied<LEAKY_RELU>(d, y);
        case ELU:
            return multiplied<ELU>(d, y);
        case TANH:
            return multiplied<TANH>(d, y);
        case SIGMOID:
            return multiplied<SIGMOID>(d, y);
        default:
            return multiplied<SOFTPLUS>(d, y);
    }
}
