// Patches of pictures, and their sums.
#include "activations.h"

namespace {

struct Patches {
    int pictures, channels, height, width, kernel, stride, padding, channelsFirst = 0;
    int side(int pixels) const { return (pixels + 2 * padding - kernel) / stride + 1; }
    int down() const { return side(height); }
    int across() const { return side(width); }
    int rows() const { return pictures * down() * across(); }
    int patchSize() const { return kernel * kernel * channels; }
    int size() const { return channels * height * width; }
    // of value j of patch i in its picture, or −1
    int place(int i, int j) const {
        int row = i / across() % down() * stride - padding + j / channels / kernel;
        int column = i % across() * stride - padding + j / channels % kernel;
        int channel = j % channels;
        if (row < 0 || row >= height || column < 0 || column >= width) {
            return -1;
        }
        return channelsFirst ? (channel * height + row) * width + column : (row * width + column) * channels + channel;
    }
    int channelOf(int place) const { return channelsFirst ? place / (height * width) : place % channels; }
};
// channels that are quads and not, pixels and whole patches that miss, many patches on a pixel
constexpr Patches PATCHES[] = {{1, 1, 1, 1, 1, 1, 0}, {3, 1, 9, 10, 4, 2, 1}, {2, 4, 7, 9, 4, 2, 1},  {2, 3, 8, 6, 5, 3, 2},
                               {3, 5, 6, 8, 3, 2, 0}, {1, 8, 5, 5, 5, 1, 2},  {2, 8, 6, 7, 1, 2, 1},  {2, 4, 3, 5, 1, 1, 2},
                               {1, 2, 9, 12, 9, 1, 3}, {1, 4, 12, 8, 8, 1, 1}, {2, 20, 4, 5, 3, 3, 4}};

void unfold(Patches p, Layout layout, int offset) {
    Draw draw;
    Values xs = draw.normal(size_t(p.pictures) * p.size());
    xs[xs.size() / 2] = NAN;
    Matrix x(p.pictures, p.size(), layout, xs);
    std::vector<Values> got = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix unfolded(p.rows(), p.patchSize(), Layout{0, offset});
        run("unfold", {grid}, {256}, seed, x.at(), x.stride(), unfolded.at(), p.pictures, p.channels, p.height, p.width,
            p.kernel, p.stride, p.padding, p.down(), p.across(), p.channelsFirst);
        return std::vector<Values>{unfolded.get()};
    });
    auto exact = [&](int at) {
        int i = at / p.patchSize(), place = p.place(i, at % p.patchSize());
        return place < 0 ? 0.0 : double(xs[size_t(i / (p.down() * p.across())) * p.size() + place]);
    };
    compare("unfold", got[0], exact, [](int) { return 0.0; });
}

void fold(Patches p, Layout layout, int offset, int activation, bool biased) {
    Draw draw;
    Values values = draw.normal(size_t(p.rows()) * p.patchSize()), biases = draw.normal(p.channels);
    values[values.size() / 3] = INFINITY;
    Matrix unfolded(p.rows(), p.patchSize(), Layout{0, offset}, values), bias(1, p.channels, Layout{0, offset}, biases);
    std::vector<Values> got = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix y(p.pictures, p.size(), layout);
        run("fold", {grid}, {256}, seed, unfolded.at(), biased ? bias.at() : nullptr, y.at(), y.stride(), p.pictures,
            p.channels, p.height, p.width, p.kernel, p.stride, p.padding, p.down(), p.across(), p.channelsFirst, activation);
        return std::vector<Values>{y.get()};
    });
    std::vector<double> sums(size_t(p.pictures) * p.size()), terms(sums.size());
    for (size_t i = 0; i < sums.size(); i++) {
        sums[i] = biased ? biases[p.channelOf(int(i) % p.size())] : 0;
        terms[i] = std::abs(sums[i]);
    }
    for (int i = 0; i < p.rows(); i++) {
        for (int j = 0; j < p.patchSize(); j++) {
            int place = p.place(i, j);
            if (place >= 0) {
                size_t at = size_t(i / (p.down() * p.across())) * p.size() + place;
                float value = values[size_t(i) * p.patchSize() + j];
                sums[at] += value;
                terms[at] += std::isinf(value) ? 0 : std::abs(value);
            }
        }
    }
    int side = (p.kernel - 1) / p.stride + 1;
    compare(std::string("fold ") + NAMES[activation], got[0], [&](int i) { return activated(activation, sums[i]); },
            [&](int i) {
                double y = activated(activation, sums[i]);
                return sumBound(0, side * side + 1, terms[i]) + (std::isinf(y) ? 0 : activationBound(activation, y));
            });
}

}  // namespace

TEST("patches") {
    int i = 0;
    for (Patches p : PATCHES) {
        for (p.channelsFirst = 0; p.channelsFirst < 2; p.channelsFirst++) {
            for (Layout layout : LAYOUTS) {
                unfold(p, layout, i++ % 2);
            }
        }
    }
}

TEST("sums of patches") {
    int i = 0;
    for (Patches p : PATCHES) {
        for (p.channelsFirst = 0; p.channelsFirst < 2; p.channelsFirst++) {
            for (Layout layout : LAYOUTS) {
                fold(p, layout, i / 2 % 2, i % ACTIVATIONS, i % 3 > 0);
                i++;
            }
        }
    }
}
