// Reparameterization and the KL divergence, with its gradient.
#include "numerics.h"

namespace {

const Counters COUNTERS{3, 11, 1, 2};

struct Heads {
    Values mu, logVar;
};

Heads heads(Draw& draw, Shape shape) {
    size_t n = size_t(shape.batch) * shape.cols;
    Heads h{draw.normal(n), draw.normal(n, -1, 1.5)};
    const float edges[] = {-30, -31, 20, 21, 0, 1e-4f, -INFINITY, 19.9f};
    for (size_t i = 3; i < n; i += 11) {
        h.logVar[i] = edges[i / 11 % 8];
    }
    if (n > 50) {
        h.mu[40] = NAN;
        h.logVar[45] = NAN;
    }
    return h;
}

double klTerms(double mu, double logVar) {
    double lv = clampLogVar(logVar);
    return 0.5 * (mu * mu + std::abs(std::expm1(lv)) + std::abs(lv));
}

double kl(double mu, double logVar) {
    double lv = clampLogVar(logVar);
    double excess = std::expm1(lv) - lv;
    return 0.5 * (mu * mu + (excess < 0 ? 0 : excess));
}

struct Latent {
    double mu, lv, sigma, eps, z, zTerms;
};

Latent latent(const Heads& h, const Values& eps, Shape shape, int r, int j) {
    size_t at = size_t(r % shape.batch) * shape.cols + j;
    double mu = h.mu[at], lv = clampLogVar(h.logVar[at]), sigma = std::exp(0.5 * lv);
    double e = eps[size_t(r) * shape.cols + j];
    return {mu, lv, sigma, e, mu + sigma * e, std::abs(mu) + sigma * std::abs(e)};
}

void forward(Shape shape, Layout layout, bool given, int firstRow, bool withKl, bool withSampled) {
    Draw draw;
    Heads h = heads(draw, shape);
    int rows = shape.rows();
    Values eps = given ? draw.normal(size_t(rows) * shape.cols) : normals(SEED, NOISE_STREAM, firstRow, COUNTERS, shape);
    Matrix mu(shape.batch, shape.cols, layout, h.mu);
    Matrix logVar(shape.batch, shape.cols, GAP, h.logVar);
    Matrix noise(rows, shape.cols, layout, eps);
    Array<int> clock(COUNTERS.values());
    std::vector<Values> out = sameBits({1, 2, 5}, [&](unsigned grid, uint64_t seed) {
        Matrix z(rows, shape.cols, layout);
        Column klOut(shape.batch, withKl);
        Column sampled(rows, withSampled);
        run("reparameterize", {grid}, {seed % 2 ? 256u : 64u}, seed, mu.at(), mu.stride(), logVar.at(), logVar.stride(),
            given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM, firstRow, given ? nullptr : clock.at(),
            z.at(), z.stride(), klOut.at(), sampled.at(), rows, shape.batch, shape.cols);
        return std::vector<Values>{z.get(), klOut.get(), sampled.get()};
    });
    auto at = [&](int r, int j) { return latent(h, eps, shape, r, j); };
    compare("reparameterize z", out[0], [&](int i) { return at(i / shape.cols, i % shape.cols).z; },
            [&](int i) { return 8 * U * at(i / shape.cols, i % shape.cols).zTerms; });
    for (int b = 0; withKl && b < shape.batch; b++) {
        double exact = 0, terms = 0;
        for (int j = 0; j < shape.cols; j++) {
            size_t i = size_t(b) * shape.cols + j;
            exact += kl(h.mu[i], h.logVar[i]);
            terms += klTerms(h.mu[i], h.logVar[i]);
        }
        require(!(out[1][b] < 0), "a negative KL divergence");
        compare("reparameterize kl", out[1][b], exact, sumBound(8, shape.cols, terms));
    }
    for (int r = 0; withSampled && r < rows; r++) {
        double exact = 0, terms = 0, carried = 0;
        for (int j = 0; j < shape.cols; j++) {
            Latent l = at(r, j);
            exact += 0.5 * (l.z * l.z - l.eps * l.eps - l.lv);
            terms += 0.5 * (l.z * l.z + l.eps * l.eps + std::abs(l.lv));
            carried += std::abs(l.z) * 8 * U * l.zTerms;
        }
        compare("reparameterize sampledKl", out[2][r], exact, sumBound(4, shape.cols, terms) + carried);
    }
}

enum Mode { ANALYTIC_KL, SAMPLED_KL, DOUBLY_REPARAMETERIZED_KL };

void backward(Shape shape, Layout layout, bool given, int firstRow, Mode mode, bool weighted) {
    Draw draw;
    Heads h = heads(draw, shape);
    int rows = shape.rows();
    const float scale = 1.0f / static_cast<float>(shape.batch);
    const float beta = 0.7f;
    Values eps = given ? draw.normal(size_t(rows) * shape.cols) : normals(SEED, NOISE_STREAM, firstRow, COUNTERS, shape);
    Values dZValues = draw.normal(size_t(rows) * shape.cols, 0, scale);
    Values weightValues = draw.normal(rows, 0.4, 0.5);
    Matrix mu(shape.batch, shape.cols, layout, h.mu);
    Matrix logVar(shape.batch, shape.cols, layout, h.logVar);
    Matrix noise(rows, shape.cols, GAP, eps);
    Matrix dZ(rows, shape.cols, layout, dZValues);
    Array<float> rowWeight(weightValues);
    Array<float> schedule(Values{NAN, NAN, NAN, 0.001f, 1.5f, beta});
    Array<int> clock(COUNTERS.values());
    std::vector<Values> out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
        Matrix dMu(shape.batch, shape.cols, layout);
        Matrix dLogVar(shape.batch, shape.cols, GAP);
        run("reparameterize_grad", {grid}, {256}, seed, mu.at(), mu.stride(), logVar.at(), logVar.stride(),
            given ? noise.at() : nullptr, noise.stride(), SEED, NOISE_STREAM, firstRow, dZ.at(), dZ.stride(), int(mode),
            schedule.at(), clock.at(), given ? nullptr : clock.at(), weighted ? rowWeight.at() : nullptr, scale,
            dMu.at(), dMu.stride(), dLogVar.at(), dLogVar.stride(), shape.samples, shape.batch, shape.cols);
        return std::vector<Values>{dMu.get(), dLogVar.get()};
    });
    for (int i = 0; i < shape.batch * shape.cols; i++) {
        int b = i / shape.cols, j = i % shape.cols;
        double toMu = 0, toLogVar = 0, muTerms = 0, logVarTerms = 0;
        for (int r = b; r < rows; r += shape.batch) {
            Latent l = latent(h, eps, shape, r, j);
            double own = weighted ? weightValues[r] : 1;
            double w = double(beta) * scale * own;
            double dz = dZValues[size_t(r) * shape.cols + j];
            double half = 0.5 * l.sigma * std::abs(l.eps);
            if (mode == DOUBLY_REPARAMETERIZED_KL) {
                double terms = std::abs(own) * (std::abs(dz) + std::abs(w) * (l.zTerms + std::abs(l.eps) / l.sigma));
                muTerms += terms;
                logVarTerms += half * terms;
                dz = own * (dz + w * (l.z - l.eps / l.sigma));
            } else if (mode == SAMPLED_KL) {
                muTerms += std::abs(dz) + std::abs(w) * l.zTerms;
                logVarTerms += half * (std::abs(dz) + std::abs(w) * l.zTerms) + 0.5 * std::abs(w);
                dz += w * l.z;
                toLogVar -= 0.5 * w;
            } else {
                muTerms += std::abs(dz) + std::abs(w * l.mu);
                logVarTerms += half * std::abs(dz) + std::abs(w) * 0.5 * std::abs(std::expm1(l.lv));
                toMu += w * l.mu;
                toLogVar += w * 0.5 * std::expm1(l.lv);
            }
            toMu += dz;
            toLogVar += 0.5 * l.sigma * l.eps * dz;
        }
        bool passes = isInside(h.logVar[i]);
        compare("reparameterize_grad dMu", out[0][i], toMu, sumBound(12, 2 * shape.samples, muTerms));
        compare("reparameterize_grad dLogVar", out[1][i], passes ? toLogVar : 0,
                passes ? sumBound(16, 2 * shape.samples, logVarTerms) : 0);
    }
}

}  // namespace

TEST("reparameterize") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            i++;
            // each layout with given noise and without
            forward(shape, layout, (i + i / 4) % 2 == 0, FIRST_ROWS[i / 2 % 4], i % 3 != 0, i % 5 != 0);
        }
    }
    forward({7, 33, 2}, GAP, false, ROW_OF_CLOCK, false, false);
}

TEST("reparameterize_grad") {
    int i = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            i++;
            backward(shape, layout, (i + i / 4) % 2 == 0, FIRST_ROWS[i / 2 % 4], Mode(i % 3), i % 5 < 3);
        }
    }
}

TEST("gaussian_kl") {
    Draw draw;
    int i = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            Heads h = heads(draw, shape);
            Matrix mu(shape.batch, shape.cols, layout, h.mu);
            Matrix logVar(shape.batch, shape.cols, secondLayout(i++), h.logVar);
            Values out = sameBits({1, 4}, [&](unsigned grid, uint64_t seed) {
                Matrix klOut(shape.batch, shape.cols, layout);
                run("gaussian_kl", {grid}, {256}, seed, mu.at(), mu.stride(), logVar.at(), logVar.stride(), klOut.at(),
                    klOut.stride(), shape.batch, shape.cols);
                return std::vector<Values>{klOut.get()};
            })[0];
            compare("gaussian_kl", out, [&](int i) { return kl(h.mu[i], h.logVar[i]); },
                    [&](int i) { return 8 * U * klTerms(h.mu[i], h.logVar[i]); });
        }
    }
}

TEST("gaussian_kl_mean") {
    int ordinal = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            Draw draw;
            // a batch of this shard alone, and of more
            int batch = ordinal % 2 == 0 ? shape.batch : 3 * shape.batch + 1;
            Heads h = heads(draw, shape);
            Matrix mu(shape.batch, shape.cols, layout, h.mu), logVar(shape.batch, shape.cols, secondLayout(ordinal++), h.logVar);
            Array<double> means(shape.cols);
            run("gaussian_kl_mean", {unsigned(shape.cols + 31) / 32}, {256}, 1 + uint64_t(ordinal), mu.at(), mu.stride(),
                logVar.at(), logVar.stride(), means.at(), batch, shape.batch, shape.cols);
            std::vector<double> got = means.get();
            for (int j = 0; j < shape.cols; j++) {
                double mean = 0, terms = 0;
                for (int b = 0; b < shape.batch; b++) {
                    size_t at = size_t(b) * shape.cols + j;
                    mean += kl(h.mu[at], h.logVar[at]) / batch;
                    terms += klTerms(h.mu[at], h.logVar[at]) / batch;
                }
                compare("gaussian_kl_mean", got[j], mean, (8 + 2) * U * terms);
            }
        }
    }
}

TEST("free_bits") {
    int ordinal = 0;
    for (Shape shape : SHAPES) {
        for (Layout layout : LAYOUTS) {
            Draw draw;
            const float floor = 0.5f, beta = 0.7f, scale = 1.0f / static_cast<float>(shape.batch);
            size_t n = size_t(shape.batch) * shape.cols;
            Values m = draw.normal(n), lv = draw.normal(n, -0.5, 0.5), before = draw.normal(n);
            // below the floor, above it, at it, and above it by the last bit
            const double means[] = {0.1, 3, 0.5, std::nextafter(0.5, 1)};
            std::vector<double> mean(shape.cols);
            double term = 0;
            for (int j = 0; j < shape.cols; j++) {
                mean[j] = j == 9 ? NAN : means[j % 4];
                term += mean[j] <= floor ? floor : mean[j];
            }
            Matrix mu(shape.batch, shape.cols, layout, m), logVar(shape.batch, shape.cols, secondLayout(ordinal++), lv);
            Array<double> given(mean);
            Array<float> schedule(Values{NAN, NAN, NAN, 0.001f, 1.5f, beta});
            Array<int> clock(COUNTERS.values());
            std::vector<Values> out = sameBits({1, 3}, [&](unsigned grid, uint64_t seed) {
                Array<float> klTerm(1);
                Matrix dMu(shape.batch, shape.cols, layout, before), dLogVar(shape.batch, shape.cols, GAP, before);
                run("free_bits", {grid}, {256}, seed, static_cast<const double*>(given.at()), floor, mu.at(), mu.stride(),
                    logVar.at(), logVar.stride(), schedule.at(), clock.at(), scale, dMu.at(), dMu.stride(), dLogVar.at(),
                    dLogVar.stride(), klTerm.at(), shape.batch, shape.cols);
                return std::vector<Values>{dMu.get(), dLogVar.get(), klTerm.get()};
            });
            compare("free_bits term", out[2][0], term, 2 * U * term);
            for (size_t i = 0; i < n; i++) {
                double w = mean[i % shape.cols] > floor ? 0 : double(beta) * scale;
                double toLogVar = 0.5 * std::expm1(lv[i]);
                compare("free_bits dMu", out[0][i], before[i] - w * m[i], w == 0 ? 0 : 8 * U * (std::abs(before[i]) + w * std::abs(m[i])));
                compare("free_bits dLogVar", out[1][i], before[i] - w * toLogVar,
                        w == 0 ? 0 : 8 * U * (std::abs(before[i]) + w * std::abs(toLogVar)));
            }
        }
    }
}
