// What frames a step: the batch, the optimiser, metrics, counters; importance weights.
#include <algorithm>

#include "numerics.h"

namespace {

// The uniforms of Philox, from the words of the generator: word >> 8 | 1 is 2^24 u.
Values uniforms(unsigned long long seed, unsigned stream, Counters counters, int firstRow, int rows, int cols) {
    Values all;
    for (int i = 0; i < rows * cols; i++) {
        unsigned long long element = (unsigned long long)(firstRow < 0 ? counters.row : firstRow) * cols + i;
        uint32_t c[4] = {uint32_t(element / 4), uint32_t(counters.step), stream, uint32_t(counters.sample)};
        uint32_t key[2] = {uint32_t(seed), uint32_t(seed >> 32)};
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = 0xD2511F53ull * c[0], p1 = 0xCD9E8D57ull * c[2];
            uint32_t next[4] = {uint32_t(p1 >> 32) ^ c[1] ^ key[0], uint32_t(p1), uint32_t(p0 >> 32) ^ c[3] ^ key[1],
                                uint32_t(p0)};
            memcpy(c, next, sizeof c);
            key[0] += 0x9E3779B9u;
            key[1] += 0xBB67AE85u;
        }
        all.push_back(static_cast<float>(c[element % 4] >> 8 | 1u) * 0x1p-24f);
    }
    return all;
}

enum class Binarize { none, given, philox };

template <class T>
void gather(const char* kernel, const std::vector<T>& stored, float scale, Shape shape, Layout layout, bool ordered,
            Binarize binarize, int firstRow) {
    Draw draw;
    int rows = shape.batch, cols = shape.cols;
    int dataRows = static_cast<int>(stored.size()) / cols;
    const Counters counters{4, 2, 0, 1};
    std::vector<int> places(rows + 2);
    for (int& p : places) {
        p = static_cast<int>(draw.random() % dataRows);
    }
    Values u = binarize == Binarize::philox ? uniforms(SEED, NOISE_STREAM, counters, firstRow, rows, cols)
                                            : draw.uniform(size_t(rows) * cols);
    Array<T> data(stored);
    Array<int> order(places);
    Array<int> clock(counters.values());
    Matrix noise(rows, cols, layout, u);
    Values out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix x(rows, cols, layout);
        run(kernel, {grid}, {256}, seed, data.at(), ordered ? order.at() : nullptr, clock.at(), scale,
            int(binarize != Binarize::none), binarize == Binarize::given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM,
            firstRow, binarize == Binarize::philox ? clock.at() : nullptr, x.at(), x.stride(), rows, cols);
        return std::vector<Values>{x.get()};
    })[0];
    Values exact;
    for (int i = 0; i < rows * cols; i++) {
        int row = ordered ? places[2 + i / cols] : 2 + i / cols;
        float value = scale * static_cast<float>(stored[size_t(row) * cols + i % cols]);
        exact.push_back(binarize == Binarize::none ? value : u[i] < value ? 1.0f : 0.0f);
    }
    compareBits(kernel, out, exact);
}

void importance(int batch, int samples, bool withLogWeights, bool withWeights) {
    Draw draw;
    int rows = batch * samples;
    Values reconstruction = draw.normal(rows, 90, 5);
    Values sampledKl = draw.normal(rows, 12, 3);
    if (rows > 40) {
        reconstruction[7] = INFINITY;
        reconstruction[8] = 400;
        sampledKl[31] = NAN;
    }
    Array<float> first(reconstruction), second(sampledKl);
    std::vector<Values> out = sameBits({1, 2, 6}, [&](unsigned grid, uint64_t seed) {
        Column logWeights(rows, withLogWeights), weights(rows, withWeights), bound(batch, true);
        run("importance_weights", {grid}, {256}, seed, first.at(), second.at(), logWeights.at(), weights.at(), bound.at(),
            samples, batch);
        return std::vector<Values>{logWeights.get(), weights.get(), bound.get()};
    });
    auto logWeight = [&](int r) { return -double(reconstruction[r]) - sampledKl[r]; };
    compare("importance_weights log", out[0], logWeight, [&](int r) { return U * std::abs(logWeight(r)); });
    for (int b = 0; b < batch; b++) {
        double max = -INFINITY, delta = 0, sum = 0;
        for (int r = b; r < rows; r += batch) {
            double w = logWeight(r);
            delta = std::isinf(w) ? delta : std::max(delta, U * std::abs(w));
            max = w > max || std::isnan(w) ? w : max;
        }
        for (int r = b; r < rows; r += batch) {
            sum += std::exp(logWeight(r) - max);
        }
        double exact = max + std::log(sum) - std::log(samples);
        double logs = 2 * std::log2(samples);
        compare("importance_weights bound", out[2][b], exact, delta + U * std::abs(exact) + (6 + logs) * U);
        for (int r = b; withWeights && r < rows; r += batch) {
            double fromMax = logWeight(r) - max;
            double w = std::exp(fromMax) / sum;
            bool least = std::isnan(w) || w >= 0x1p-126;
            double distance = w == 0 ? 0 : U * std::abs(fromMax);
            compare("importance_weights", out[1][r], w,
                    least ? samples == 1 ? 0 : w * (2 * delta + distance + (8 + logs) * U) : 0x1p-126);
        }
    }
}

double mean(const Values& v, bool absolute) {
    double sum = 0;
    for (float x : v) {
        sum += absolute ? std::abs(x) : x;
    }
    return v.empty() ? 0 : sum / static_cast<double>(v.size());
}

void metrics(int rows, int klRows, int boundRows, int termRows, bool withVariance) {
    Draw draw;
    const float beta = 0.3f;
    Values reconstruction = draw.normal(rows, 90, 10), kl = draw.normal(klRows, 20, 4), bound = draw.normal(boundRows, -95, 15);
    Values klTerm = draw.normal(termRows, 25, 3);
    Array<float> term(termRows ? klTerm : Values(1));
    Array<float> first(reconstruction);
    Array<float> second(klRows ? kl : Values(1)), third(boundRows ? bound : Values(1));
    Array<float> logVar(Values{1.25f}), schedule(Values{NAN, NAN, NAN, 1, 1, beta, NAN, NAN, NAN});
    Array<int> clock(Counters{9, 9, 1, 9}.values());
    std::vector<double> before(15, 7.0);
    for (uint64_t seed = 1; seed < 4; seed++) {
        Array<double> table(before);
        run("step_metrics", {1}, {256}, seed, first.at(), rows, klRows ? second.at() : nullptr, klRows,
            termRows ? term.at() : nullptr, termRows, boundRows ? third.at() : nullptr, boundRows,
            withVariance ? logVar.at() : nullptr, schedule.at(), clock.at(), table.at());
        std::vector<double> out = table.get();
        double reconstructionUnit = 0x1p-52 * rows * mean(reconstruction, true);
        double klUnit = 0x1p-52 * klRows * mean(kl, true);
        double inLoss = termRows ? mean(klTerm, false) : mean(kl, false);
        double loss = boundRows ? -mean(bound, false) : mean(reconstruction, false) + double(beta) * inLoss;
        compare("step_metrics loss", out[5], loss,
                boundRows ? 0x1p-52 * boundRows * mean(bound, true)
                          : 2 * (reconstructionUnit + double(beta) * (klUnit + 0x1p-52 * inLoss)));
        compare("step_metrics reconstruction", out[6], mean(reconstruction, false), reconstructionUnit);
        compare("step_metrics kl", out[7], mean(kl, false), klUnit);
        compare("step_metrics variance", out[8], withVariance ? std::exp(1.25) : NAN, 8 * U * std::exp(1.25));
        compare("step_metrics beta", out[9], beta, 0);
        for (int i : {0, 1, 2, 3, 4, 10, 11, 12, 13, 14}) {
            require(out[i] == 7.0, "another row of the table was written");
        }
    }
}

// log beta, the moving average of the violation, whether it is there
void klWeight(double mean, int weighting, float target, float rate, std::vector<double> state) {
    Array<double> means(std::vector<double>{mean});
    Array<float> targets(Values{NAN, target, NAN});
    Array<int> clock(Counters{9, 9, 1, 9}.values());
    double violation = mean - target;
    double average = state[2] == 0 ? violation : 0.9 * state[1] + 0.1 * violation;
    double logBeta = std::clamp(state[0] + rate * std::clamp(average, -10.0, 10.0), -14.0, 14.0);
    for (uint64_t seed = 1; seed < 4; seed++) {
        Array<double> kept(state);
        Array<float> schedule(Values{1, 2, 3, 4, 5, 6, 7, 8, 9});
        run("kl_weight", {1}, {seed % 2 ? 1u : 256u}, seed, static_cast<const double*>(means.at()), weighting, targets.at(), rate, kept.at(), schedule.at(),
            clock.at());
        Values row = schedule.get();
        if (weighting == 0) {
            compare("kl_weight log beta", kept.get()[0], logBeta, 0x1p-48 * 20);
            compare("kl_weight average", kept.get()[1], average, 0x1p-48 * 20);
            require(kept.get()[2] == 1, "the state is not marked as there");
            compare("kl_weight beta", row[5], std::exp(logBeta), 24 * U * std::exp(logBeta));
        } else {
            require(kept.get() == state, "the state was written");
            require(row[5] == (violation > 0 ? rate : violation < 0 ? -rate : 0), "another sign");
        }
        row[5] = 6;
        require(row == Values({1, 2, 3, 4, 5, 6, 7, 8, 9}), "another element of the schedule was written");
    }
}

// Neighbours in pairs, of which an odd last one passes up, until one is left: level by level.
template <class T>
std::vector<T> tree(std::vector<std::vector<T>> level) {
    while (level.size() > 1) {
        std::vector<std::vector<T>> sums;
        for (size_t s = 0; s < level.size(); s += 2) {
            std::vector<T> sum = level[s];
            for (size_t i = 0; s + 1 < level.size() && i < sum.size(); i++) {
                sum[i] = sum[i] + level[s + 1][i];
            }
            sums.push_back(sum);
        }
        level = sums;
    }
    return level[0];
}

// Groups of 64 shards, each with the bits of its tree, whose sums in turn have those of the whole tree.
template <class T>
void sumShards(const char* kernel, int shards, int cols, bool shifted) {
    Draw draw;
    std::vector<std::vector<T>> parts;
    // one before the parts moves them from their boundary
    std::vector<T> all(shifted);
    for (int s = 0; s < shards; s++) {
        std::vector<T> part;
        Values sizes = draw.normal(cols, 0, 3);
        for (float v : draw.normal(cols)) {
            part.push_back(static_cast<T>(v * std::exp(double(sizes[part.size()])) / 3));
        }
        all.insert(all.end(), part.begin(), part.end());
        parts.push_back(part);
    }
    Array<T> given(all);
    int groups = (shards + 63) / 64;
    for (unsigned grid : {1u, 2u, 5u}) {
        Array<T> total(size_t(groups) * cols);
        run(kernel, {grid}, {256}, grid, static_cast<const T*>(given.at() + shifted), total.at(), shards, cols);
        std::vector<T> got = total.get();
        std::vector<std::vector<T>> sums;
        for (int g = 0; g < groups; g++) {
            auto end = g + 1 < groups ? parts.begin() + 64 * (g + 1) : parts.end();
            std::vector<T> exact = tree(std::vector<std::vector<T>>(parts.begin() + 64 * g, end));
            sums.emplace_back(got.begin() + size_t(g) * cols, got.begin() + size_t(g + 1) * cols);
            require(memcmp(sums.back().data(), exact.data(), cols * sizeof(T)) == 0, "other bits than the tree's");
        }
        require(tree(sums) == tree(parts), "the groups' sums are another tree");
        if (groups > 1) {
            Array<T> last(cols);
            run(kernel, {grid}, {256}, grid, static_cast<const T*>(total.at()), last.at(), groups, cols);
            require(last.get() == tree(parts), "other bits than the whole tree's");
        }
    }
}

void adam(int n, int offset) {
    Draw draw;
    const double beta1 = 0.9, beta2 = 0.999;
    const float epsilon = 1e-8f, stepSize = 0.004f, secondMomentScale = 9.5f;
    Values p = draw.normal(n), g = draw.normal(n, 0, 0.3), m = draw.normal(n, 0, 0.1), v = draw.uniform(n);
    g[0] = 0;
    v[0] = 0;
    Array<float> schedule(Values{stepSize, secondMomentScale, 1});
    Array<int> clock(Counters().values());
    Layout layout{0, offset};
    std::vector<Values> out = sameBits({1, 2, 4}, [&](unsigned grid, uint64_t seed) {
        Matrix parameters(1, n, layout, p), gradient(1, n, DENSE, g), first(1, n, layout, m), second(1, n, DENSE, v);
        run("adam", {grid}, {256}, seed, parameters.at(), gradient.at(), first.at(), second.at(), schedule.at(), clock.at(),
            float(1 - beta1), float(1 - beta2), epsilon, (long long)n);
        return std::vector<Values>{parameters.get(), first.get(), second.get()};
    });
    auto terms = [&](int i) { return beta1 * std::abs(double(m[i])) + (1 - beta1) * std::abs(double(g[i])); };
    auto nextM = [&](int i) { return m[i] + (1 - beta1) * (double(g[i]) - m[i]); };
    auto nextV = [&](int i) { return v[i] + (1 - beta2) * (double(g[i]) * g[i] - v[i]); };
    auto root = [&](int i) { return std::sqrt(nextV(i)) * secondMomentScale + double(epsilon); };
    compare("adam m", out[1], nextM, [&](int i) { return 3 * U * terms(i); });
    compare("adam v", out[2], nextV, [&](int i) { return 4 * U * nextV(i); });
    compare("adam parameters", out[0], [&](int i) { return p[i] - stepSize * nextM(i) / root(i); },
            [&](int i) { return 2 * U * std::abs(p[i]) + 12 * U * stepSize * terms(i) / root(i); });
}

}  // namespace

TEST("gather") {
    Draw draw;
    int i = 0;
    for (Shape shape : SHAPES) {
        size_t n = size_t(shape.batch + 5) * shape.cols;
        std::vector<unsigned char> bytes(n);
        for (auto& b : bytes) {
            b = static_cast<unsigned char>(draw.random());
        }
        Values reals = draw.uniform(n);
        for (Layout layout : LAYOUTS) {
            for (Binarize binarize : {Binarize::none, Binarize::given, Binarize::philox}) {
                i++;
                gather("gather_uint8", bytes, 1.0f / 255, shape, layout, i % 2 == 0, binarize, FIRST_ROWS[i % 4]);
                gather("gather_real", reals, 0.9f, shape, layout, i % 2 == 1, binarize, FIRST_ROWS[i / 2 % 4]);
            }
        }
    }
}

TEST("importance_weights") {
    int i = 0;
    for (int batch : {1, 2, 7, 31, 32, 33, 127}) {
        for (int samples : {1, 2, 5, 50, 129, 1000}) {
            i++;
            if (batch * samples <= 7000) {
                importance(batch, samples, i % 2 == 0, i % 3 != 0);
            }
        }
    }
}

TEST("step_metrics") {
    for (int rows : {1, 31, 255, 256, 257, 1000}) {
        metrics(rows, rows, 0, 0, false);
        metrics(rows, 0, 0, 0, true);
        metrics(3 * rows, rows, rows, 0, true);
        metrics(rows, rows, 0, 1, false);
        metrics(rows, rows, 0, rows, true);
    }
}

TEST("row_mean") {
    Draw draw;
    for (int rows : {1, 31, 255, 256, 257, 1000}) {
        for (int batch : {rows, 3 * rows + 1}) {
            Values value = draw.normal(rows, 5, 1);
            Array<float> values(value);
            for (uint64_t seed = 1; seed < 4; seed++) {
                Array<double> share(1);
                run("row_mean", {1}, {256}, seed, values.at(), rows, batch, share.at());
                double exact = mean(value, false) * rows / batch;
                compare("row_mean", share.get()[0], exact, 0x1p-52 * (rows + 2) * exact);
            }
        }
    }
}

TEST("sum_shards") {
    // as many as are read at once, a group of 64, and groups that are not full
    for (int shards = 1; shards <= 66; shards++) {
        for (int cols : {1, 7, 32}) {
            sumShards<float>("sum_shards_real", shards, cols, shards % 3 == 0);
            sumShards<double>("sum_shards_float64", shards, cols, false);
        }
    }
    for (int shards : {127, 128, 129, 300}) {
        sumShards<float>("sum_shards_real", shards, 36, false);
        sumShards<double>("sum_shards_float64", shards, 9, false);
    }
}

TEST("kl_weight") {
    for (double mean : {3.0, 5 + 1e-9, 200.25}) {
        klWeight(mean, 0, 3, 2e-3f, {0.4, 1.5, 0});
        klWeight(mean, 0, 300, -1e-2f, {-2, 1.5, 1});
        klWeight(mean, 0, 3, 10, {13.9, 1.5, 1});
        klWeight(mean, 1, 3, 40, {0, 0, 0});
        klWeight(mean, 1, 30, 40, {0, 0, 0});
    }
}

TEST("adam") {
    for (int n : {1, 31, 33, 127, 129, 1000, 4099}) {
        adam(n, 0);
        adam(n, 1);
    }
}

TEST("advance") {
    for (unsigned grid : {1u, 2u}) {
        Array<int> clock(std::vector<int>{1, 2, 3, 0x7fffffff});
        run("advance", {grid}, {32}, 5, clock.at(), clock.at(), 10, 20, -3, 1, 1);
        require(clock.get() == std::vector<int>{11, 22, 0, static_cast<int>(0x80000000u)}, "other counters");
        // a thread makes a turn and up to nine
        for (int count : {1, 33, 70, 97, 130, 260}) {
            Array<int> ahead(size_t(4) * count);
            run("advance", {grid}, {32}, 6, clock.at(), ahead.at(), 1, 128, -1, -7, count);
            std::vector<int> out = ahead.get();
            for (int i = 0; i < count; i++) {
                require(out[4 * i] == 12 + i && out[4 * i + 1] == 22 + 128 * (i + 1) && out[4 * i + 2] == -1 - i &&
                            out[4 * i + 3] == static_cast<int>(0x80000000u - 7u * (unsigned(i) + 1)),
                        "other counters ahead");
            }
        }
    }
}
