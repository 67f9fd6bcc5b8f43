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

// The mean of a column, in all threads of the one block; 0 of none.
DEVICE double mean(const float* column, int rows) {
    double own = 0;
    for (int i = (int)threadIdx.x; i < rows; i += BLOCK) {
        own += column[i];
    }
    double total = blockSum(own);
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
        int rowsOfData,
        const int* __restrict__ noiseClock,  // 4; unused with given noise
        float* __restrict__ x,               // rows × cols
        long long xStride,
        int rows,
        int cols) {
    Noise uniforms(noise, noiseStride, seed, stream, rowsOfData, binarize ? noiseClock : clock, cols);
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
        int rowsOfData,
        const int* __restrict__ noiseClock,  // 4; unused with given noise
        float* __restrict__ x,               // rows × cols
        long long xStride,
        int rows,
        int cols) {
    Noise uniforms(noise, noiseStride, seed, stream, rowsOfData, binarize ? noiseClock : clock, cols);
    gatherAll(data, order, clock, scale, uniforms, binarize != 0, x, xStride, rows, cols);
}

// Keeps a NaN.
DEVICE double clamp(double x, double most) {
    return x < -most ? -most : x > most ? most : x;
}

// The weight of the KL divergence from the mean of what is held to a target. One block of BLOCK threads.
KERNEL kl_weight(
        const float* __restrict__ value,  // rows
        int rows,
        int weighting,                       // KlWeighting's ordinal
        const float* __restrict__ targets,   // steps
        float rate,
        double* __restrict__ state,     // 3, of a multiplier
        float* __restrict__ schedule,   // steps × 3
        const int* __restrict__ clock) {  // 4
    double meanValue = mean(value, rows);
    if (threadIdx.x == 0) {
        double violation = meanValue - targets[clock[SLOT]];
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
