// What the tests of the kernels share: matrices on the device, comparison with double loops, the same bits everywhere.
#pragma once

#include <cmath>
#include <cstring>
#include <random>

#include "test.h"

constexpr double U = 0x1p-24;

using Values = std::vector<float>;

// Both words of the key differ from zero and from each other, so that a kernel that drops or swaps one gives other noise.
constexpr unsigned long long SEED = 0x9e3779b97f4a7c15ULL;
constexpr int NOISE_STREAM = 6;

// Elements between rows and before the first: what they reach is quads that are aligned, or not. With `quads` the gap grows
// until rows are whole quads apart, so that the quads of a row are aligned even if the last of them is not full.
struct Layout {
    int gap;
    int offset;
    bool quads = false;
};
constexpr Layout DENSE{0, 0};
constexpr Layout GAP_OF_QUADS{4, 0, true};
constexpr Layout GAP{3, 0};
constexpr Layout SHIFTED{5, 1};
constexpr Layout LAYOUTS[] = {DENSE, GAP_OF_QUADS, GAP, SHIFTED};
// Of the i-th combination of a test: the first operand's, and the second's, which meets each of the first's.
inline Layout firstLayout(int i) { return LAYOUTS[i % 4]; }
inline Layout secondLayout(int i) { return LAYOUTS[(i + i / 4) % 4]; }

// A matrix on the device. Nothing between its rows is initialised, so a kernel that reads there is found out; what is
// written there is found by get.
class Matrix {
public:
    Matrix(int rows, int cols, Layout layout)
        : rows(rows), cols(cols), layout(layout), memory(layout.offset + size_t(rows - 1) * stride() + cols) {}
    Matrix(int rows, int cols, Layout layout, const Values& values) : Matrix(rows, cols, layout) {
        for (int r = 0; r < rows; r++) {
            host_cuda::toDevice(at() + r * stride(), &values[size_t(r) * cols], cols * sizeof(float));
        }
    }

    float* at() const { return memory.at(layout.offset); }
    long long stride() const { return layout.quads ? (cols + layout.gap + 3) / 4 * 4 : cols + layout.gap; }

    Values get() const {
        Values all = memory.get();
        Values values;
        for (size_t i = 0; i < all.size(); i++) {
            bool inside = int(i) >= layout.offset && int((i - layout.offset) % stride()) < cols;
            if (inside) {
                values.push_back(all[i]);
            } else {
                uint32_t bits;
                memcpy(&bits, &all[i], sizeof bits);
                require(bits == 0xffffffffu, "written between the rows, at element " + std::to_string(i));
            }
        }
        return values;
    }

private:
    int rows, cols;
    Layout layout;
    Array<float> memory;
};

// An output that may be left out.
class Column {
public:
    Column(int rows, bool present) : memory(rows), present(present) {}
    float* at() const { return present ? memory.at() : nullptr; }
    Values get() const { return present ? memory.get() : Values(); }

private:
    Array<float> memory;
    bool present;
};

struct Shape {
    int batch, cols, samples;
    int rows() const { return batch * samples; }
};
constexpr Shape SHAPES[] = {{1, 1, 1},  {1, 31, 3}, {33, 1, 1},  {31, 33, 2}, {5, 127, 1},
                            {3, 129, 3}, {2, 1000, 1}, {129, 7, 1}, {17, 20, 4}, {6, 128, 1}};
std::string text(Shape shape, Layout layout);

struct Draw {
    std::mt19937 random{7};
    Values normal(size_t n, double mean = 0, double deviation = 1);
    Values uniform(size_t n);
};

// Runs a body that launches under several grids and schedules, and returns its results, which must be the same bits.
// Grids of the body's choice: it is given the number of blocks in x.
std::vector<Values> sameBits(std::vector<unsigned> grids, const std::function<std::vector<Values>(unsigned, uint64_t)>& body);

// Compares with exact values; NaN must meet NaN. The largest share of the bound that was used is printed for `name`.
void compare(const std::string& name, const Values& got, const std::function<double(int)>& exact,
             const std::function<double(int)>& bound);
void compare(const std::string& name, double got, double exact, double bound);
void compareBits(const std::string& name, const Values& got, const Values& exact);
// The table since the last call.
std::string usedBounds();

inline double log2Ceil(double n) { return n <= 1 ? 0 : std::ceil(std::log2(n)); }
// The bound of a sum of n terms, each within c u of its absolute value; s sums these.
inline double sumBound(double c, double n, double s) { return (c + 2 * log2Ceil(n)) * U * s; }
inline double clampLogVar(double v) { return v < -30 ? -30 : v > 20 ? 20 : v; }
inline bool isInside(double v) { return !(v < -30 || v > 20); }

// Partial sums of columns, chunk after chunk, and their sums in the order of the chunks, rounded once. No chunks leave one
// element, which nobody may add.
struct Chunks {
    Chunks(Draw& draw, int chunks, int cols);
    std::vector<double> partials;
    Values sums;
};
// as many as an unrolled loop and its remainders take, and turns of a loop over columns of 32 threads
constexpr int CHUNKS[] = {0, 1, 2, 3, 4, 5, 6, 7, 9};
constexpr int COLUMNS_OF_CHUNKS[] = {1, 31, 70, 230};

// dev.elbo.backend.Clock
struct Counters {
    int step = 0, row = 0, slot = 0, sample = 0;
    std::vector<int> values() const { return {step, row, slot, sample}; }
};

// Where a kernel takes its noise from: given, or Philox.
struct Noise {
    const Matrix* given;
    unsigned long long seed;
    int stream;
    int firstRow;
    const Array<int>* clock;
    const float* pointer() const { return given ? given->at() : nullptr; }
    long long stride() const { return given ? given->stride() : 0; }
    const int* counters() const { return clock ? clock->at() : nullptr; }
};

// As a kernel's first row: the clock's.
constexpr int ROW_OF_CLOCK = -1;
// The clock's, that of a whole batch, and of shards.
constexpr int FIRST_ROWS[] = {ROW_OF_CLOCK, 0, 5, 1000};

// The normals of rows · cols elements of one sample by the kernel `normal`, which noise_test.cpp proves.
Values normals(unsigned long long seed, int stream, int firstRow, Counters counters, int rows, int cols);
// Those of all samples, sample after sample.
Values normals(unsigned long long seed, int stream, int firstRow, Counters counters, Shape shape);
