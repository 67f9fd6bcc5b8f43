// The weights of classes.
#include "activations.h"

namespace {

constexpr int CLASSES[] = {1, 2, 10, 33};

// Among labels of all classes, and of some of them, those of none.
Values labelsOf(Draw& draw, int batch, int classes, bool some) {
    const float none[] = {-1, static_cast<float>(classes), 0.5f, NAN, INFINITY, -INFINITY, 0x1p31f, 0x1p30f, -0x1p31f};
    Values labels;
    for (int b = 0; b < batch; b++) {
        int label = static_cast<int>(draw.random() % classes);
        labels.push_back(b % 3 == 1 ? none[b / 3 % 9] : static_cast<float>(some ? label / 2 * 2 : label));
    }
    return labels;
}

// The class of a label, or −1.
int classOf(float label, int classes) {
    for (int k = 0; k < classes; k++) {
        if (label == static_cast<float>(k)) {
            return k;
        }
    }
    return -1;
}

void forward(Shape shape, int classes, Layout layoutOfTable, Layout layout, int activation) {
    Draw draw;
    int rows = shape.rows(), cols = shape.cols;
    Values given = labelsOf(draw, shape.batch, classes, false);
    Values weights = draw.normal(size_t(classes) * cols), before = draw.normal(size_t(rows) * cols);
    Matrix labels(shape.batch, 1, layout, given), table(classes, cols, layoutOfTable, weights);
    Values out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix y(rows, cols, layout, before);
        run("class_bias", {grid}, {256}, seed, labels.at(), labels.stride(), table.at(), table.stride(), y.at(), y.stride(),
            rows, shape.batch, cols, classes, activation);
        return std::vector<Values>{y.get()};
    })[0];
    auto sum = [&](int i) {
        int k = classOf(given[i / cols % shape.batch], classes);
        return k < 0 ? double(NAN) : double(before[i]) + weights[size_t(k) * cols + i % cols];
    };
    compare(std::string("class_bias ") + NAMES[activation], out, [&](int i) { return activated(activation, sum(i)); },
            [&](int i) { return U * std::abs(sum(i)) + activationBound(activation, activated(activation, sum(i))); });
}

void backward(Shape shape, int classes, Layout layoutOfTable, Layout layout) {
    Draw draw;
    int rows = shape.rows(), cols = shape.cols;
    Values given = labelsOf(draw, shape.batch, classes, shape.batch % 2 == 0), d = draw.normal(size_t(rows) * cols);
    Matrix labels(shape.batch, 1, layout, given), dY(rows, cols, layout, d);
    Values out = sameBits({1, 3, 500}, [&](unsigned grid, uint64_t seed) {
        Matrix dTable(classes, cols, layoutOfTable);
        run("class_bias_grad", {grid}, {256}, seed, labels.at(), labels.stride(), dY.at(), dY.stride(), dTable.at(),
            dTable.stride(), rows, shape.batch, cols, classes);
        return std::vector<Values>{dTable.get()};
    })[0];
    auto sum = [&](int i, bool absolute) {
        double total = 0;
        for (int r = 0; r < rows; r++) {
            if (classOf(given[r % shape.batch], classes) == i / cols) {
                double term = d[size_t(r) * cols + i % cols];
                total += absolute ? std::abs(term) : term;
            }
        }
        return total;
    };
    // float64 sums, rounded once
    compare("class_bias_grad", out, [&](int i) { return sum(i, false); },
            [&](int i) { return U * std::abs(sum(i, false)) + 0x1p-52 * rows * sum(i, true); });
}

}  // namespace

TEST("weights of classes") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (int activation = 0; activation < ACTIVATIONS; activation++) {
            forward(shape, CLASSES[i % 4], firstLayout(i), secondLayout(i), activation);
            i++;
        }
    }
}

TEST("gradients of weights of classes") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (int classes : CLASSES) {
            backward(shape, classes, firstLayout(i), secondLayout(i));
            i++;
        }
    }
}
