// The narrow part of a step: each stage is held against double loops over what the stage before it left in memory, and what
// the single kernels do too against those, bit for bit.
#include "activations.h"

namespace {

const Counters COUNTERS{3, 11, 1, 2};

struct Narrow {
    int rows, width, latent, units;
};
// latent: a quad and less, all lanes of teams of 4, 8 and 16, and all there may be; wide rows, and more than a block's span;
// units that are not whole quads, which the kernels guard although Fusion never asks for them
constexpr Narrow SHAPES_OF_STEP[] = {{1, 4, 1, 4},     {3, 12, 3, 8},    {5, 132, 4, 36}, {2, 400, 20, 400},
                                     {7, 36, 17, 100}, {2, 516, 32, 64}, {3, 40, 33, 1028}, {2, 200, 50, 200},
                                     {2, 24, 64, 68},  {2, 1032, 5, 12}, {2, 8, 12, 23}};

// A product of `terms` is off by 16 of its roundings at most, as in dev.elbo.verify.Tolerances.
double productBound(double terms) { return 16 * U * terms; }

// Σ_k a[i, k] · b[k, j], and of the absolute values
struct Sum {
    double exact = 0, terms = 0;
    void add(double term) {
        exact += term;
        terms += std::abs(term);
    }
};

Values columns(const Values& wide, int rows, int cols, int from, int count) {
    Values values;
    for (int r = 0; r < rows; r++) {
        values.insert(values.end(), wide.begin() + r * cols + from, wide.begin() + r * cols + from + count);
    }
    return values;
}

// Exactly the codes of the heads, and what a single kernel would be given.
struct Heads {
    Matrix mu, logVar;
    Heads(const Values& heads, int rows, int latent)
        : mu(rows, latent, GAP, columns(heads, rows, 2 * latent, 0, latent)),
          logVar(rows, latent, DENSE, columns(heads, rows, 2 * latent, latent, latent)) {}
};

void forward(Narrow shape, unsigned threads, Layout narrow, int activation, bool given, int firstRow, bool withKl) {
    Draw draw;
    auto [rows, width, latent, units] = shape;
    Values hs = draw.normal(size_t(rows) * width), headWeights = draw.normal(size_t(2) * latent * width, 0, 0.2);
    Values headBiases = draw.normal(2 * latent), weights = draw.normal(size_t(units) * latent), biases = draw.normal(units);
    Values eps = draw.normal(size_t(rows) * latent);
    hs[hs.size() - 1] = rows > 2 ? NAN : hs.back();
    Matrix h(rows, width, GAP_OF_QUADS, hs), headWeight(2 * latent, width, DENSE, headWeights);
    Matrix headBias(1, 2 * latent, Layout{0, narrow.offset}, headBiases);
    Matrix weight(units, latent, Layout{0, narrow.offset}, weights), bias(1, units, DENSE, biases);
    Matrix noise(rows, latent, narrow, eps);
    Array<int> clock(COUNTERS.values());
    const int* counters = given ? nullptr : clock.at();
    // fewer blocks than rows, and more
    std::vector<Values> got = sameBits({1, 2, 9}, [&](unsigned blocks, uint64_t seed) {
        Matrix heads(rows, 2 * latent, narrow), z(rows, latent, narrow), y(rows, units, DENSE);
        Column kl(rows, withKl), sampled(rows, !withKl || given);
        run("bottleneck", {blocks}, {threads}, seed, h.at(), h.stride(), headWeight.at(), headBias.at(), heads.at(),
            heads.stride(), given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM, firstRow, counters,
            z.at(), z.stride(), kl.at(), sampled.at(), weight.at(), bias.at(), y.at(), y.stride(), rows, width, latent,
            units, activation);
        return std::vector<Values>{heads.get(), z.get(), y.get(), kl.get(), sampled.get()};
    });
    auto head = [&](int i) {
        Sum sum;
        sum.add(headBiases[i % (2 * latent)]);
        for (int k = 0; k < width; k++) {
            sum.add(double(hs[i / (2 * latent) * width + k]) * headWeights[i % (2 * latent) * width + k]);
        }
        return sum;
    };
    compare("bottleneck heads", got[0], [&](int i) { return head(i).exact; }, [&](int i) { return productBound(head(i).terms); });

    Heads heads(got[0], rows, latent);
    std::vector<Values> single = sameBits({1}, [&](unsigned grid, uint64_t seed) {
        Matrix z(rows, latent, DENSE);
        Column kl(rows, withKl), sampled(rows, !withKl || given);
        run("reparameterize", {grid}, {256}, seed, heads.mu.at(), heads.mu.stride(), heads.logVar.at(),
            heads.logVar.stride(), given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM, firstRow,
            counters, z.at(), z.stride(), kl.at(), sampled.at(), rows, rows, latent);
        return std::vector<Values>{z.get(), kl.get(), sampled.get()};
    });
    compareBits("bottleneck z", got[1], single[0]);
    // the same terms in float64, in another order
    for (int i : {1, 2}) {
        compare("bottleneck divergences", got[2 + i], [&](int at) { return single[i][at]; },
                [&](int at) { return 2 * U * std::abs(single[i][at]); });
    }
    auto sum = [&](int i) {
        Sum total;
        total.add(biases[i % units]);
        for (int k = 0; k < latent; k++) {
            total.add(double(got[1][i / units * latent + k]) * weights[i % units * latent + k]);
        }
        return total;
    };
    compare(std::string("bottleneck ") + NAMES[activation], got[2], [&](int i) { return activated(activation, sum(i).exact); },
            [&](int i) {
                Sum total = sum(i);
                return productBound(total.terms) + activationBound(activation, activated(activation, total.exact));
            });
}

void backward(Narrow shape, unsigned threads, Layout narrow, int activation, int before, bool given, int firstRow, int mode,
              bool weighted) {
    Draw draw;
    auto [rows, width, latent, units] = shape;
    Values ys, hs, ds = draw.normal(size_t(rows) * units), weights = draw.normal(size_t(units) * latent);
    for (float v : draw.normal(size_t(rows) * units, 0, 2)) {
        ys.push_back(static_cast<float>(activated(activation, v)));
    }
    for (float v : draw.normal(size_t(rows) * width, 0, 2)) {
        hs.push_back(static_cast<float>(activated(before, v)));
    }
    Values headValues = draw.normal(size_t(rows) * 2 * latent, -0.5), headWeights = draw.normal(size_t(2) * latent * width);
    Values eps = draw.normal(size_t(rows) * latent), rowWeights = draw.normal(rows, 0.4, 0.5);
    const float scale = 1.0f / static_cast<float>(rows);
    Matrix y(rows, units, GAP_OF_QUADS, ys), weight(units, latent, Layout{0, narrow.offset}, weights);
    Matrix heads(rows, 2 * latent, narrow, headValues), noise(rows, latent, narrow, eps);
    Matrix headWeight(2 * latent, width, DENSE, headWeights), h(rows, width, GAP_OF_QUADS, hs);
    Array<float> schedule(Values{NAN, NAN, NAN, 0.001f, 1.5f, 0.7f}), rowWeight(rowWeights);
    Array<int> clock(COUNTERS.values());
    const int* counters = given ? nullptr : clock.at();
    std::vector<Values> got = sameBits({1, 2, 9}, [&](unsigned blocks, uint64_t seed) {
        Matrix dY(rows, units, units % 4 == 0 ? DENSE : GAP_OF_QUADS, ds), dZ(rows, latent, narrow);
        Matrix dHeads(rows, 2 * latent, narrow), dH(rows, width, DENSE);
        run("bottleneck_grad", {blocks}, {threads}, seed, y.at(), y.stride(), dY.at(), dY.stride(), weight.at(), dZ.at(),
            dZ.stride(), heads.at(), heads.stride(), given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM,
            firstRow, mode, schedule.at(), clock.at(), counters, weighted ? rowWeight.at() : nullptr, scale,
            dHeads.at(), dHeads.stride(), headWeight.at(), h.at(), h.stride(), dH.at(), dH.stride(), rows, units, latent,
            width, activation, before);
        return std::vector<Values>{dY.get(), dZ.get(), dHeads.get(), dH.get()};
    });
    std::string name = std::string("bottleneck_grad ") + NAMES[activation];
    auto exact = [&](int i) { return ds[i] * derivative(activation, ys[i]); };
    compare(name, got[0], exact, [&](int i) { return derivativeBound(activation, ds[i], exact(i)); });
    auto toCode = [&](int i) {
        Sum sum;
        for (int u = 0; u < units; u++) {
            sum.add(double(got[0][i / latent * units + u]) * weights[size_t(u) * latent + i % latent]);
        }
        return sum;
    };
    compare("bottleneck_grad dZ", got[1], [&](int i) { return toCode(i).exact; }, [&](int i) { return productBound(toCode(i).terms); });

    Heads apart(headValues, rows, latent);
    Matrix dZ(rows, latent, DENSE, got[1]);
    std::vector<Values> single = sameBits({1}, [&](unsigned grid, uint64_t seed) {
        Matrix dMu(rows, latent, DENSE), dLogVar(rows, latent, GAP);
        run("reparameterize_grad", {grid}, {256}, seed, apart.mu.at(), apart.mu.stride(), apart.logVar.at(),
            apart.logVar.stride(), given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM, firstRow, dZ.at(),
            dZ.stride(), mode, schedule.at(), clock.at(), counters, weighted ? rowWeight.at() : nullptr, scale, dMu.at(),
            dMu.stride(), dLogVar.at(), dLogVar.stride(), 1, rows, latent);
        return std::vector<Values>{dMu.get(), dLogVar.get()};
    });
    compareBits("bottleneck_grad dMu", columns(got[2], rows, 2 * latent, 0, latent), single[0]);
    compareBits("bottleneck_grad dLogVar", columns(got[2], rows, 2 * latent, latent, latent), single[1]);
    auto toH = [&](int i) {
        Sum sum;
        for (int j = 0; j < 2 * latent; j++) {
            sum.add(double(got[2][i / width * 2 * latent + j]) * headWeights[size_t(j) * width + i % width]);
        }
        return sum;
    };
    compare("bottleneck_grad dH", got[3], [&](int i) { return toH(i).exact * derivative(before, hs[i]); },
            [&](int i) {
                Sum sum = toH(i);
                double slope = derivative(before, hs[i]);
                return productBound(sum.terms) * std::abs(slope) + derivativeBound(before, sum.exact, sum.exact * slope);
            });
}

void biases(Narrow shape, Layout layout) {
    Draw draw;
    int rows = shape.rows * 30;
    int cols[] = {shape.units, 2 * shape.latent, shape.width};
    Values values[3];
    unsigned tiles = 0;
    for (int i = 0; i < 3; i++) {
        values[i] = draw.normal(size_t(rows) * cols[i]);
        tiles += unsigned(cols[i] + 31) / 32;
    }
    Matrix dY(rows, cols[0], layout, values[0]), dHeads(rows, cols[1], GAP, values[1]), dH(rows, cols[2], layout, values[2]);
    std::vector<Values> got = sameBits({tiles}, [&](unsigned grid, uint64_t seed) {
        Array<float> dB(cols[0]), dHeadBias(cols[1]), dBOfWidth(cols[2]);
        run("bottleneck_grad_bias", {grid}, {256}, seed, dY.at(), dY.stride(), dB.at(), dHeads.at(), dHeads.stride(),
            dHeadBias.at(), dH.at(), dH.stride(), dBOfWidth.at(), rows, cols[0], cols[1], cols[2]);
        return std::vector<Values>{dB.get(), dHeadBias.get(), dBOfWidth.get()};
    });
    for (int i = 0; i < 3; i++) {
        for (int c = 0; c < cols[i]; c++) {
            Sum sum;
            for (int r = 0; r < rows; r++) {
                sum.add(values[i][size_t(r) * cols[i] + c]);
            }
            compare("bottleneck_grad_bias", got[i][c], sum.exact, 2 * U * sum.terms);
        }
    }
}

}  // namespace

TEST("bottleneck") {
    int i = 0;
    for (Narrow shape : SHAPES_OF_STEP) {
        for (int activation = 0; activation < ACTIVATIONS; activation += 2) {
            i++;
            forward(shape, 64u << i % 3, LAYOUTS[i % 4], (activation + i) % ACTIVATIONS, i % 7 < 3, FIRST_ROWS[i % 2], i % 5 != 0);
        }
    }
}

// The weights of 63 codes end in a quad that is not full: the first to the eighth that a thread reads ahead, in the first tile,
// which takes 128 units, and in the second.
TEST("bottleneck, ends of the weights") {
    for (int ahead = 0; ahead < 8; ahead++) {
        for (int before : {0, 128}) {
            forward({1, 4, 63, before + 4 * ahead + 1}, 64, DENSE, IDENTITY, ahead % 2 == 0, ROW_OF_CLOCK, before > 0);
        }
    }
}

TEST("bottleneck_grad") {
    int i = 0;
    for (Narrow shape : SHAPES_OF_STEP) {
        for (int activation = RELU; activation < ACTIVATIONS; activation += 2) {
            i++;
            backward(shape, 64u << i % 3, LAYOUTS[i % 4], activation + i % 2, RELU + (i * 5) % 6, i % 7 < 3,
                     FIRST_ROWS[i % 2], i / 2 % 3, i % 5 < 2);
        }
    }
}

TEST("bottleneck, both ways, of a shard") {
    int i = 0;
    for (int firstRow : FIRST_ROWS) {
        i++;
        forward(SHAPES_OF_STEP[i], 64, LAYOUTS[i % 4], RELU, false, firstRow, true);
        backward(SHAPES_OF_STEP[i], 64, LAYOUTS[i % 4], RELU, RELU, false, firstRow, i % 3, true);
    }
}

TEST("bottleneck_grad_bias") {
    int i = 0;
    for (Narrow shape : SHAPES_OF_STEP) {
        biases(shape, LAYOUTS[i++ % 4]);
    }
}
