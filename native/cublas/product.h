// C = alpha op(A) op(B) + beta C on device memory, column-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace host_cuda {

enum class Rounding { none, tf32, truncatedTf32, bf16 };

// A matrix as it is stored: column c starts at element c * ld, and what is between the columns is not touched.
struct Stored {
    const char* name;
    const void* at;
    size_t elementBytes;  // 2: bfloat16; 4: float32
    size_t rows, cols, ld;

    size_t columnBytes() const { return rows * elementBytes; }
    const char* column(size_t c) const { return static_cast<const char*>(at) + c * ld * elementBytes; }
};

// A factor that is a value, or is read from the device when the product runs.
struct Scalar {
    float value;
    const float* device;
};

struct Product {
    const char* function;
    size_t m, n, k;
    Scalar alpha, beta;
    Stored a, b, c;
    bool transposedA, transposedB;
    Rounding rounding;
    void* workspace;
    size_t workspaceBytes;
    bool float32Sums;
    uint64_t sumsSeed;
};

// Runs the product; throws a Fault that names function and operand if it reads what nobody wrote, leaves its allocation, is
// misaligned, or writes where it reads.
void execute(const Product& product);

// The product as so many steps, of which each but the last is what precedes a sum that is split: the workspace is filled,
// and operands are read.
std::vector<std::function<void()>> stepsOf(const Product& product, int count);

// sums[r + c * m] = (op(A) op(B))[r, c], operands rounded as the product asks. Sums are float64, where products of floats
// are exact: so far below the error of float32 that no order of summation can be told from another.
void multiply(const Product& product, double* sums);

// The same in float32, in an order that depends on seed, m, n and k only, so that the same product gives the same bits.
void multiplyFloat32(const Product& product, double* sums);

// Strips of `tile` rows, or columns if not `byRow`, of a matrix as it is stored, rounded and filled up with zeros: within a
// strip the elements of index i of the other dimension are neighbours, at place[i].
template <class T>
std::vector<T> strips(const Stored& x, bool byRow, Rounding rounding, size_t tile, const std::vector<size_t>& place);

}  // namespace host_cuda
