// Reconstruction losses with their gradients.
#include "elementary.cuh"

// The precision 1/σ² of quads of columns: none, one for all, or one each.
struct Precision {
    const float* logVar;
    int logVarCols;
    bool aligned;
    float sharedLogVar;  // of all columns, clamped; 0 where they have none, or one each
    float shared;

    __device__ __forceinline__ Precision(const float* logVariances, int count) {
        logVar = logVariances;
        logVarCols = count;
        aligned = isAligned(logVariances);
        sharedLogVar = count == 1 ? clampLogVar(logVariances[0]) : 0.0f;
        shared = count == 1 ? exponential(-sharedLogVar) : 1.0f;
    }

    __device__ __forceinline__ explicit Precision(float logVariance) {
        logVar = nullptr;
        logVarCols = 1;
        aligned = false;
        sharedLogVar = clampLogVar(logVariance);
        shared = exponential(-sharedLogVar);
    }

    // Reading log σ² at every quad costs no memory traffic: a row of them stays in the cache.
    __device__ __forceinline__ Quad clamped(long long col) const {
        Quad q = load(logVar, col, logVarCols, aligned);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            q.v[i] = clampLogVar(q.v[i]);
        }
        return q;
    }
};

DEVICE Quad errors(const float* output, bool outputAligned, const float* x, bool xAligned, long long col, int cols) {
    Quad o = load(output, col, cols, outputAligned);
    Quad t = load(x, col, cols, xAligned);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        o.v[i] = o.v[i] - t.v[i];
    }
    return o;
}

DEVICE void gaussianLoss(
        const Precision& precision,
        const float* output,
        long long outputStride,
        const float* x,
        long long xStride,
        const float* rowWeight,
        float scale,
        float* loss,
        float* dOutput,
        long long dOutputStride,
        int rows,
        int batch,
        int cols) {
    bool perColumn = precision.logVarCols > 1;
    double constant = cols * ((double)precision.sharedLogVar + LOG_2_PI);
    bool outputAligned = isAligned(output, outputStride);
    bool xAligned = isAligned(x, xStride);
    bool dOutputAligned = isAligned(dOutput, dOutputStride);
    Teams team(quadsOf(cols));
    for (unsigned first = team.firstOfWarp; first < (unsigned)rows; first += team.step) {
        long long r = (long long)first + team.rowOfWarp;
        double total = 0;
        if (r < rows) {
            const float* target = x + exampleOf(r, batch) * xStride;
            float weight = rowWeight ? scale * rowWeight[r] : scale;
            for (long long col = 4 * team.lane; col < cols; col += 4 * team.lanes) {
                Quad e = errors(output + r * outputStride, outputAligned, target, xAligned, col, cols);
                Quad lv = {{0, 0, 0, 0}};
                if (perColumn) {
                    lv = precision.clamped(col);
                }
                Quad term;
                Quad gradient;
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    float p = perColumn ? exponential(-lv.v[i]) : precision.shared;
                    float scaled = e.v[i] * p;
                    term.v[i] = __fmaf_rn(e.v[i], scaled, lv.v[i]);
                    gradient.v[i] = weight * scaled;
                }
                if (dOutput) {
                    store(dOutput + r * dOutputStride, col, cols, dOutputAligned, gradient);
                }
                total += sum(term);
            }
        }
        if (loss) {
            total = team.sum(total);
            if (team.lane == 0 && r < rows) {
                loss[r] = (float)(0.5 * (total + constant));
            }
        }
    }
}

// −log N(x; output, σ²) of each row, and the gradient with respect to output. A team of lanes a row; any grid of whole
// warps, BLOCK threads at most.
RESIDENT(6) gaussian_loss(
        const float* __restrict__ output,  // rows × cols, rows = samples · batch
        long long outputStride,
        const float* __restrict__ x,  // batch × cols
        long long xStride,
        const float* __restrict__ logVar,  // logVarCols; unused with 0
        int logVarCols,                    // 0: unit variance, 1: shared, cols: one each
        const float* __restrict__ rowWeight,  // rows; optional: 1
        float scale,
        float* __restrict__ loss,     // rows; optional
        float* __restrict__ dOutput,  // rows × cols; optional
        long long dOutputStride,
        int rows,
        int batch,
        int cols) {
    Precision precision(logVar, logVarCols);
    gaussianLoss(
            precision, output, outputStride, x, xStride, rowWeight, scale, loss, dOutput, dOutputStride, rows, batch, cols);
}

// The gradient with respect to log σ², column by column and chunk by chunk of rows. Grid (⌈cols / 32⌉, chunks) of BLOCK
// threads.
KERNEL gaussian_loss_variance(
        const float* __restrict__ output,  // rows × cols, rows = samples · batch
        long long outputStride,
        const float* __restrict__ x,  // batch × cols
        long long xStride,
        const float* __restrict__ logVar,  // logVarCols
        int logVarCols,                    // 1: shared, cols: one each
        const float* __restrict__ rowWeight,  // rows; optional: 1
        float scale,
        double* __restrict__ partial,  // chunks × cols
        int rows,
        int batch,
        int cols) {
    Precision precision(logVar, logVarCols);
    bool perColumn = logVarCols > 1;
    bool outputAligned = isAligned(output, outputStride);
    bool xAligned = isAligned(x, xStride);
    double total = columnSum(rows, cols, [=](long long row, long long col) {
        const float* target = x + exampleOf(row, batch) * xStride;
        Quad e = errors(output + row * outputStride, outputAligned, target, xAligned, col, cols);
        float half = 0.5f * (rowWeight ? scale * rowWeight[row] : scale);
        Quad lv = {{0, 0, 0, 0}};
        if (perColumn) {
            lv = precision.clamped(col);
        }
        Quad term;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float p = perColumn ? exponential(-lv.v[i]) : precision.shared;
            term.v[i] = half * __fmaf_rn(-e.v[i], e.v[i] * p, 1.0f);
        }
        return term;
    });
    int col = summedColumn(cols);
    if (col >= 0) {
        partial[(long long)blockIdx.y * cols + col] = total;
    }
}

// The partial sums of gaussian_loss_variance, chunks in their order; exactly 0 where log σ² is clamped. One block of BLOCK
// threads for a shared log σ², else any grid of them.
KERNEL gaussian_loss_finish(
        const double* __restrict__ partial,  // chunks × cols
        int chunks,
        int cols,
        const float* __restrict__ logVar,  // logVarCols
        int logVarCols,                    // 1 or cols
        float* __restrict__ dLogVar) {     // logVarCols
    if (logVarCols == 1) {
        double own = 0;
        for (long long i = threadIdx.x; i < (long long)chunks * cols; i += BLOCK) {
            own += partial[i];
        }
        double total = blockSum(own);
        if (threadIdx.x == 0) {
            dLogVar[0] = isInside(logVar[0]) ? (float)total : 0.0f;
        }
    } else {
        for (long long col = (long long)blockIdx.x * blockDim.x + threadIdx.x; col < cols;
                col += (long long)gridDim.x * blockDim.x) {
            dLogVar[col] = isInside(logVar[col]) ? (float)chunkSum(partial, chunks, cols, (int)col) : 0.0f;
        }
    }
}

// −log Bernoulli(x; sigmoid(logits)) of each row, and the gradient with respect to the logits. A team of lanes a row; any
// grid of whole warps, BLOCK threads at most.
RESIDENT(6) bernoulli_loss(
        const float* __restrict__ logits,  // rows × cols, rows = samples · batch
        long long logitsStride,
        const float* __restrict__ x,  // batch × cols
        long long xStride,
        const float* __restrict__ rowWeight,  // rows; optional: 1
        float scale,
        float* __restrict__ loss,     // rows; optional
        float* __restrict__ dLogits,  // rows × cols; optional
        long long dLogitsStride,
        int rows,
        int batch,
        int cols) {
    bool logitsAligned = isAligned(logits, logitsStride);
    bool xAligned = isAligned(x, xStride);
    bool dLogitsAligned = isAligned(dLogits, dLogitsStride);
    Teams team(quadsOf(cols));
    for (unsigned first = team.firstOfWarp; first < (unsigned)rows; first += team.step) {
        long long r = (long long)first + team.rowOfWarp;
        double total = 0;
        if (r < rows) {
            const float* target = x + exampleOf(r, batch) * xStride;
            float weight = rowWeight ? scale * rowWeight[r] : scale;
            for (long long col = 4 * team.lane; col < cols; col += 4 * team.lanes) {
                Quad l = load(logits + r * logitsStride, col, cols, logitsAligned);
                Quad t = load(target, col, cols, xAligned);
                Quad term;
                Quad gradient;
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    float e = exponential(-fabsf(l.v[i]));
                    float linear = __fmaf_rn(-l.v[i], t.v[i], l.v[i] > 0.0f ? l.v[i] : 0.0f);
                    term.v[i] = col + i < cols ? linear + logarithm1Plus(e) : 0.0f;
                    gradient.v[i] = weight * (sigmoidOf(l.v[i], e) - t.v[i]);
                }
                if (dLogits) {
                    store(dLogits + r * dLogitsStride, col, cols, dLogitsAligned, gradient);
                }
                total += sum(term);
            }
        }
        if (loss) {
            total = team.sum(total);
            if (team.lane == 0 && r < rows) {
                loss[r] = (float)total;
            }
        }
    }
}

// Sums of squared errors, one a block. Any grid of BLOCK threads; the grid decides which terms meet, so it must follow
// from the shapes alone.
KERNEL optimal_log_var(
        const float* __restrict__ output,  // rows × cols, rows = samples · batch
        long long outputStride,
        const float* __restrict__ x,  // batch × cols
        long long xStride,
        double* __restrict__ partial,  // blocks
        int rows,
        int batch,
        int cols) {
    bool outputAligned = isAligned(output, outputStride);
    bool xAligned = isAligned(x, xStride);
    double own = 0;
    for (Quads at(quadsOf(cols)); at.row < rows; at.next()) {
        const float* target = x + exampleOf(at.row, batch) * xStride;
        Quad e = errors(output + at.row * outputStride, outputAligned, target, xAligned, 4LL * at.quad, cols);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            e.v[i] = e.v[i] * e.v[i];
        }
        own += sum(e);
    }
    double total = blockSum(own);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = total;
    }
}

// The log of the mean of squared errors, at least LogVariance.FLOOR.
DEVICE float optimalLogVar(double total, long long elements) {
    constexpr double FLOOR = 1e-6;
    double mean = total / (double)elements;
    return logarithm((float)(mean < FLOOR ? FLOOR : mean));
}

// The sum of the blocks' sums, in all threads of the one block.
DEVICE double sumOfBlocks(const double* partial, int blocks) {
    double own = 0;
    for (int i = (int)threadIdx.x; i < blocks; i += BLOCK) {
        own += partial[i];
    }
    return blockSum(own);
}

// The log of the mean of the sums. One block of BLOCK threads.
KERNEL optimal_log_var_finish(
        const double* __restrict__ partial,  // blocks
        int blocks,
        long long elements,            // rows · cols
        float* __restrict__ logVar) {  // 1
    double total = sumOfBlocks(partial, blocks);
    if (threadIdx.x == 0) {
        logVar[0] = optimalLogVar(total, elements);
    }
}

// The share of these rows in the mean of squared errors over the batch, from the sums. One block of BLOCK threads.
KERNEL squared_error_mean_finish(
        const double* __restrict__ partial,  // blocks
        int blocks,
        long long elements,           // of the batch: rows of all shards · cols
        double* __restrict__ mean) {  // 1
    double total = sumOfBlocks(partial, blocks);
    if (threadIdx.x == 0) {
        mean[0] = total / (double)elements;
    }
}

// gaussian_loss with the variance that optimal_log_var summed up, which every warp makes the log of. A team of lanes a row;
// any grid of whole warps, BLOCK threads at most.
RESIDENT(6) gaussian_loss_optimal(
        const float* __restrict__ output,  // rows × cols, rows = samples · batch
        long long outputStride,
        const float* __restrict__ x,  // batch × cols
        long long xStride,
        const double* __restrict__ partial,  // blocks
        int blocks,
        float* __restrict__ logVar,           // 1
        const float* __restrict__ rowWeight,  // rows; optional: 1
        float scale,
        float* __restrict__ loss,     // rows; optional
        float* __restrict__ dOutput,  // rows × cols; optional
        long long dOutputStride,
        int rows,
        int batch,
        int cols) {
    double total = 0;
    for (int i = (int)threadIdx.x % WARP; i < blocks; i += WARP) {
        total += partial[i];
    }
    float optimal = optimalLogVar(warpSum(total), (long long)rows * cols);
    if (blockIdx.x == 0 && threadIdx.x == 0) {
        logVar[0] = optimal;
    }
    gaussianLoss(
            Precision(optimal), output, outputStride, x, xStride, rowWeight, scale, loss, dOutput, dOutputStride, rows,
            batch, cols);
}
