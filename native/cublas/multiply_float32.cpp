// Sums in float32, as a device has them: their order is the library's own affair, and another one with every seed.
#include <algorithm>
#include <numeric>
#include <random>

#include "cublas/product.h"

namespace host_cuda {
namespace {

constexpr size_t TILE = 4;
constexpr size_t MAX_CHUNKS = 8;

// The order of the terms of each sum: chunks of it are summed each on its own, and then one after the other.
struct Order {
    std::vector<size_t> place;   // where each term comes
    std::vector<size_t> chunks;  // where each begins, and the end
    bool fused;                  // a product is not rounded before it is added
};

Order orderOf(const Product& p) {
    std::seed_seq seed{p.sumsSeed & 0xffffffff, p.sumsSeed >> 32, uint64_t(p.m), uint64_t(p.n), uint64_t(p.k)};
    std::mt19937_64 random(seed);
    Order order{std::vector<size_t>(p.k), {0}, random() % 2 == 0};
    std::iota(order.place.begin(), order.place.end(), 0);
    std::shuffle(order.place.begin(), order.place.end(), random);
    size_t count = 1 + random() % std::min(MAX_CHUNKS, p.k);
    for (size_t i = 1; i < count; i++) {
        order.chunks.push_back(1 + random() % (p.k - 1));
    }
    order.chunks.push_back(p.k);
    std::sort(order.chunks.begin(), order.chunks.end());
    order.chunks.erase(std::unique(order.chunks.begin(), order.chunks.end()), order.chunks.end());
    return order;
}

// An fma by way of float64, where the product is exact: the same bits on every machine, and all but always those of an fma.
template <bool FUSED>
float added(float sum, float a, float b) {
    return FUSED ? static_cast<float>(static_cast<double>(a) * b + sum) : sum + a * b;
}

template <bool FUSED>
void chunk(const float* a, const float* b, size_t length, float sums[TILE][TILE]) {
    for (size_t i = 0; i < length; i++, a += TILE, b += TILE) {
        for (size_t c = 0; c < TILE; c++) {
            for (size_t r = 0; r < TILE; r++) {
                sums[c][r] = added<FUSED>(sums[c][r], a[r], b[c]);
            }
        }
    }
}

void tile(const Order& order, const float* a, const float* b, float sums[TILE][TILE]) {
    for (size_t i = 0; i + 1 < order.chunks.size(); i++) {
        size_t from = order.chunks[i], length = order.chunks[i + 1] - from;
        float part[TILE][TILE] = {};
        (order.fused ? chunk<true> : chunk<false>)(a + from * TILE, b + from * TILE, length, part);
        for (size_t c = 0; c < TILE; c++) {
            for (size_t r = 0; r < TILE; r++) {
                sums[c][r] += part[c][r];
            }
        }
    }
}

}  // namespace

void multiplyFloat32(const Product& p, double* sums) {
    Order order = orderOf(p);
    std::vector<float> a = strips<float>(p.a, !p.transposedA, p.rounding, TILE, order.place);
    std::vector<float> b = strips<float>(p.b, p.transposedB, p.rounding, TILE, order.place);
    for (size_t c = 0; c < p.n; c += TILE) {
        for (size_t r = 0; r < p.m; r += TILE) {
            float s[TILE][TILE] = {};
            tile(order, &a[r * p.k], &b[c * p.k], s);
            for (size_t j = 0; j < std::min(TILE, p.n - c); j++) {
                for (size_t i = 0; i < std::min(TILE, p.m - r); i++) {
                    sums[(c + j) * p.m + r + i] = s[j][i];
                }
            }
        }
    }
}

}  // namespace host_cuda
