// The weights of classes: what a product with one-hot labels would add to a layer, and their gradient.
#include "activation.cuh"

// The class that a label names, or −1. Compared as integers: not every count of classes is a float.
DEVICE int classOf(const float* labels, long long labelsStride, long long row, int batch, int classes) {
    float label = labels[(long long)((unsigned)row % (unsigned)batch) * labelsStride];
    // the conversion is defined from −1 to 2³¹, both left out
    int number = label >= 0.0f && label < 2147483648.0f ? (int)label : -1;
    return number < classes && (float)number == label ? number : -1;
}

// y = activation(y + table[label of the row]) in place; a row whose label is no class is NaN. Any grid of BLOCK threads.
RESIDENT(8) class_bias(
        const float* __restrict__ labels,  // batch × 1
        long long labelsStride,
        const float* __restrict__ table,  // classes × cols
        long long tableStride,
        float* y,  // rows × cols
        long long yStride,
        int rows,
        int batch,
        int cols,
        int classes,
        int activation) {
    bool tableAligned = isAligned(table, tableStride);
    bool yAligned = isAligned(y, yStride);
    float nan = __int_as_float(0x7fffffff);
    for (Quads at(quadsOf(cols)); at.row < rows; at.next()) {
        long long col = 4LL * at.quad;
        float* to = y + at.row * yStride;
        // on its way while the label is
        Quad q = load(to, col, cols, yAligned);
        int number = classOf(labels, labelsStride, at.row, batch, classes);
        Quad weights{{nan, nan, nan, nan}};
        if (number >= 0) {
            weights = load(table + number * tableStride, col, cols, tableAligned);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            q.v[i] = q.v[i] + weights.v[i];
        }
        store(to, col, cols, yAligned, activated(q, activation));
    }
}

// dTable = the sums of the rows of dY of each class; 0 of a class without rows. Any grid of BLOCK threads, in x: a block takes
// one tile of 32 columns of one class after the other, all rows at once.
KERNEL class_bias_grad(
        const float* __restrict__ labels,  // batch × 1
        long long labelsStride,
        const float* __restrict__ dY,  // rows × cols
        long long dYStride,
        float* __restrict__ dTable,  // classes × cols
        long long dTableStride,
        int rows,
        int batch,
        int cols,
        int classes) {
    bool aligned = isAligned(dY, dYStride);
    unsigned tiles = ((unsigned)cols + TILE_COLS - 1) / TILE_COLS;
    for (long long at = blockIdx.x; at < (long long)tiles * classes; at += gridDim.x) {
        int number = (int)(at / tiles);
        unsigned tile = (unsigned)(at % tiles);
        double total = columnSum(
                rows,
                cols,
                [=](long long row, long long col) {
                    Quad d{};
                    if (classOf(labels, labelsStride, row, batch, classes) == number) {
                        d = load(dY + row * dYStride, col, cols, aligned);
                    }
                    return d;
                },
                tile);
        int col = summedColumn(cols, tile);
        if (col >= 0) {
            dTable[number * dTableStride + col] = (float)total;
        }
        // the sums of the next tile lie in the same place
        __syncthreads();
    }
}
