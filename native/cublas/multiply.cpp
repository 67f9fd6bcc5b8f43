#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include "cublas/product.h"

namespace host_cuda {
namespace {

// a tile of sums is eight registers of two doubles
constexpr size_t TILE = 4;
typedef double Pair __attribute__((vector_size(16)));

// By dropping the low bits: to nearest, ties to even, or towards zero. What is not finite stays as it is.
float rounded(float x, Rounding rounding) {
    if (rounding == Rounding::none || !std::isfinite(x)) {
        return x;
    }
    int dropped = rounding == Rounding::bf16 ? 16 : 13;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (rounding != Rounding::truncatedTf32) {
        bits += (1u << (dropped - 1)) - 1 + (bits >> dropped & 1);
    }
    bits &= ~((1u << dropped) - 1);
    memcpy(&x, &bits, sizeof bits);
    return x;
}

float load(const char* at, size_t elementBytes) {
    uint32_t bits = 0;
    // a bfloat16 is the upper half of a float32, here and in memory of a little-endian machine
    memcpy(reinterpret_cast<char*>(&bits) + (4 - elementBytes), at, elementBytes);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

void tile(const double* a, const double* b, size_t k, Pair sums[TILE][2]) {
    Pair s[TILE][2] = {};
    for (size_t i = 0; i < k; i++, a += TILE, b += TILE) {
        Pair low = {a[0], a[1]};
        Pair high = {a[2], a[3]};
        for (size_t c = 0; c < TILE; c++) {
            Pair factor = {b[c], b[c]};
            s[c][0] += low * factor;
            s[c][1] += high * factor;
        }
    }
    memcpy(sums, s, sizeof s);
}

}  // namespace

template <class T>
std::vector<T> strips(const Stored& x, bool byRow, Rounding rounding, size_t tile, const std::vector<size_t>& place) {
    size_t length = byRow ? x.cols : x.rows;
    size_t count = byRow ? x.rows : x.cols;
    std::vector<T> packed((count + tile - 1) / tile * tile * length);
    for (size_t c = 0; c < x.cols; c++) {
        const char* column = x.column(c);
        for (size_t r = 0; r < x.rows; r++) {
            size_t i = byRow ? r : c;
            size_t along = place[byRow ? c : r];
            packed[i / tile * tile * length + along * tile + i % tile] =
                rounded(load(column + r * x.elementBytes, x.elementBytes), rounding);
        }
    }
    return packed;
}

template std::vector<float> strips(const Stored&, bool, Rounding, size_t, const std::vector<size_t>&);

void multiply(const Product& p, double* sums) {
    std::vector<size_t> place(p.k);
    std::iota(place.begin(), place.end(), 0);
    std::vector<double> a = strips<double>(p.a, !p.transposedA, p.rounding, TILE, place);
    std::vector<double> b = strips<double>(p.b, p.transposedB, p.rounding, TILE, place);
    for (size_t c = 0; c < p.n; c += TILE) {
        for (size_t r = 0; r < p.m; r += TILE) {
            Pair s[TILE][2];
            tile(&a[r * p.k], &b[c * p.k], p.k, s);
            for (size_t j = 0; j < std::min(TILE, p.n - c); j++) {
                for (size_t i = 0; i < std::min(TILE, p.m - r); i++) {
                    sums[(c + j) * p.m + r + i] = s[j][i / 2][i % 2];
                }
            }
        }
    }
}

}  // namespace host_cuda
