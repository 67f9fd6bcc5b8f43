// Activations and their derivatives in double, with their bounds.
#pragma once

#include "numerics.h"

// dev.elbo.model.Activation
enum Activation { IDENTITY, RELU, LEAKY_RELU, ELU, TANH, SIGMOID, SOFTPLUS };
constexpr int ACTIVATIONS = 7;
inline const char* const NAMES[] = {"identity", "relu", "leaky relu", "elu", "tanh", "sigmoid", "softplus"};

inline double activated(int activation, double x) {
    switch (activation) {
        case RELU:
            return x > 0 ? x : x != x ? x : 0;
        case LEAKY_RELU:
            return x > 0 ? x : double(0.01f) * x;
        case ELU:
            return x > 0 ? x : std::expm1(x);
        case TANH:
            return std::tanh(x);
        case SIGMOID:
            return 1 / (1 + std::exp(-x));
        case SOFTPLUS:
            return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x)));
        default:
            return x;
    }
}

// As a function of y = activation(x).
inline double derivative(int activation, double y) {
    switch (activation) {
        case RELU:
            return y > 0 ? 1 : y != y ? y : 0;
        case LEAKY_RELU:
            return y > 0 ? 1 : y != y ? y : double(0.01f);
        case ELU:
            return y > 0 ? 1 : y + 1;
        case TANH:
            return 1 - y * y;
        case SIGMOID:
            return y * (1 - y);
        case SOFTPLUS:
            return -std::expm1(-y);
        default:
            return 1;
    }
}

inline double activationBound(int activation, double y) {
    return activation == IDENTITY || activation == RELU ? 0 : std::max(8 * U * std::abs(y), 0x1p-126);
}

// Of d · derivative.
inline double derivativeBound(int activation, double d, double exact) {
    double size = activation == TANH ? std::abs(d) : std::abs(exact);
    return activation == IDENTITY || activation == RELU ? 0 : 8 * U * size;
}
