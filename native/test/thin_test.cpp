// Products of dense layers with a thin input.
#include "activations.h"

namespace {

struct Product {
    int rows, in, out;
};
// in: less than a quad, a quad and one more, the lanes of a row's quads full and not, and all 64
constexpr Product PRODUCTS[] = {{1, 1, 1},    {7, 3, 33},   {65, 5, 31},  {33, 16, 100}, {129, 17, 9},
                                {3, 20, 521}, {130, 20, 36}, {64, 33, 64}, {65, 63, 17},  {35, 64, 130}};

// A product of `terms` is off by 16 of its roundings at most, as in dev.elbo.verify.Tolerances.
double productBound(double terms) { return 16 * U * terms; }

void forward(Product shape, Layout layout, int activation) {
    Draw draw;
    auto [rows, in, out] = shape;
    Values xs = draw.normal(size_t(rows) * in), weights = draw.normal(size_t(out) * in), biases = draw.normal(out);
    xs[xs.size() / 2] = NAN;
    Layout start{0, layout.offset};
    Matrix x(rows, in, layout, xs), weight(out, in, start, weights), bias(1, out, start, biases);
    // blocks down: one, which walks over all rows, and more than there are tiles
    std::vector<Values> got = sameBits({1, 2, 7}, [&](unsigned down, uint64_t seed) {
        Matrix y(rows, out, layout);
        run("dense_thin", {(out + 31u) / 32, down}, {256}, seed, x.at(), x.stride(), weight.at(), bias.at(), y.at(),
            y.stride(), rows, in, out, activation);
        return std::vector<Values>{y.get()};
    });
    auto sum = [&](int i, bool absolute) {
        double total = absolute ? std::abs(biases[i % out]) : biases[i % out];
        for (int k = 0; k < in; k++) {
            double term = double(xs[i / out * in + k]) * weights[i % out * in + k];
            total += absolute ? std::abs(term) : term;
        }
        return total;
    };
    compare(std::string("dense_thin ") + NAMES[activation], got[0], [&](int i) { return activated(activation, sum(i, false)); },
            [&](int i) {
                return productBound(sum(i, true)) + activationBound(activation, activated(activation, sum(i, false)));
            });
}

void backward(Product shape, Layout layout, Layout layoutOfY, int activation, int many) {
    Draw draw;
    auto [rows, in, out] = shape;
    Values before = draw.normal(size_t(rows) * out, 0, 2), d = draw.normal(size_t(rows) * out);
    Values weights = draw.normal(size_t(out) * in), ys;
    for (float v : before) {
        ys.push_back(static_cast<float>(activated(activation, v)));
    }
    Matrix y(rows, out, layoutOfY, ys), weight(out, in, Layout{0, layout.offset}, weights);
    std::vector<Values> got = sameBits({1, 2, 70}, [&](unsigned blocks, uint64_t seed) {
        Matrix dY(rows, out, layout, d), dX(rows, in, layout);
        run("dense_grad_thin", {blocks}, {256}, seed, y.at(), y.stride(), dY.at(), dY.stride(), weight.at(), dX.at(),
            dX.stride(), rows, out, in, activation, many);
        return std::vector<Values>{dY.get(), dX.get()};
    });
    std::string name = std::string("dense_grad_thin ") + NAMES[activation];
    auto exact = [&](int i) { return d[i] * derivative(activation, ys[i]); };
    auto bound = [&](int i) { return derivativeBound(activation, d[i], exact(i)); };
    compare(name, got[0], exact, bound);
    auto sum = [&](int i, auto term) {
        double total = 0;
        for (int o = 0; o < out; o++) {
            total += term(i / in * out + o, double(weights[size_t(o) * in + i % in]));
        }
        return total;
    };
    compare(name + " dX", got[1], [&](int i) { return sum(i, [&](int at, double w) { return exact(at) * w; }); },
            [&](int i) {
                return productBound(sum(i, [&](int at, double w) { return std::abs(exact(at) * w); })) +
                       sum(i, [&](int at, double w) { return bound(at) * std::abs(w); });
            });
}

}  // namespace

TEST("thin products") {
    int i = 0;
    for (Product shape : PRODUCTS) {
        for (int activation = 0; activation < ACTIVATIONS; activation++) {
            forward(shape, firstLayout(i++), activation);
        }
    }
}

TEST("gradients of thin products") {
    int i = 0;
    for (Product shape : PRODUCTS) {
        for (int activation = RELU; activation < ACTIVATIONS; activation++) {
            i++;
            backward(shape, firstLayout(i), secondLayout(i), activation, i / 4 % 2);
        }
    }
}
