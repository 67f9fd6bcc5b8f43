// The columns of tables, each of its kind; NaN is a missing value. What lies in a missing column besides never counts.
#include "counts.cuh"

// dev.elbo.model.ColumnKind
constexpr int GAUSSIAN = 0;
constexpr int BERNOULLI = 1;
constexpr int CATEGORICAL = 2;
constexpr int POISSON = 3;
constexpr int NEGATIVE_BINOMIAL = 4;

// The most places of a column that a lane takes alone.
constexpr int NARROW = 32;

// A row of dev.elbo.model.Columns.table().
struct Column {
    int kind;
    int place;
    int size;
    int number;

    __device__ __forceinline__ Column(const int* columns, int c) {
        kind = columns[4LL * c];
        place = columns[4LL * c + 1];
        size = columns[4LL * c + 2];
        number = columns[4LL * c + 3];
    }

    __device__ __forceinline__ bool isCount() const {
        return kind == POISSON || kind == NEGATIVE_BINOMIAL;
    }
};

// Which places of a column a lane takes: from, from + step, …; together: the whole team has the column, which is categorical.
struct Part {
    int from;
    int step;
    bool together;

    // Known where this is inlined: all other kinds are left out then.
    __device__ __forceinline__ bool isCategorical(const Column& column) const {
        return together || column.kind == CATEGORICAL;
    }
};

// A lane for each column, and for every 32 places at least one.
DEVICE unsigned lanesOf(int count, int cols) {
    unsigned wide = ((unsigned)cols + WARP - 1) / WARP;
    return (unsigned)count > wide ? (unsigned)count : wide;
}

// Deals the columns of a row to the lanes of its team: those of at most NARROW places go round, the others are taken by all lanes
// together. All lanes of a warp come here, and do so with the same columns, whether their row exists or not.
template <typename Take>
DEVICE void deal(const Teams& team, const int* columns, int count, Take take) {
    for (int first = 0; first < count; first += team.lanes) {
        bool wide = false;
        if (first + team.lane < count) {
            Column column(columns, first + team.lane);
            wide = column.size > NARROW;
            if (!wide) {
                take(column, Part{0, 1, false});
            }
        }
        if (__any_sync(FULL_WARP, wide)) {
            // there is one at least, which nvcc does not know: of a for loop it would make two of everything here
            int c = first;
            do {
                Column column(columns, c);
                if (column.size > NARROW) {
                    take(column, Part{team.lane, team.lanes, true});
                }
                c++;
            } while (c < count && c < first + team.lanes);
        }
    }
}

// ln(1 + x) of a count, below 8u; NaN below 0.
DEVICE float logarithm1PlusCount(float x) {
    return x > 1.0f ? logarithm(1.0f + x) : x >= 0.0f ? logarithm1Plus(x) : __int_as_float(0x7fffffff);
}

// Few columns have many places: loops over them are not unrolled.

// What softmax needs of the places of a column.
struct Exponentials {
    float most;
    double sum;
    float share;

    __device__ __forceinline__ Exponentials(const Teams& team, const float* o, int size, Part part) {
        // of NaN this is any of the others, but the sum is NaN
        most = -__int_as_float(0x7f800000);
#pragma unroll 1
        for (int i = part.from; i < size; i += part.step) {
            most = o[i] > most ? o[i] : most;
        }
        if (part.together) {
            for (int distance = team.lanes / 2; distance > 0; distance /= 2) {
                float other = __shfl_xor_sync(FULL_WARP, most, distance);
                most = other > most ? other : most;
            }
        }
        sum = 0;
#pragma unroll 1
        for (int i = part.from; i < size; i += part.step) {
            sum += exponential(o[i] - most);
        }
        if (part.together) {
            sum = team.sum(sum);
        }
        share = 1.0f / (float)sum;
    }

    __device__ __forceinline__ float softmax(float o) const {
        return exponential(o - most) * share;
    }

    __device__ __forceinline__ double log() const {
        return (double)most + logarithm((float)sum);
    }
};

// What the encoder sees of x: 0 where it is missing, ln(1 + x) of counts, x of the others. A team of lanes a row; any grid of whole
// warps, BLOCK threads at most.
KERNEL column_inputs(
        const float* __restrict__ x,  // rows × cols
        long long xStride,
        const int* __restrict__ columns,  // count × 4
        float* __restrict__ inputs,       // rows × cols
        long long inputsStride,
        int rows,
        int cols,
        int count) {
    Teams team(lanesOf(count, cols));
    for (unsigned first = team.firstOfWarp; first < (unsigned)rows; first += team.step) {
        long long r = (long long)first + team.rowOfWarp;
        deal(team, columns, count, [=](const Column& column, Part part) {
            const float* from = x + r * xStride + column.place;
            float* to = inputs + r * inputsStride + column.place;
#pragma unroll 1
            for (int i = part.from; r < rows && i < column.size; i += part.step) {
                float value = from[i];
                bool isCount = !part.isCategorical(column) && column.isCount();
                to[i] = value != value ? 0.0f : isCount ? logarithm1PlusCount(value) : value;
            }
        });
    }
}

// The mean of each column: o, sigmoid(o), softmax(o) over its places, or exp(o) of a count. A team of lanes a row; any grid of
// whole warps, BLOCK threads at most.
KERNEL column_mean(
        const float* __restrict__ output,  // rows × cols
        long long outputStride,
        const int* __restrict__ columns,  // count × 4
        float* __restrict__ mean,         // rows × cols
        long long meanStride,
        int rows,
        int cols,
        int count) {
    Teams team(lanesOf(count, cols));
    for (unsigned first = team.firstOfWarp; first < (unsigned)rows; first += team.step) {
        long long r = (long long)first + team.rowOfWarp;
        bool exists = r < rows;
        // a shuffle needs the lanes of no row too: they take the last one
        long long row = exists ? r : rows - 1;
        deal(team, columns, count, [=](const Column& column, Part part) {
            const float* o = output + row * outputStride + column.place;
            float* to = mean + row * meanStride + column.place;
            if (part.isCategorical(column)) {
                Exponentials e(team, o, column.size, part);
#pragma unroll 1
                for (int i = part.from; exists && i < column.size; i += part.step) {
                    to[i] = e.softmax(o[i]);
                }
            } else if (exists) {
                float value = o[0];
                to[0] = column.kind == GAUSSIAN ? value
                        : column.kind == BERNOULLI ? sigmoidOf(value, exponential(-fabsf(value)))
                                                   : (float)exponential64(clampLogMean(value));
            }
        });
    }
}

// One row of the loss, as the lanes of a team see it. A pointer that is null is not wanted.
struct RowOfLoss {
    const float* output;
    const float* x;
    float* dOutput;
    float* terms;
    float weight;
    bool exists;

    __device__ __forceinline__ void gradient(int place, float value) const {
        if (dOutput && exists) {
            dOutput[place] = value;
        }
    }

    // Of log σ² or of log θ, summed over rows later.
    __device__ __forceinline__ void term(int number, float value) const {
        if (terms && exists) {
            terms[number] = value;
        }
    }

    __device__ __forceinline__ float scaled(double value) const {
        return (float)((double)weight * value);
    }

    __device__ __forceinline__ double gaussian(const Column& column, float t, float o, float logVar) const {
        float lv = clampLogVar(logVar);
        float e = o - t;
        float ep = e * exponential(-lv);
        gradient(column.place, weight * ep);
        term(column.number, 0.5f * weight * __fmaf_rn(-e, ep, 1.0f));
        return 0.5 * (__fmaf_rn(e, ep, lv) + LOG_2_PI);
    }

    __device__ __forceinline__ double bernoulli(const Column& column, float t, float o) const {
        float e = exponential(-fabsf(o));
        gradient(column.place, weight * (sigmoidOf(o, e) - t));
        return __fmaf_rn(-o, t, o > 0.0f ? o : 0.0f) + logarithm1Plus(e);
    }

    __device__ __forceinline__ double categorical(const Teams& team, const Column& column, Part part, bool missing) const {
        const float* o = output + column.place;
        const float* t = x + column.place;
        Exponentials e(team, o, column.size, part);
        double chosen = 0;
#pragma unroll 1
        for (int i = part.from; i < column.size; i += part.step) {
            chosen += (double)t[i] * o[i];
            gradient(column.place + i, missing ? 0.0f : weight * (e.softmax(o[i]) - t[i]));
        }
        if (part.together) {
            chosen = team.sum(chosen);
        }
        return e.log() - chosen;
    }

    __device__ __forceinline__ double counts(const Column& column, const CountLoss& loss, float o) const {
        gradient(column.place, isInsideLogMean(o) ? scaled(loss.byLogMean) : 0.0f);
        return loss.loss;
    }
};

// −log p of what is observed in each row, the gradient with respect to output, and the terms of those with respect to log σ² and
// log θ. A team of lanes a row; any grid of whole warps, BLOCK threads at most.
RESIDENT(3) column_loss(
        const float* __restrict__ output,  // rows × cols, rows = samples · batch
        long long outputStride,
        const float* __restrict__ x,  // batch × cols
        long long xStride,
        const int* __restrict__ columns,          // count × 4
        const float* __restrict__ logVar,         // gaussians
        const float* __restrict__ logDispersion,  // parameters − gaussians
        const float* __restrict__ rowWeight,      // rows; optional: 1
        float scale,
        float* __restrict__ loss,     // rows; optional
        float* __restrict__ dOutput,  // rows × cols; optional
        long long dOutputStride,
        float* __restrict__ terms,  // rows × parameters; optional
        int gaussians,
        int parameters,
        int rows,
        int batch,
        int cols,
        int count) {
    Teams team(lanesOf(count, cols));
    for (unsigned first = team.firstOfWarp; first < (unsigned)rows; first += team.step) {
        long long r = (long long)first + team.rowOfWarp;
        RowOfLoss row;
        row.exists = r < rows;
        // a shuffle needs the lanes of no row too: they take the last one
        r = row.exists ? r : rows - 1;
        row.output = output + r * outputStride;
        row.x = x + exampleOf(r, batch) * xStride;
        row.dOutput = dOutput ? dOutput + r * dOutputStride : nullptr;
        row.terms = terms ? terms + r * parameters : nullptr;
        row.weight = rowWeight ? scale * rowWeight[r] : scale;
        double own = 0;
        double together = 0;
        deal(team, columns, count, [&](const Column& column, Part part) {
            float t = row.x[column.place];
            float o = row.output[column.place];
            bool missing = t != t;
            bool isDispersed = column.kind == NEGATIVE_BINOMIAL;
            if (part.isCategorical(column)) {
                double term = row.categorical(team, column, part, missing);
                (part.together ? together : own) += missing ? 0 : term;
            } else if (missing) {
                row.gradient(column.place, 0);
                if (column.kind == GAUSSIAN || isDispersed) {
                    row.term(isDispersed ? gaussians + column.number : column.number, 0);
                }
            } else if (column.kind == GAUSSIAN) {
                own += row.gaussian(column, t, o, logVar[column.number]);
            } else if (column.kind == BERNOULLI) {
                own += row.bernoulli(column, t, o);
            } else if (column.kind == POISSON) {
                own += row.counts(column, poisson(countOf(t), clampLogMean(o)), o);
            } else {
                Dispersion d = dispersionOf(logDispersion[column.number]);
                CountLoss all = negativeBinomial(countOf(t), clampLogMean(o), d);
                row.term(gaussians + column.number, row.scaled(all.byLogDispersion));
                own += row.counts(column, all, o);
            }
        });
        if (loss) {
            own = team.sum(own);
            if (team.lane == 0 && row.exists) {
                loss[r] = (float)(own + together);
            }
        }
    }
}

// The gradients with respect to log σ² and log θ: sums of the terms of column_loss over rows; exactly 0 where they are clamped.
// ⌈parameters / 32⌉ blocks of BLOCK threads.
KERNEL column_loss_finish(
        const float* __restrict__ terms,  // rows × parameters
        const float* __restrict__ logVar,         // gaussians
        const float* __restrict__ logDispersion,  // parameters − gaussians
        float* __restrict__ dLogVar,              // gaussians; optional
        float* __restrict__ dLogDispersion,       // parameters − gaussians; optional
        int gaussians,
        int parameters,
        int rows) {
    bool aligned = isAligned(terms, parameters);
    double total = columnSum(rows, parameters, [=](long long row, long long col) {
        return load(terms + row * parameters, col, parameters, aligned);
    });
    int col = summedColumn(parameters);
    if (col >= 0 && col < gaussians && dLogVar) {
        dLogVar[col] = isInside(logVar[col]) ? (float)total : 0.0f;
    } else if (col >= gaussians && dLogDispersion) {
        int number = col - gaussians;
        dLogDispersion[number] = isInsideLogDispersion(logDispersion[number]) ? (float)total : 0.0f;
    }
}
