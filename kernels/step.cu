// What frames a step: the batch, the optimiser, metrics, counters.
#include "elementary.cuh"
#include "noise.cuh"

// the columns of dev.elbo.backend.Metrics
constexpr int LOSS = 0;
constexpr int RECONSTRUCTION = 1;
constexpr int KL = 2;
constexpr int OUTPUT_VARIANCE = 3;
constexpr int METRICS_BETA = 4;
constexpr int METRICS_COLUMNS = 5;

// dev.elbo.backend.KlWeighting
constexpr int MULTIPLIER = 0;
constexpr double LOG_LIMIT = 14;
constexpr double NEWEST = 0.1;
constexpr double MOST = 10;

// Four bytes of a row, zero outside it.
DEVICE Quad load(const unsigned char* row, long long col, long long cols, bool aligned) {
    Quad q;
    if (aligned && (col & 3) == 0 && col + 4 <= cols) {
        uchar4 bytes = *reinterpret_cast<const uchar4*>(row + col);
        q.v[0] = bytes.x;
        q.v[1] = bytes.y;
        q.v[2] = bytes.z;
        q.v[3] = bytes.w;
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            q.v[i] = col + i >= 0 && col + i < cols ? (float)row[col + i] : 0.0f;
        }
    }
    return q;
}

DEVICE bool isAligned(const unsigned char* data, long long stride) {
    return (((unsigned long long)data | (unsigned long long)stride) & 3) == 0;
}

template <typename Stored>
DEVICE void gatherAll(
        const Stored* data,
        const int* order,
        const int* clock,
        float scale,
        const Noise& uniforms,
        bool binarize,
        float* x,
        long long xStride,
        int rows,
        int cols) {
    int start = clock[ROW];
    bool dataAligned = isAligned(data, (long long)cols);
    bool xAligned = isAligned(x, xStride);
    unsigned perRow = binarize ? uniforms.quadsOfRow() : quadsOf(cols);
    for (Quads at(perRow); at.row < rows; at.next()) {
        long long col = (binarize ? uniforms.firstColumn(at.row) : 0) + 4LL * at.quad;
        if (col >= cols) {
            continue;
        }
        long long place = start + at.row;
        long long source = order ? order[place] : place;
        Quad q = load(data + source * cols, col, cols, dataAligned);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            q.v[i] = q.v[i] * scale;
        }
        if (binarize) {
            Quad u = uniforms.uniforms(at.row, col);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                q.v[i] = u.v[i] < q.v[i] ? 1.0f : 0.0f;
            }
        }
        store(x + at.row * xStride, col, cols, xAligned, q);
    }
}

// The sum of a column, in all threads of the one block.
DEVICE double columnTotal(const float* column, int rows) {
    double own = 0;
    for (int i = (int)threadIdx.x; i < rows; i += BLOCK) {
        own += column[i];
    }
    return blockSum(own);
}

// The mean of a column, in all threads of the one block; 0 of none.
DEVICE double mean(const float* column, int rows) {
    double total = columnTotal(column, rows);
    return rows ? total / rows : 0;
}

// x[b] = scale · data[order[clock.row + b]] from bytes; binarized, 1 where a uniform is below. Any grid of BLOCK threads.
KERNEL gather_uint8(
        const unsigned char* __restrict__ data,  // N × cols, dense
        const int* __restrict__ order,           // optional: the rows as they are
        const int* __restrict__ clock,           // 4
        float scale,
        int binarize,                     // 0: none of the noise is used
        const float* __restrict__ noise,  // rows × cols; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int firstRow,                        // of a shard; -1: the clock's
        const int* __restrict__ noiseClock,  // 4; unused with given noise
        float* __restrict__ x,               // rows × cols
        long long xStride,
        int rows,
        int cols) {
    Noise uniforms(noise, noiseStride, seed, stream, firstRow, binarize ? noiseClock : clock, cols);
    gatherAll(data, order, clock, scale, uniforms, binarize != 0, x, xStride, rows, cols);
}

// The same from floats.
KERNEL gather_real(
        const float* __restrict__ data,  // N × cols, dense
        const int* __restrict__ order,   // optional: the rows as they are
        const int* __restrict__ clock,   // 4
        float scale,
        int binarize,                     // 0: none of the noise is used
        const float* __restrict__ noise,  // rows × cols; null: Philox
        long long noiseStride,
        unsigned long long seed,
        int stream,
        int firstRow,                        // of a shard; -1: the clock's
        const int* __restrict__ noiseClock,  // 4; unused with given noise
        float* __restrict__ x,               // rows × cols
        long long xStride,
        int rows,
        int cols) {
    Noise uniforms(noise, noiseStride, seed, stream, firstRow, binarize ? noiseClock : clock, cols);
    gatherAll(data, order, clock, scale, uniforms, binarize != 0, x, xStride, rows, cols);
}

// Shards that a thread loads at a time, and how often their sums are then paired: so many shards a group.
constexpr int SHARDS_AT_ONCE = 8;
constexpr int SHARD_LEVELS = 3;
constexpr int SHARDS_OF_GROUP = 64;
static_assert(SHARDS_OF_GROUP == SHARDS_AT_ONCE << SHARD_LEVELS);

DEVICE double plus(double a, double b) {
    return a + b;
}

DEVICE Quad plus(const Quad& a, const Quad& b) {
    Quad q;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        q.v[i] = a.v[i] + b.v[i];
    }
    return q;
}

// Neighbours in pairs, of which an odd last one passes up, until one is left; part(i) gives shard i. Loops over sums are
// unrolled, since an array that is indexed at run time would lie in local memory. Of the levels above SHARDS_AT_ONCE, each
// keeps the one sum whose neighbour is not there yet.
template <typename Value, typename Part>
DEVICE Value treeSum(int shards, Part part) {
    Value waiting[SHARD_LEVELS] = {};
    Value sums[SHARDS_AT_ONCE] = {};
    for (int first = 0; first < shards; first += SHARDS_AT_ONCE) {
        int left = shards - first;
        bool last = left <= SHARDS_AT_ONCE;
#pragma unroll
        for (int i = 0; i < SHARDS_AT_ONCE; i++) {
            if (i < left) {
                sums[i] = part(first + i);
            }
        }
        left = last ? left : SHARDS_AT_ONCE;
#pragma unroll
        for (int pairs = SHARDS_AT_ONCE / 2; pairs > 0; pairs /= 2) {
#pragma unroll
            for (int i = 0; i < pairs; i++) {
                sums[i] = 2 * i + 1 < left ? plus(sums[2 * i], sums[2 * i + 1]) : sums[2 * i];
            }
            left = (left + 1) / 2;
        }
        bool goesUp = true;
#pragma unroll
        for (int level = 0; level < SHARD_LEVELS; level++) {
            bool isRight = first / SHARDS_AT_ONCE >> level & 1;
            if (goesUp && isRight) {
                sums[0] = plus(waiting[level], sums[0]);
            } else if (goesUp && !last) {
                waiting[level] = sums[0];
                goesUp = false;
            }
        }
    }
    return sums[0];
}

// How many shards a group has.
DEVICE int shardsOf(long long group, int shards) {
    long long left = shards - group * SHARDS_OF_GROUP;
    return left < SHARDS_OF_GROUP ? (int)left : SHARDS_OF_GROUP;
}

// total[g] = the sum of parts[64 g] to parts[64 g + 63], in a fixed binary tree; these sums are the shards of the next
// launch until one is left. Any grid of BLOCK threads.
KERNEL sum_shards_real(
        const float* __restrict__ parts,  // shards × cols, dense
        float* __restrict__ total,        // ⌈shards / 64⌉ × cols, dense
        int shards,
        int cols) {
    bool partsAligned = isAligned(parts, cols);
    bool totalAligned = isAligned(total, cols);
    int groups = (shards - 1) / SHARDS_OF_GROUP + 1;
    for (Quads at(quadsOf(cols)); at.row < groups; at.next()) {
        long long col = 4LL * at.quad;
        const float* own = parts + at.row * SHARDS_OF_GROUP * cols;
        Quad sum = treeSum<Quad>(shardsOf(at.row, shards), [=](int shard) {
            return load(own + (long long)shard * cols, col, cols, partsAligned);
        });
        store(total + at.row * cols, col, cols, totalAligned, sum);
    }
}

// The same of doubles, one a thread.
KERNEL sum_shards_float64(
        const double* __restrict__ parts,  // shards × cols, dense
        double* __restrict__ total,        // ⌈shards / 64⌉ × cols, dense
        int shards,
        int cols) {
    long long count = (long long)((shards - 1) / SHARDS_OF_GROUP + 1) * cols;
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x; at < count; at += step) {
        long long group = at / cols;
        const double* own = parts + group * (SHARDS_OF_GROUP - 1) * cols + at;
        total[at] = treeSum<double>(shardsOf(group, shards), [=](int shard) {
            return own[(long long)shard * cols];
        });
    }
}

// Keeps a NaN.
DEVICE double clamp(double x, double most) {
    return x < -most ? -most : x > most ? most : x;
}

// The share of these rows in the mean of a column over the batch. One block of BLOCK threads.
KERNEL row_mean(
        const float* __restrict__ value,  // rows
        int rows,
        int batch,                    // rows of all shards
        double* __restrict__ mean) {  // 1
    double total = columnTotal(value, rows);
    if (threadIdx.x == 0) {
        mean[0] = total / batch;
    }
}

// The weight of the KL divergence from the mean of what is held to a target. One block, of any number of threads.
KERNEL kl_weight(
        const double* __restrict__ mean,     // 1
        int weighting,                       // KlWeighting's ordinal
        const float* __restrict__ targets,   // steps
        float rate,
        double* __restrict__ state,     // 3, of a multiplier
        float* __restrict__ schedule,   // steps × 3
        const int* __restrict__ clock) {  // 4
    if (threadIdx.x == 0) {
        double violation = mean[0] - targets[clock[SLOT]];
        float beta = violation > 0 ? rate : violation < 0 ? -rate : (float)violation;
        if (weighting == MULTIPLIER) {
            double average = state[2] == 0 ? violation : (1 - NEWEST) * state[1] + NEWEST * violation;
            double logBeta = clamp(state[0] + rate * clamp(average, MOST), LOG_LIMIT);
            state[0] = logBeta;
            state[1] = average;
            state[2] = 1;
            beta = exponential((float)logBeta);
        }
        schedule[(long long)clock[SLOT] * SCHEDULE_COLUMNS + BETA] = beta;
    }
}

// The step's row of dev.elbo.backend.Metrics. One block of BLOCK threads.
KERNEL step_metrics(
        const float* __restrict__ reconstruction,  // rows
        int rows,
        const float* __restrict__ kl,  // klRows; unused with 0
        int klRows,
        const float* __restrict__ klTerm,  // klTermRows; unused with 0: kl
        int klTermRows,
        const float* __restrict__ bound,  // boundRows; unused with 0
        int boundRows,
        const float* __restrict__ outputLogVar,  // 1; optional
        const float* __restrict__ schedule,      // steps × 3
        const int* __restrict__ clock,           // 4
        double* __restrict__ table) {            // steps × 5
    double meanReconstruction = mean(reconstruction, rows);
    double meanKl = mean(kl, klRows);
    double meanTerm = mean(klTerm, klTermRows);
    double meanBound = mean(bound, boundRows);
    if (threadIdx.x == 0) {
        double* row = table + (long long)clock[SLOT] * METRICS_COLUMNS;
        double beta = scheduled(schedule, clock, BETA);
        double term = klTermRows ? meanTerm : meanKl;
        row[LOSS] = boundRows ? -meanBound : meanReconstruction + beta * term;
        row[RECONSTRUCTION] = meanReconstruction;
        row[KL] = meanKl;
        row[METRICS_BETA] = beta;
        // no clamp here, so the square of the root, which no float overflows
        float nan = __int_as_float(0x7fc00000);
        double deviation = outputLogVar ? exponential(0.5f * outputLogVar[0]) : nan;
        row[OUTPUT_VARIANCE] = deviation * deviation;
    }
}

// One step of Adam over flat memory. Any grid of BLOCK threads.
RESIDENT(6) adam(
        float* __restrict__ parameters,      // n
        const float* __restrict__ gradient,  // n
        float* __restrict__ m,               // n
        float* __restrict__ v,               // n
        const float* __restrict__ schedule,  // steps × 3
        const int* __restrict__ clock,       // 4
        float fresh1,                        // 1 − β₁, subtracted in float64
        float fresh2,                        // 1 − β₂
        float epsilon,
        long long n) {
    float stepSize = scheduled(schedule, clock, STEP_SIZE);
    float secondMomentScale = scheduled(schedule, clock, SECOND_MOMENT_SCALE);
    bool aligned = isAligned(parameters) && isAligned(gradient) && isAligned(m) && isAligned(v);
    long long step = 4LL * gridDim.x * blockDim.x;
    for (long long at = 4 * ((long long)blockIdx.x * blockDim.x + threadIdx.x); at < n; at += step) {
        Quad p = load(parameters, at, n, aligned);
        Quad g = load(gradient, at, n, aligned);
        Quad first = load(m, at, n, aligned);
        Quad second = load(v, at, n, aligned);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            first.v[i] = __fmaf_rn(fresh1, g.v[i] - first.v[i], first.v[i]);
            second.v[i] = __fmaf_rn(fresh2, __fmaf_rn(g.v[i], g.v[i], -second.v[i]), second.v[i]);
            float root = __fmaf_rn(__fsqrt_rn(second.v[i]), secondMomentScale, epsilon);
            p.v[i] = p.v[i] - stepSize * first.v[i] / root;
        }
        store(parameters, at, n, aligned, p);
        store(m, at, n, aligned, first);
        store(v, at, n, aligned, second);
    }
}

// to[i] = from + (i + 1) · (step, row, slot, sample), counters that wrap; one of them in place advances a clock. Any grid.
KERNEL advance(
        const int* from,  // 4
        int* to,          // count × 4; may be from with one
        int step,
        int row,
        int slot,
        int sample,
        int count) {
    for (int i = (int)(blockIdx.x * blockDim.x + threadIdx.x); i < count; i += (int)(gridDim.x * blockDim.x)) {
        unsigned times = (unsigned)i + 1;
        to[4 * i + STEP] = (int)((unsigned)from[STEP] + times * (unsigned)step);
        to[4 * i + ROW] = (int)((unsigned)from[ROW] + times * (unsigned)row);
        to[4 * i + SLOT] = (int)((unsigned)from[SLOT] + times * (unsigned)slot);
        to[4 * i + SAMPLE] = (int)((unsigned)from[SAMPLE] + times * (unsigned)sample);
    }
}
