// What surrounds the matrix products of dense layers.
#include "activation.cuh"

template <int ACTIVATION>
DEVICE void activateAll(
        const float* x, long long xStride, const float* bias, float* y, long long yStride, int rows, int cols) {
    bool xAligned = isAligned(x, xStride);
    bool yAligned = isAligned(y, yStride);
    bool biasAligned = isAligned(bias);
    for (Quads at(quadsOf(cols)); at.row < rows; at.next()) {
        long long col = 4LL * at.quad;
        Quad q = load(x + at.row * xStride, col, cols, xAligned);
        if (bias) {
            Quad b = load(bias, col, cols, biasAligned);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                q.v[i] = q.v[i] + b.v[i];
            }
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            q.v[i] = activated<ACTIVATION>(q.v[i]);
        }
        store(y + at.row * yStride, col, cols, yAligned, q);
    }
}

DEVICE void activateAll(
        const float* x,
        long long xStride,
        const float* bias,
        float* y,
        long long yStride,
        int rows,
        int cols,
        int activation) {
    switch (activation) {
        case RELU:
            return activateAll<RELU>(x, xStride, bias, y, yStride, rows, cols);
        case LEAKY_RELU:
            return activateAll<LEAKY_RELU>(x, xStride, bias, y, yStride, rows, cols);
        case ELU:
            return activateAll<ELU>(x, xStride, bias, y, yStride, rows, cols);
        case TANH:
            return activateAll<TANH>(x, xStride, bias, y, yStride, rows, cols);
        case SIGMOID:
            return activateAll<SIGMOID>(x, xStride, bias, y, yStride, rows, cols);
        case SOFTPLUS:
            return activateAll<SOFTPLUS>(x, xStride, bias, y, yStride, rows, cols);
        default:
            return activateAll<IDENTITY>(x, xStride, bias, y, yStride, rows, cols);
    }
}

// y = activation(x). Any grid of BLOCK threads.
RESIDENT(8) activate(
        const float* __restrict__ x,  // rows × cols
        long long xStride,
        float* __restrict__ y,  // rows × cols
        long long yStride,
        int rows,
        int cols,
        int activation) {
    activateAll(x, xStride, nullptr, y, yStride, rows, cols, activation);
}

// y = activation(y + bias), after the product. Any grid of BLOCK threads.
RESIDENT(8) dense_activation(
        float* y,  // rows × cols
        long long yStride,
        const float* __restrict__ bias,  // 1 × cols
        int rows,
        int cols,
        int activation) {
    activateAll(y, yStride, bias, y, yStride, rows, cols, activation);
}

// y = bias in every row, before a product is added. Any grid of BLOCK threads.
KERNEL dense_bias(
        const float* __restrict__ bias,  // 1 × cols
        float* __restrict__ y,           // rows × cols
        long long yStride,
        int rows,
        int cols) {
    bool biasAligned = isAligned(bias);
    bool yAligned = isAligned(y, yStride);
    for (Quads at(quadsOf(cols)); at.row < rows; at.next()) {
        long long col = 4LL * at.quad;
        store(y + at.row * yStride, col, cols, yAligned, load(bias, col, cols, biasAligned));
    }
}

// dY = dY ⊙ activation′(y), before the products, and its sums over rows: straight to dB where the grid has one chunk of
// rows, else a partial sum a chunk. Grid (⌈cols / 32⌉, chunks) of BLOCK threads.
KERNEL dense_grad_activation(
        const float* __restrict__ y,  // rows × cols
        long long yStride,
        float* dY,  // rows × cols
        long long dYStride,
        int rows,
        int cols,
        int activation,
        double* __restrict__ partial,  // chunks × cols; unused with one chunk
        float* __restrict__ dB) {      // 1 × cols; unused with more; where they are null, nothing is summed
    bool yAligned = isAligned(y, yStride);
    bool dYAligned = isAligned(dY, dYStride);
    double total = columnSum(rows, cols, [=](long long row, long long col) {
        float* gradient = dY + row * dYStride;
        Quad d = load(gradient, col, cols, dYAligned);
        if (activation != IDENTITY) {
            d = multiplied(d, load(y + row * yStride, col, cols, yAligned), activation);
            store(gradient, col, cols, dYAligned, d);
        }
        return d;
    });
    int col = summedColumn(cols);
    if (col >= 0) {
        if (gridDim.y == 1) {
            if (dB) {
                dB[col] = (float)total;
            }
        } else if (partial) {
            partial[(long long)blockIdx.y * cols + col] = total;
        }
    }
}

// dB from the partial sums, chunks in their order. Any grid of BLOCK threads.
KERNEL dense_grad_finish(
        const double* __restrict__ partial,  // chunks × cols
        int chunks,
        int cols,
        float* __restrict__ dB) {  // 1 × cols
    for (long long col = (long long)blockIdx.x * blockDim.x + threadIdx.x; col < cols;
            col += (long long)gridDim.x * blockDim.x) {
        dB[col] = (float)chunkSum(partial, chunks, cols, (int)col);
    }
}
