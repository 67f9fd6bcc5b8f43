#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "cublas/product.h"

namespace host_cuda {
namespace {

// a tile of sums is eight registers of two doubles
constexpr size_t TILE = 4;
typedef double Pair __attribute__((vector_size(16)));

// To nearest, ties to even, by dropping the low bits. What is not finite stays as it is.
float rounded(float x, int dropped) {
    if (dropped == 0 || !std::isfinite(x)) {
        return x;
    }
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += (1u << (dropped - 1)) - 1 + (bits >> dropped & 1);
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

// Strips of TILE rows, or columns if not `byRow`, of the matrix as stored, filled up with zeros: within a strip the TILE
// elements of an index of the other dimension are neighbours.
std::vector<double> strips(const Stored& x, bool byRow, Rounding rounding) {
    int dropped = rounding == Rounding::tf32 ? 13 : rounding == Rounding::bf16 ? 16 : 0;
    size_t length = byRow ? x.cols : x.rows;
    size_t count = byRow ? x.rows : x.cols;
    std::vector<double> packed((count + TILE - 1) / TILE * TILE * length);
    for (size_t c = 0; c < x.cols; c++) {
        const char* column = x.column(c);
        for (size_t r = 0; r < x.rows; r++) {
            size_t i = byRow ? r : c;
            size_t along = byRow ? c : r;
            packed[i / TILE * TILE * length + along * TILE + i % TILE] =
                rounded(load(column + r * x.elementBytes, x.elementBytes), dropped);
        }
    }
    return packed;
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

void multiply(const Product& p, double* sums) {
    std::vector<double> a = strips(p.a, !p.transposedA, p.rounding);
    std::vector<double> b = strips(p.b, p.transposedB, p.rounding);
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
