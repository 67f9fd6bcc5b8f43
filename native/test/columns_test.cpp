// The columns of tables.
#include "numerics.h"

namespace {

enum Kind { gaussian, bernoulli, categorical, poisson, negativeBinomial };

struct Place {
    Kind kind;
    int place, size, number;
};

// Columns by their initials, the categorical ones of these sizes in turn.
struct Table {
    std::vector<Place> columns;
    int cols = 0, gaussians = 0, parameters = 0;

    Table(const std::string& kinds, std::vector<int> sizes = {}) {
        int seen[5] = {0, 0, 0, 0, 0};
        size_t next = 0;
        for (char initial : kinds) {
            Kind kind = static_cast<Kind>(std::string("gbcpn").find(initial));
            int size = kind == categorical ? sizes.at(next++) : 1;
            columns.push_back({kind, cols, size, seen[kind]++});
            cols += size;
        }
        gaussians = seen[gaussian];
        parameters = gaussians + seen[negativeBinomial];
    }

    int count() const { return static_cast<int>(columns.size()); }

    std::vector<int> rows() const {
        std::vector<int> all;
        for (const Place& c : columns) {
            all.insert(all.end(), {c.kind, c.place, c.size, c.number});
        }
        return all;
    }

    const Place& at(int place) const {
        for (const Place& c : columns) {
            if (place < c.place + c.size) {
                return c;
            }
        }
        throw std::runtime_error("no such place");
    }
};

const std::vector<Table>& tables() {
    static const std::vector<Table> all = {Table("g"),
                                           Table("c", {3}),
                                           Table("n"),
                                           Table("gbcpngcnpb", {3, 7}),
                                           Table("gpnbgpnbgpnbgpnbgpnbgpnbgpnbgpnbg"),
                                           Table("c", {100}),
                                           Table("ccgcn", {32, 33, 70}),
                                           Table("gcbpncgcbpncgcbpncgcbpncgcbpncgcbpncgcbpnc",
                                                 {2, 40, 3, 4, 5, 35, 6, 7, 33, 2, 2, 9, 2, 50})};
    return all;
}

// x by the kind of each column, some of it missing.
Values valuesOf(Draw& draw, const Table& table, int batch) {
    Values x(size_t(batch) * table.cols);
    Values normals = draw.normal(x.size());
    for (int b = 0; b < batch; b++) {
        for (const Place& c : table.columns) {
            float* at = &x[size_t(b) * table.cols + c.place];
            float normal = normals[size_t(b) * table.cols + c.place];
            unsigned word = static_cast<unsigned>(draw.random());
            for (int i = 0; i < c.size; i++) {
                at[i] = word % 5 == 0        ? NAN
                        : c.kind == gaussian ? normal
                        : c.kind < poisson   ? static_cast<float>(c.size == 1 ? word / 8 % 2 : int(word / 8 % c.size) == i)
                         : word % 7 == 0     ? 0.25f  // of no count, but of the functions that counts have
                                             : std::floor(std::exp(2 + 3 * normal));
            }
        }
    }
    return x;
}

double clampDispersion(double s) { return s < -20 ? -20 : s > 20 ? 20 : s; }
double clampMean(double o) { return o < -30 ? -30 : o > 30 ? 30 : o; }

double digamma(double a) {
    double shift = 0;
    for (; a < 30; a++) {
        shift -= 1 / a;
    }
    double q = 1 / (a * a);
    return shift + std::log(a) - 0.5 / a - q * (1.0 / 12 - q * (1.0 / 120 - q / 252));
}

// Losses and derivatives of a column of a row by their definitions, and how far off they may be.
struct Exact {
    double loss = 0, lossBound = 0;
    std::vector<double> d, dBound;
    double term = 0, termBound = 0;
    double most = -INFINITY, logSum = 0;

    Exact(const Place& c, const float* x, const float* o, double logVar, double logDispersion)
        : d(c.size), dBound(c.size) {
        for (int i = 0; i < c.size; i++) {
            most = std::isnan(o[i]) ? NAN : std::max(most, double(o[i]));
        }
        for (int i = 0; i < c.size; i++) {
            logSum += std::exp(o[i] - most);
        }
        logSum = most + std::log(logSum);
        if (std::isnan(x[0])) {
            return;
        }
        double t = x[0], first = o[0];
        if (c.kind == gaussian) {
            double v = clampLogVar(logVar), p = std::exp(-v), e = first - t;
            loss = 0.5 * (std::log(2 * M_PI) + v + e * e * p);
            lossBound = 8 * U * 0.5 * (std::log(2 * M_PI) + std::abs(v) + e * e * p);
            d[0] = e * p;
            dBound[0] = 9 * U * std::abs(d[0]);
            term = 0.5 * (1 - e * e * p);
            termBound = 8 * U * 0.5 * (1 + e * e * p);
        } else if (c.kind == bernoulli) {
            double soft = std::log1p(std::exp(-std::abs(first)));
            loss = std::max(first, 0.0) - first * t + soft;
            lossBound = 8 * U * (std::max(first, 0.0) + std::abs(first * t) + soft);
            d[0] = 1 / (1 + std::exp(-first)) - t;
            dBound[0] = 9 * U;
        } else if (c.kind == categorical) {
            double chosen = 0, terms = 0;
            for (int i = 0; i < c.size; i++) {
                chosen += double(x[i]) * o[i];
                terms += std::abs(double(x[i]) * o[i]);
                double p = std::exp(o[i] - logSum);
                d[i] = p - x[i];
                dBound[i] = softmaxBound(i, o, c.size) + 4 * U * (p + std::abs(x[i]));
            }
            loss = logSum - chosen;
            lossBound = U * (8 + 4 * log2Ceil(c.size) + std::abs(logSum) + terms);
        } else {
            counts(c, t, first, logDispersion);
        }
    }

    double softmaxBound(int i, const float* o, int size) const {
        return (8 + 2 * log2Ceil(size) + std::abs(o[i] - most)) * U * std::exp(o[i] - logSum);
    }

private:
    void counts(const Place& c, double x, double o, double logDispersion) {
        bool inside = !(o < -30 || o > 30);
        o = clampMean(o);
        double m = std::exp(o), own = std::lgamma(x + 1), scale = 1, terms;
        if (c.kind == poisson) {
            loss = m - x * o + own;
            terms = m + x * std::abs(o) + own;
            d[0] = m - x;
        } else {
            double s = clampDispersion(logDispersion), theta = std::exp(s), odds = m / theta;
            double growth = theta * std::log1p(odds), share = x * std::log1p(1 / odds);
            double here = std::lgamma(theta), there = std::lgamma(x + theta);
            loss = here + own - there + growth + share;
            terms = std::abs(here) + own + std::abs(there) + growth + share;
            scale = theta / (theta + m);
            d[0] = (m - x) * scale;
            double left = theta * digamma(theta), right = theta * digamma(x + theta);
            term = left - right + growth - d[0];
            termBound = 4 * U * std::abs(term) + 0.1 * U +
                        0x1p-46 * (std::abs(left) + std::abs(right) + growth + std::abs(d[0]));
        }
        lossBound = U * (std::abs(loss) + 4) + 0x1p-46 * terms;
        dBound[0] = inside ? 4 * U * std::abs(d[0]) + 0x1p-46 * (m + x) * scale : 0;
        d[0] = inside ? d[0] : 0;
    }
};

struct Given {
    Table table;
    int batch, rows;
    Values x, output, logVar, logDispersion, weight;

    Given(Draw& draw, const Table& table, int batch, int samples)
        : table(table),
          batch(batch),
          rows(batch * samples),
          x(valuesOf(draw, table, batch)),
          output(draw.normal(size_t(rows) * table.cols, 0.5, 2)),
          logVar(draw.normal(table.gaussians, -1, 1)),
          logDispersion(draw.normal(table.parameters - table.gaussians, 0.5, 2)),
          weight(draw.normal(rows, 0.4, 0.5)) {
        // clamped, and NaN where something is observed and where not
        for (size_t i = 3; i < output.size(); i += 17) {
            output[i] = i % 3 == 0 ? 40 : i % 3 == 1 ? -40 : output[i];
        }
        for (size_t i = 50; i < output.size(); i += 91) {
            output[i] = NAN;
        }
        if (logVar.size() > 2) {
            logVar[1] = -31;
            logVar[2] = NAN;
        }
        if (logDispersion.size() > 1) {
            logDispersion[1] = 21;
        }
    }

    Exact exact(const Place& c, int r) const {
        return Exact(c, &x[size_t(r % batch) * table.cols + c.place], &output[size_t(r) * table.cols + c.place],
                     c.kind == gaussian ? logVar[c.number] : 0,
                     c.kind == negativeBinomial ? logDispersion[c.number] : 0);
    }
};

void loss(const Table& table, int batch, int samples, Layout layout, Layout layoutOfX, int options) {
    Draw draw;
    Given in(draw, table, batch, samples);
    bool weighted = options % 2 == 0, withLoss = options % 5 != 0, withGradient = options % 3 != 0;
    bool learns = table.parameters > 0 && options % 7 != 0;
    bool ofVariance = options % 4 != 1, ofDispersion = options % 4 != 2;
    float scale = 1.0f / static_cast<float>(batch);
    int rows = in.rows, cols = table.cols, gaussians = table.gaussians, dispersed = table.parameters - gaussians;
    Matrix output(rows, cols, layout, in.output), x(batch, cols, layoutOfX, in.x);
    Array<int> columns(table.rows());
    Values some = {0};
    Array<float> logVar(gaussians ? in.logVar : some), logDispersion(dispersed ? in.logDispersion : some), weight(in.weight);
    std::vector<Values> out = sameBits({1, 2, 5}, [&](unsigned grid, uint64_t seed) {
        Column losses(rows, withLoss);
        Matrix dOutput(rows, cols, layout);
        Array<float> terms(size_t(rows) * std::max(1, table.parameters));
        Column dLogVar(std::max(1, gaussians), learns && gaussians && ofVariance);
        Column dLogDispersion(std::max(1, dispersed), learns && dispersed && ofDispersion);
        run("column_loss", {grid}, {seed % 2 ? 256u : 96u}, seed, output.at(), output.stride(), x.at(), x.stride(),
            columns.at(), logVar.at(), logDispersion.at(), weighted ? weight.at() : nullptr, scale, losses.at(),
            withGradient ? dOutput.at() : nullptr, dOutput.stride(), learns ? terms.at() : nullptr, gaussians,
            table.parameters, rows, batch, cols, table.count());
        if (learns) {
            run("column_loss_finish", {(table.parameters + 31u) / 32}, {256}, seed, terms.at(), logVar.at(),
                logDispersion.at(), dLogVar.at(), dLogDispersion.at(), gaussians, table.parameters, rows);
        }
        return std::vector<Values>{losses.get(), withGradient ? dOutput.get() : Values(), dLogVar.get(),
                                   dLogDispersion.get()};
    });
    std::vector<double> sums(table.parameters), bounds(table.parameters);
    for (int r = 0; r < rows; r++) {
        double total = 0, bound = 0, w = double(scale) * (weighted ? in.weight[r] : 1);
        for (const Place& c : table.columns) {
            Exact exact = in.exact(c, r);
            total += exact.loss;
            bound += exact.lossBound;
            for (int i = 0; withGradient && i < c.size; i++) {
                compare("column_loss dOutput", out[1][size_t(r) * cols + c.place + i], w * exact.d[i],
                        std::abs(w) * exact.dBound[i] + 0x1p-126);
            }
            if (c.kind == gaussian || c.kind == negativeBinomial) {
                int at = c.kind == gaussian ? c.number : gaussians + c.number;
                sums[at] += w * exact.term;
                bounds[at] += std::abs(w) * exact.termBound;
            }
        }
        if (withLoss) {
            compare("column_loss", out[0][r], total, bound + U * std::abs(total));
        }
    }
    for (int p = 0; p < table.parameters; p++) {
        const Values& gradient = out[p < gaussians ? 2 : 3];
        int number = p < gaussians ? p : p - gaussians;
        bool passes = p < gaussians ? isInside(in.logVar[number])
                                    : in.logDispersion[number] == clampDispersion(in.logDispersion[number]);
        if (!gradient.empty()) {
            compare(p < gaussians ? "column_loss_finish dLogVar" : "column_loss_finish dLogDispersion", gradient[number],
                    passes ? sums[p] : 0, passes ? bounds[p] + 2 * U * std::abs(sums[p]) : 0);
        }
    }
}

void inputs(const Table& table, int batch, Layout layout, Layout layoutOfX) {
    Draw draw;
    Values given = valuesOf(draw, table, batch);
    for (size_t i = 0; i < given.size(); i += 5) {
        // any number that may be there, and none
        given[i] = table.at(static_cast<int>(i % table.cols)).kind < poisson ? given[i] : i % 2 ? 0.3f : -1.0f;
    }
    Array<int> columns(table.rows());
    Matrix x(batch, table.cols, layoutOfX, given);
    Values out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix to(batch, table.cols, layout);
        run("column_inputs", {grid}, {seed % 2 ? 256u : 64u}, seed, x.at(), x.stride(), columns.at(), to.at(), to.stride(),
            batch, table.cols, table.count());
        return std::vector<Values>{to.get()};
    })[0];
    auto exact = [&](int i) {
        bool isCount = table.at(i % table.cols).kind >= poisson;
        double value = given[i];
        return std::isnan(value) ? 0 : !isCount ? value : value < 0 ? NAN : std::log1p(value);
    };
    compare("column_inputs", out, exact,
            [&](int i) { return table.at(i % table.cols).kind >= poisson ? 8 * U * std::abs(exact(i)) : 0; });
}

void mean(const Table& table, int batch, Layout layout, Layout layoutOfMean) {
    Draw draw;
    Given in(draw, table, batch, 1);
    Array<int> columns(table.rows());
    Matrix output(batch, table.cols, layout, in.output);
    Values out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix to(batch, table.cols, layoutOfMean);
        run("column_mean", {grid}, {seed % 2 ? 256u : 64u}, seed, output.at(), output.stride(), columns.at(), to.at(),
            to.stride(), batch, table.cols, table.count());
        return std::vector<Values>{to.get()};
    })[0];
    for (int r = 0; r < batch; r++) {
        for (const Place& c : table.columns) {
            Exact exact = in.exact(c, r);
            for (int i = 0; i < c.size; i++) {
                size_t at = size_t(r) * table.cols + c.place + i;
                const float* o = &in.output[size_t(r) * table.cols + c.place];
                double value = c.kind == gaussian      ? o[i]
                               : c.kind == bernoulli   ? 1 / (1 + std::exp(-double(o[i])))
                               : c.kind == categorical ? std::exp(o[i] - exact.logSum)
                                                       : std::exp(clampMean(o[i]));
                double bound = c.kind == gaussian      ? 0
                               : c.kind == categorical ? exact.softmaxBound(i, o, c.size) + 0x1p-126
                                                       : (c.kind == bernoulli ? 8 : 2) * U * value;
                compare("column_mean", out[at], value, bound);
            }
        }
    }
}

}  // namespace

TEST("loss of columns") {
    int i = 0;
    for (const Table& table : tables()) {
        for (int batch : {1, 5, 33}) {
            for (int samples : {1, 3}) {
                loss(table, batch, samples, firstLayout(i), secondLayout(i), i);
                i++;
            }
        }
    }
    // sums over rows of one chunk, by quads that are aligned, with all that a lane's turns leave
    for (int batch : {64, 97, 130, 161, 200}) {
        loss(Table("gngngngn"), batch, 1, DENSE, DENSE, 2);
    }
}

TEST("inputs of columns") {
    int i = 0;
    for (const Table& table : tables()) {
        for (int batch : {1, 7, 40}) {
            inputs(table, batch, firstLayout(i), secondLayout(i));
            i++;
        }
    }
}

TEST("means of columns") {
    int i = 0;
    for (const Table& table : tables()) {
        for (int batch : {1, 7, 40}) {
            mean(table, batch, firstLayout(i), secondLayout(i));
            i++;
        }
    }
}
