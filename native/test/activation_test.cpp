// Activations, and what surrounds the products of dense layers.
#include "activations.h"

namespace {

Values inputs(Draw& draw, size_t n) {
    Values x = draw.normal(n, 0, 4);
    const float edges[] = {0, -0.0f, 1e-5f, -1e-5f, 60, -60, NAN, INFINITY, -INFINITY};
    for (size_t i = 5; i < n; i += 13) {
        x[i] = edges[i / 13 % 9];
    }
    return x;
}

void forward(Shape shape, Layout layout, int offsetOfBias, int activation) {
    Draw draw;
    int rows = shape.batch, cols = shape.cols;
    Values in = inputs(draw, size_t(rows) * cols);
    Values biasValues = draw.normal(cols);
    Matrix x(rows, cols, GAP, in);
    Matrix bias(1, cols, Layout{0, offsetOfBias}, biasValues);
    std::vector<Values> out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix y(rows, cols, layout), inPlace(rows, cols, layout, in);
        run("activate", {grid}, {256}, seed, x.at(), x.stride(), y.at(), y.stride(), rows, cols, activation);
        run("dense_activation", {grid}, {256}, seed, inPlace.at(), inPlace.stride(), bias.at(), rows, cols, activation);
        Matrix unbiased(rows, cols, layout, in);
        run("dense_activation", {grid}, {256}, seed, unbiased.at(), unbiased.stride(), static_cast<float*>(nullptr), rows,
            cols, activation);
        return std::vector<Values>{y.get(), inPlace.get(), unbiased.get()};
    });
    std::string name = std::string("activate ") + NAMES[activation];
    compare(name, out[0], [&](int i) { return activated(activation, in[i]); },
            [&](int i) { return activationBound(activation, activated(activation, in[i])); });
    compareBits(name, out[2], out[0]);
    auto sum = [&](int i) { return in[i] + biasValues[i % cols]; };
    compare(name, out[1], [&](int i) { return activated(activation, sum(i)); },
            [&](int i) { return activationBound(activation, activated(activation, sum(i))); });
}

void backward(Shape shape, Layout layout, Layout layoutOfY, int activation, unsigned chunks) {
    Draw draw;
    int rows = shape.batch, cols = shape.cols;
    Values x = draw.normal(size_t(rows) * cols, 0, 2), d = draw.normal(size_t(rows) * cols), ys;
    for (float v : x) {
        ys.push_back(static_cast<float>(activated(activation, v)));
    }
    Matrix y(rows, cols, layoutOfY, ys);
    std::vector<Values> out = sameBits({1}, [&](unsigned, uint64_t seed) {
        Matrix dY(rows, cols, layout, d);
        Array<double> partial(size_t(chunks) * cols);
        Array<float> dB(cols);
        run("dense_grad_activation", {(cols + 31u) / 32, chunks}, {256}, seed, y.at(), y.stride(), dY.at(), dY.stride(),
            rows, cols, activation, chunks == 1 ? nullptr : partial.at(), chunks == 1 ? dB.at() : nullptr);
        if (chunks > 1) {
            run("dense_grad_finish", {2}, {256}, seed, partial.at(), int(chunks), cols, dB.at());
        }
        Matrix alone(rows, cols, layout, d);
        run("dense_grad_activation", {(cols + 31u) / 32, chunks}, {256}, seed, y.at(), y.stride(), alone.at(), alone.stride(),
            rows, cols, activation, static_cast<double*>(nullptr), static_cast<float*>(nullptr));
        return std::vector<Values>{dY.get(), dB.get(), alone.get()};
    });
    compareBits("dense_grad without sums", out[2], out[0]);
    auto exact = [&](int i) { return d[i] * derivative(activation, ys[i]); };
    auto bound = [&](int i) { return derivativeBound(activation, d[i], exact(i)); };
    compare(std::string("dense_grad ") + NAMES[activation], out[0], exact, bound);
    for (int j = 0; j < cols; j++) {
        double sum = 0, terms = 0, carried = 0;
        for (int i = j; i < rows * cols; i += cols) {
            sum += exact(i);
            terms += std::abs(exact(i));
            carried += bound(i);
        }
        compare("dense_grad dB", out[1][j], sum, sumBound(0, rows, terms) + U * std::abs(sum) + carried);
    }
}

}  // namespace

TEST("activations") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (int activation = 0; activation < ACTIVATIONS; activation++) {
            forward(shape, firstLayout(i), i / 4 % 2, activation);
            i++;
        }
    }
}

TEST("biases") {
    int i = 0;
    for (Shape shape : SHAPES) {
        Draw draw;
        Layout layout = firstLayout(i);
        Values values = draw.normal(shape.cols);
        Matrix bias(1, shape.cols, Layout{0, i / 4 % 2}, values);
        i++;
        std::vector<Values> out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
            Matrix y(shape.batch, shape.cols, layout);
            run("dense_bias", {grid}, {256}, seed, bias.at(), y.at(), y.stride(), shape.batch, shape.cols);
            return std::vector<Values>{y.get()};
        });
        compare("dense_bias", out[0], [&](int at) { return values[at % shape.cols]; }, [](int) { return 0.0; });
    }
}

TEST("sums of chunks") {
    Draw draw;
    for (int count : CHUNKS) {
        for (int cols : COLUMNS_OF_CHUNKS) {
            Chunks chunks(draw, count, cols);
            Array<double> partial(chunks.partials);
            Values got = sameBits({1, 2, 9}, [&](unsigned grid, uint64_t seed) {
                Array<float> dB(cols);
                run("dense_grad_finish", {grid}, {32}, seed, static_cast<const double*>(partial.at()), count, cols, dB.at());
                return std::vector<Values>{dB.get()};
            })[0];
            compareBits("dense_grad_finish", got, chunks.sums);
        }
    }
}

TEST("gradients of activations") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (int activation = 0; activation < ACTIVATIONS; activation++) {
            const unsigned chunks[] = {1, 2, 5};
            i++;
            backward(shape, firstLayout(i), secondLayout(i), activation, chunks[i % 3]);
        }
    }
}
