// Reconstruction losses with their gradients.
#include "numerics.h"

namespace {

const double LOG_2_PI = std::log(2 * M_PI);

struct Rows {
    Shape shape;
    Values output, x, weight;
    float scale;

    Rows(Draw& draw, Shape shape, double spread)
        : shape(shape),
          output(draw.normal(size_t(shape.rows()) * shape.cols, 0, spread)),
          x(draw.uniform(size_t(shape.batch) * shape.cols)),
          weight(draw.normal(shape.rows(), 0.4, 0.5)),
          scale(1.0f / static_cast<float>(shape.batch)) {
        if (output.size() > 60) {
            output[50] = NAN;
            x[20] = NAN;
        }
    }

    double target(int i) const { return x[size_t(i / shape.cols % shape.batch) * shape.cols + i % shape.cols]; }
    double weightOf(int i, bool weighted) const { return double(scale) * (weighted ? weight[i / shape.cols] : 1); }
};

// variances: 0, 1 or cols of them
void gaussian(Shape shape, Layout layout, int variances, bool weighted, bool withLoss, bool withGradient) {
    Draw draw;
    Rows in(draw, shape, 1);
    int rows = shape.rows(), cols = shape.cols;
    Values lv = draw.normal(std::max(1, variances), -1, 1.5);
    if (variances > 4) {
        lv[2] = -40;
        lv[3] = 30;
    }
    auto rawLogVar = [&](int i) -> double { return variances == 0 ? 0 : lv[variances == 1 ? 0 : i % cols]; };
    auto logVarOf = [&](int i) { return clampLogVar(rawLogVar(i)); };
    auto error = [&](int i) { return in.output[i] - in.target(i); };
    auto scaled = [&](int i) { return error(i) * std::exp(-logVarOf(i)); };
    Matrix output(rows, cols, layout, in.output);
    Matrix x(shape.batch, cols, GAP, in.x);
    Matrix logVar(1, std::max(1, variances), Layout{0, layout.offset}, lv);
    Array<float> weight(in.weight);
    float* logVarPointer = variances == 0 ? nullptr : logVar.at();
    float* weightPointer = weighted ? weight.at() : nullptr;
    std::vector<Values> out = sameBits({1, 2, 5}, [&](unsigned grid, uint64_t seed) {
        Column loss(rows, withLoss);
        Matrix dOutput(rows, cols, layout);
        run("gaussian_loss", {grid}, {seed % 2 ? 256u : 96u}, seed, output.at(), output.stride(), x.at(), x.stride(),
            logVarPointer, variances, weightPointer, in.scale, loss.at(), withGradient ? dOutput.at() : nullptr,
            dOutput.stride(), rows, shape.batch, cols);
        return std::vector<Values>{loss.get(), withGradient ? dOutput.get() : Values()};
    });
    for (int r = 0; withLoss && r < rows; r++) {
        double exact = 0, terms = 0;
        for (int i = r * cols; i < (r + 1) * cols; i++) {
            exact += 0.5 * (error(i) * scaled(i) + logVarOf(i) + LOG_2_PI);
            terms += 0.5 * (error(i) * scaled(i) + std::abs(logVarOf(i)) + LOG_2_PI);
        }
        compare("gaussian_loss", out[0][r], exact, sumBound(variances == 0 ? 4 : 8, cols, terms));
    }
    int c = (variances == 0 ? 3 : 8) + weighted;
    compare("gaussian_loss dOutput", out[1], [&](int i) { return in.weightOf(i, weighted) * scaled(i); },
            [&](int i) { return c * U * std::abs(in.weightOf(i, weighted) * scaled(i)); });
    if (variances == 0) {
        return;
    }
    for (unsigned chunks : {1u, 2u, 5u}) {
        Values dLogVar = sameBits({1}, [&](unsigned, uint64_t seed) {
            Array<double> partial(size_t(chunks) * cols);
            Array<float> gradient(variances);
            run("gaussian_loss_variance", {(cols + 31u) / 32, chunks}, {256}, seed, output.at(), output.stride(), x.at(),
                x.stride(), logVar.at(), variances, weightPointer, in.scale, partial.at(), rows, shape.batch, cols);
            run("gaussian_loss_finish", {variances == 1 ? 1u : 2u}, {256}, seed, partial.at(), int(chunks), cols,
                logVar.at(), variances, gradient.at());
            return std::vector<Values>{gradient.get()};
        })[0];
        for (int d = 0; d < variances; d++) {
            double exact = 0, terms = 0;
            for (int i = d; i < rows * cols; i += variances == 1 ? 1 : cols) {
                double w = 0.5 * in.weightOf(i, weighted);
                exact += w * (1 - error(i) * scaled(i));
                terms += std::abs(w) * (1 + error(i) * scaled(i));
            }
            bool passes = isInside(rawLogVar(d));
            compare("gaussian_loss dLogVar", dLogVar[d], passes ? exact : 0,
                    passes ? sumBound(8, double(rows) * cols / variances, terms) : 0);
        }
    }
}

void bernoulli(Shape shape, Layout layout, Layout layoutOfX, bool weighted, bool withLoss, bool withGradient) {
    Draw draw;
    Rows in(draw, shape, 4);
    int rows = shape.rows(), cols = shape.cols;
    if (in.output.size() > 40) {
        in.output[10] = 100;
        in.output[11] = -100;
        in.output[12] = 0;
    }
    Matrix logits(rows, cols, layout, in.output);
    Matrix x(shape.batch, cols, layoutOfX, in.x);
    Array<float> weight(in.weight);
    std::vector<Values> out = sameBits({1, 2, 5}, [&](unsigned grid, uint64_t seed) {
        Column loss(rows, withLoss);
        Matrix dLogits(rows, cols, layout);
        run("bernoulli_loss", {grid}, {seed % 2 ? 256u : 32u}, seed, logits.at(), logits.stride(), x.at(), x.stride(),
            weighted ? weight.at() : nullptr, in.scale, loss.at(), withGradient ? dLogits.at() : nullptr,
            dLogits.stride(), rows, shape.batch, cols);
        return std::vector<Values>{loss.get(), withGradient ? dLogits.get() : Values()};
    });
    for (int r = 0; withLoss && r < rows; r++) {
        double exact = 0, terms = 0;
        for (int i = r * cols; i < (r + 1) * cols; i++) {
            double l = in.output[i], t = in.target(i), soft = std::log1p(std::exp(-std::abs(l)));
            // NaN first: std::max(l, 0.0) keeps it
            exact += std::max(l, 0.0) - l * t + soft;
            terms += std::max(l, 0.0) + std::abs(l * t) + soft;
        }
        compare("bernoulli_loss", out[0][r], exact, sumBound(8, cols, terms));
    }
    compare("bernoulli_loss dLogits", out[1],
            [&](int i) { return in.weightOf(i, weighted) * (1 / (1 + std::exp(-double(in.output[i]))) - in.target(i)); },
            [&](int i) { return 8 * U * std::abs(in.weightOf(i, weighted)); });
}

// The loss that makes the variance from the sums itself is the loss with that variance, bit for bit.
void lossWithIt(Shape shape, const Matrix& output, const Matrix& x, unsigned blocks, double logVariance, double bound) {
    Draw draw;
    bool weighted = blocks > 1, withLoss = blocks < 300, withGradient = blocks > 1;
    Array<double> partial(blocks);
    Array<float> weight(draw.normal(shape.rows(), 0.4, 0.5));
    const float* weightPointer = weighted ? weight.at() : nullptr;
    run("optimal_log_var", {blocks}, {256}, 1, output.at(), output.stride(), x.at(), x.stride(), partial.at(), shape.rows(),
        shape.batch, shape.cols);
    auto loss = [&](std::vector<unsigned> grids, const Array<float>& logVar, auto launch) {
        return sameBits(grids, [&](unsigned grid, uint64_t seed) {
            Column losses(shape.rows(), withLoss);
            Matrix dOutput(shape.rows(), shape.cols, GAP);
            launch(grid, seed, losses, withGradient ? dOutput.at() : nullptr, dOutput.stride());
            return std::vector<Values>{logVar.get(), losses.get(), withGradient ? dOutput.get() : Values()};
        });
    };
    Array<float> made(1);
    std::vector<Values> got = loss({1, 2, 5}, made, [&](unsigned grid, uint64_t seed, const Column& losses, float* d, long long stride) {
        run("gaussian_loss_optimal", {grid}, {seed % 2 ? 256u : 96u}, seed, output.at(), output.stride(), x.at(), x.stride(),
            static_cast<const double*>(partial.at()), int(blocks), made.at(), weightPointer, 0.25f, losses.at(), d, stride,
            shape.rows(), shape.batch, shape.cols);
    });
    compare("gaussian_loss_optimal", got[0][0], logVariance, bound);
    Array<float> given(got[0]);
    std::vector<Values> apart = loss({1}, given, [&](unsigned grid, uint64_t seed, const Column& losses, float* d, long long stride) {
        run("gaussian_loss", {grid}, {256}, seed, output.at(), output.stride(), x.at(), x.stride(), given.at(), 1,
            weightPointer, 0.25f, losses.at(), d, stride, shape.rows(), shape.batch, shape.cols);
    });
    compareBits("gaussian_loss_optimal loss", got[1], apart[1]);
    compareBits("gaussian_loss_optimal dOutput", got[2], apart[2]);
}

}  // namespace

TEST("gaussian_loss") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            i++;
            gaussian(shape, layout, i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : shape.cols, i % 2 == 0, i % 5 != 0, i % 7 != 0);
        }
    }
}

TEST("bernoulli_loss") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            i++;
            bernoulli(shape, layout, secondLayout(i - 1), i % 2 == 0, i % 5 != 0, i % 3 != 0);
        }
    }
}

TEST("gaussian_loss_finish") {
    Draw draw;
    for (int count : CHUNKS) {
        for (int cols : COLUMNS_OF_CHUNKS) {
            // one variance is the variance of all columns, whose sums have another order: gaussian_loss has that
            if (cols == 1) {
                continue;
            }
            Chunks chunks(draw, count, cols);
            Values lv = draw.normal(cols), exact = chunks.sums;
            lv[2] = -31;
            lv[cols - 1] = 21;
            exact[2] = exact[cols - 1] = 0;
            Array<double> partial(chunks.partials);
            Array<float> logVar(lv);
            Values got = sameBits({1, 2, 9}, [&](unsigned grid, uint64_t seed) {
                Array<float> gradient(cols);
                run("gaussian_loss_finish", {grid}, {32}, seed, static_cast<const double*>(partial.at()), count, cols,
                    static_cast<const float*>(logVar.at()), cols, gradient.at());
                return std::vector<Values>{gradient.get()};
            })[0];
            compareBits("gaussian_loss_finish", got, exact);
        }
    }
}

// A thread sums up to nine blocks' sums.
TEST("optimal_log_var_finish") {
    Draw draw;
    for (int blocks : {1, 31, 255, 257, 600, 768, 1024, 1025, 2100}) {
        // of the mean below the floor and above it, of more elements than 32 bits count
        const long long elements = 1LL << 33;
        for (double scale : {1.0, 1e9}) {
            std::vector<double> partials;
            double sum = 0;
            for (float v : draw.uniform(blocks)) {
                partials.push_back(scale * v);
                sum += scale * v;
            }
            Array<double> partial(partials);
            double exact = std::log(std::max(sum / double(elements), 1e-6));
            Values got = sameBits({1}, [&](unsigned, uint64_t seed) {
                Array<float> logVar(1);
                run("optimal_log_var_finish", {1}, {256}, seed, static_cast<const double*>(partial.at()), blocks, elements,
                    logVar.at());
                return std::vector<Values>{logVar.get()};
            })[0];
            compare("optimal_log_var_finish", got[0], exact, 2 * U + 4 * U * std::abs(exact));
            // the mean, and the log of it alone, in turn have the same bits
            Array<double> mean(1);
            run("squared_error_mean_finish", {1}, {256}, 1, static_cast<const double*>(partial.at()), blocks, elements, mean.at());
            compare("squared_error_mean_finish", mean.get()[0], sum / double(elements), 0x1p-52 * blocks * sum / double(elements));
            Array<float> ofMean(1);
            run("optimal_log_var_finish", {1}, {256}, 1, static_cast<const double*>(mean.at()), 1, 1LL, ofMean.at());
            compareBits("log_var_of_mean", ofMean.get(), got);
        }
    }
}

TEST("optimal_log_var") {
    Draw draw;
    int i = 0;
    std::vector<Shape> shapes(std::begin(SHAPES), std::end(SHAPES));
    // a thread of one block takes six quads
    shapes.push_back({33, 150, 1});
    for (Shape shape : shapes) {
        // blocks without work; each lane of gaussian_loss_optimal takes two sums to ten
        unsigned many = i == 0 ? 300 : 33 + 5 * unsigned(i);
        for (unsigned blocks : {1u, 3u, many}) {
            // below the floor with one, above with the others
            double spread = blocks == 1 ? 1e-4 : 0.3;
            int n = shape.rows() * shape.cols;
            Values xs = draw.normal(size_t(shape.batch) * shape.cols);
            Values outputs = draw.normal(n, 0, spread);
            double sum = 0;
            for (int at = 0; at < n; at++) {
                float target = xs[size_t(at / shape.cols % shape.batch) * shape.cols + at % shape.cols];
                outputs[at] += target;
                sum += (double(outputs[at]) - target) * (double(outputs[at]) - target);
            }
            Matrix output(shape.rows(), shape.cols, firstLayout(i), outputs);
            Matrix x(shape.batch, shape.cols, secondLayout(i), xs);
            i++;
            Values got = sameBits({1}, [&](unsigned, uint64_t seed) {
                Array<double> partial(blocks);
                Array<float> logVar(1);
                run("optimal_log_var", {blocks}, {256}, seed, output.at(), output.stride(), x.at(), x.stride(),
                    partial.at(), shape.rows(), shape.batch, shape.cols);
                run("optimal_log_var_finish", {1}, {256}, seed, partial.at(), int(blocks), (long long)n, logVar.at());
                return std::vector<Values>{logVar.get()};
            })[0];
            double exact = std::log(std::max(sum / n, 1e-6));
            double bound = sumBound(6, n, 1) + 4 * U * std::abs(exact);
            compare("optimal_log_var", got[0], exact, bound);
            lossWithIt(shape, output, x, blocks, exact, bound);
        }
    }
}
