// Losses of counts and their gradients in float64: Stirling's remainders and deviances, of which none cancels another, in place of
// differences of lnΓ and of logarithms (Loader 2000). From add, multiply, fma and divide alone, for the reasons of elementary.cuh.
#pragma once

#include "elementary.cuh"

// dev.elbo.backend.ColumnOps
constexpr float MAX_LOG_MEAN = 30.0f;
// the bounds of dev.elbo.backend.LogDispersion
constexpr float MAX_LOG_DISPERSION = 20.0f;
constexpr double TWO_PI = 6.283185307179586;

// dev.elbo.cpu.Elementary.exp for |x| ≤ 30, below 1e-14 of it.
DEVICE double exponential64(double x) {
    constexpr double LOG2_E_64 = 1.4426950408889634;
    constexpr double LN_2 = 0.6931471805599453;
    // 1.5 · 2^52
    constexpr double ROUND_64 = 6755399441055744.0;
    double rounded = __fma_rn(x, LOG2_E_64, ROUND_64);
    double n = rounded - ROUND_64;
    double r = __fma_rn(n, -LN_2, x);
    double p = 1.0 / 39916800;
    p = __fma_rn(p, r, 1.0 / 3628800);
    p = __fma_rn(p, r, 1.0 / 362880);
    p = __fma_rn(p, r, 1.0 / 40320);
    p = __fma_rn(p, r, 1.0 / 5040);
    p = __fma_rn(p, r, 1.0 / 720);
    p = __fma_rn(p, r, 1.0 / 120);
    p = __fma_rn(p, r, 1.0 / 24);
    p = __fma_rn(p, r, 1.0 / 6);
    p = __fma_rn(p, r, 0.5);
    p = __fma_rn(p, r, 1.0);
    // of the bits of ROUND_64 none is left
    double scale = __longlong_as_double((long long)(((unsigned long long)__double_as_longlong(rounded) + 1023) << 52));
    return __fma_rn(scale, p * r, scale);
}

// dev.elbo.cpu.Elementary.log: ln x of normal x > 0, given x − 1 with all of its digits; NaN for any other x, but infinity.
DEVICE double logarithm64(double x, double less1) {
    constexpr double LN_2 = 0.6931471805599453;
    constexpr long long TWO_THIRDS = 0x3FE5555555555555;
    if (!(x > 0)) {
        return __longlong_as_double(0x7ff8000000000000);
    }
    long long bits = __double_as_longlong(x);
    int exponent = (int)((bits - TWO_THIRDS) >> 52);
    double fraction = __longlong_as_double((long long)((unsigned long long)bits - ((unsigned long long)exponent << 52)));
    double f = exponent == 0 ? less1 : fraction - 1;
    double s = f / (2 + f);
    double q = s * s;
    double p = 1.0 / 21;
    p = __fma_rn(p, q, 1.0 / 19);
    p = __fma_rn(p, q, 1.0 / 17);
    p = __fma_rn(p, q, 1.0 / 15);
    p = __fma_rn(p, q, 1.0 / 13);
    p = __fma_rn(p, q, 1.0 / 11);
    p = __fma_rn(p, q, 1.0 / 9);
    p = __fma_rn(p, q, 1.0 / 7);
    p = __fma_rn(p, q, 1.0 / 5);
    p = __fma_rn(p, q, 1.0 / 3);
    p = __fma_rn(p, q, 1.0);
    return __fma_rn((double)exponent, LN_2, 2 * s * p);
}

// less1 − ln x where x = 1 + less1, which is never negative.
DEVICE double excess(double x, double less1) {
    return less1 - logarithm64(x, less1);
}

// Stirling's remainder δ(a) = lnΓ(a) − ((a − ½) ln a − a + ½ ln 2π) of a > 0, and its slope δ′(a) = ψ(a) − ln a + 1 / (2a).
struct Stirling {
    double remainder;
    double slope;
};

// With u = 1 / a ≤ 1, δ = u P(u) and δ′ = −u² (u P)′(u). P is a polynomial that keeps the errors of P and (u P)′ below 8.4e-10, and
// with them those of δ and δ′; below 1, a is raised by 1.
DEVICE Stirling stirling(double a) {
    constexpr double P0 = 0.0833333341688246589;
    constexpr double P1 = -7.95092327047640333e-8;
    constexpr double P2 = -0.00277613273549901035;
    constexpr double P3 = -0.0000142643159247269507;
    constexpr double P4 = 0.000854207757991759276;
    constexpr double P5 = -0.000111961152008295975;
    constexpr double P6 = -0.000651869816905055947;
    constexpr double P7 = 0.000676709606238701548;
    constexpr double P8 = -0.000302858218351951475;
    constexpr double P9 = 0.000054381001277618839;
    bool raised = a < 1;
    double u = 1 / (raised ? a + 1 : a);
    double p = __fma_rn(P9, u, P8);
    p = __fma_rn(p, u, P7);
    p = __fma_rn(p, u, P6);
    p = __fma_rn(p, u, P5);
    p = __fma_rn(p, u, P4);
    p = __fma_rn(p, u, P3);
    p = __fma_rn(p, u, P2);
    p = __fma_rn(p, u, P1);
    p = __fma_rn(p, u, P0);
    double d = __fma_rn(10 * P9, u, 9 * P8);
    d = __fma_rn(d, u, 8 * P7);
    d = __fma_rn(d, u, 7 * P6);
    d = __fma_rn(d, u, 6 * P5);
    d = __fma_rn(d, u, 5 * P4);
    d = __fma_rn(d, u, 4 * P3);
    d = __fma_rn(d, u, 3 * P2);
    d = __fma_rn(d, u, 2 * P1);
    d = __fma_rn(d, u, P0);
    Stirling s{u * p, -(u * u) * d};
    if (raised) {
        double step = 1 / a;
        double log = logarithm64(1 + step, step);
        s.remainder += (a + 0.5) * log - 1;
        s.slope += log - (a + 0.5) / (a * (a + 1));
    }
    return s;
}

// ln x! − (x ln x − x) of x > 0.
DEVICE double factorialRest(double x) {
    double square = TWO_PI * x;
    return 0.5 * logarithm64(square, square - 1) + stirling(x).remainder;
}

// −log p(x), and its derivatives.
struct CountLoss {
    double loss;
    double byLogMean;
    double byLogDispersion;
};

// A count, NaN for what is below 0; its log mean, clamped.
DEVICE double countOf(float x) {
    return x >= 0.0f ? (double)x : (double)__int_as_float(0x7fffffff);
}

DEVICE float clampLogMean(float o) {
    return o < -MAX_LOG_MEAN ? -MAX_LOG_MEAN : o > MAX_LOG_MEAN ? MAX_LOG_MEAN : o;
}

DEVICE bool isInsideLogMean(float o) {
    return !(o < -MAX_LOG_MEAN || o > MAX_LOG_MEAN);
}

// With mean m = exp(o): m at x = 0, else x (s − ln(1 + s)) + ½ ln(2πx) + δ(x), s = (m − x) / x.
DEVICE CountLoss poisson(double x, double o) {
    double m = exponential64(o);
    double loss = m;
    if (x != 0) {
        double by = 1 / x;
        loss = x * excess(m * by, (m - x) * by) + factorialRest(x);
    }
    return CountLoss{loss, m - x, 0};
}

// What all counts of a column share: the dispersion θ and its remainder.
struct Dispersion {
    double log;
    double theta;
    Stirling stirling;
};

DEVICE bool isInsideLogDispersion(float logDispersion) {
    return !(logDispersion < -MAX_LOG_DISPERSION || logDispersion > MAX_LOG_DISPERSION);
}

DEVICE Dispersion dispersionOf(float logDispersion) {
    double log = logDispersion < -MAX_LOG_DISPERSION ? -MAX_LOG_DISPERSION
            : logDispersion > MAX_LOG_DISPERSION     ? MAX_LOG_DISPERSION
                                                     : logDispersion;
    double theta = exponential64(log);
    return Dispersion{log, theta, stirling(theta)};
}

// With mean m = exp(o), r = (x − m) / (θ + m), t = −θ r / x: 1 + r = (θ + x) / (θ + m), 1 + t = m (x + θ) / (x (θ + m)), and
// −log p = θ (r − ln(1 + r)) + x (t − ln(1 + t)) + ½ ln(2πx) + δ(x) + δ(θ) − δ(x + θ) + ½ ln((x + θ) / θ); of x = 0, −θ ln(1 + r).
DEVICE CountLoss negativeBinomial(double x, double o, const Dispersion& d) {
    double m = exponential64(o);
    double by = 1 / (d.theta + m);
    double r = (x - m) * by;
    double both = x + d.theta;
    double pull = d.theta * r;
    double own = d.theta * excess(both * by, r);
    double loss = own - pull;
    double slope = own;
    if (x != 0) {
        Stirling sum = stirling(both);
        double byX = 1 / x;
        loss = own + x * excess(m * both * by * byX, -pull * byX) + factorialRest(x)
                + (d.stirling.remainder - sum.remainder) + 0.5 * (logarithm64(both, both - 1) - d.log);
        slope = own + d.theta * (d.stirling.slope - sum.slope) - 0.5 * x / both;
    }
    return CountLoss{loss, -pull, slope};
}
