#include "numerics.h"

#include <cstdio>
#include <map>

namespace {

std::map<std::string, double>& largest() {
    static std::map<std::string, double> shares;
    return shares;
}

std::string number(double value) {
    char text[40];
    snprintf(text, sizeof text, "%.9g", value);
    return text;
}

}  // namespace

std::string text(Shape shape, Layout layout) {
    return std::to_string(shape.batch) + " x " + std::to_string(shape.cols) + ", " + std::to_string(shape.samples) +
           " samples, gap " + std::to_string(layout.gap) + ", offset " + std::to_string(layout.offset);
}

Values Draw::normal(size_t n, double mean, double deviation) {
    std::normal_distribution<double> next(mean, deviation);
    Values values(n);
    for (float& v : values) {
        v = static_cast<float>(next(random));
    }
    return values;
}

Values Draw::uniform(size_t n) {
    std::uniform_real_distribution<double> next(0, 1);
    Values values(n);
    for (float& v : values) {
        v = static_cast<float>(next(random));
    }
    return values;
}

Chunks::Chunks(Draw& draw, int chunks, int cols) {
    for (float v : draw.normal(size_t(chunks) * cols)) {
        // a float64 that no float32 is, so that another order gives other bits
        partials.push_back(v / 3.0);
    }
    for (int col = 0; col < cols; col++) {
        double sum = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            sum += partials[size_t(chunk) * cols + col];
        }
        sums.push_back(static_cast<float>(sum));
    }
    if (partials.empty()) {
        partials.push_back(NAN);
    }
}

std::vector<Values> sameBits(
    std::vector<unsigned> grids, const std::function<std::vector<Values>(unsigned, uint64_t)>& body) {
    std::vector<Values> first;
    uint64_t seed = 0;
    for (unsigned grid : grids) {
        for (int schedule = 0; schedule < 2; schedule++) {
            std::vector<Values> results = body(grid, ++seed);
            if (first.empty()) {
                first = results;
            }
            for (size_t i = 0; i < results.size(); i++) {
                require(results[i].size() == first[i].size() &&
                            (first[i].empty() ||
                             memcmp(results[i].data(), first[i].data(), first[i].size() * sizeof(float)) == 0),
                        "other bits in output " + std::to_string(i) + " with a grid of " + std::to_string(grid));
            }
        }
    }
    return first;
}

void compare(const std::string& name, double got, double exact, double bound) {
    if (std::isnan(exact) || std::isinf(exact)) {
        require(std::isnan(exact) ? std::isnan(got) : got == exact, name + " is " + number(got) + ", not " + number(exact));
        return;
    }
    double error = std::abs(got - exact);
    require(error <= bound, name + " is " + number(got) + ", not " + number(exact) + ": off by " + number(error) +
                                ", allowed " + number(bound));
    double& share = largest()[name];
    share = std::max(share, error == 0 ? 0 : error / bound);
}

void compare(const std::string& name, const Values& got, const std::function<double(int)>& exact,
             const std::function<double(int)>& bound) {
    for (size_t i = 0; i < got.size(); i++) {
        compare(name, got[i], exact(static_cast<int>(i)), bound(static_cast<int>(i)));
    }
}

void compareBits(const std::string& name, const Values& got, const Values& exact) {
    // what is left out has no data to compare
    bool same = got.size() == exact.size() &&
                (got.empty() || memcmp(got.data(), exact.data(), got.size() * sizeof(float)) == 0);
    require(same, name + ": other bits");
    largest()[name] += 0;
}

std::string usedBounds() {
    std::string all;
    for (const auto& [name, share] : largest()) {
        char line[100];
        snprintf(line, sizeof line, "        %-28s %.3f of its bound\n", name.c_str(), share);
        all += line;
    }
    largest().clear();
    return all;
}

Values normals(unsigned long long seed, int stream, int firstRow, Counters counters, int rows, int cols) {
    Array<int> clock(counters.values());
    Matrix out(rows, cols, DENSE);
    run("normal", {4}, {256}, 1, static_cast<const float*>(nullptr), 0LL, seed, stream, firstRow,
        static_cast<const int*>(clock.at()), out.at(), out.stride(), rows, cols);
    return out.get();
}

Values normals(unsigned long long seed, int stream, int firstRow, Counters counters, Shape shape) {
    Values all;
    for (int k = 0; k < shape.samples; k++) {
        Counters at = counters;
        at.sample += k;
        Values some = normals(seed, stream, firstRow, at, shape.batch, shape.cols);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}
