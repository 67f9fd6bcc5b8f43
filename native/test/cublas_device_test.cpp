// What a product owes to the device and to its library: the order of its sums, its nodes, and what older devices lack.
#include <set>

#include "cublas_calls.h"

namespace {

// A product of normal values, by the settings that queue_double has.
struct Random {
    Random(int m, int n, int k)
        : m(m),
          n(n),
          k(k),
          hostA(draw.normal(size_t(m) * k)),
          hostB(draw.normal(size_t(k) * n)),
          a(hostA),
          b(hostB),
          c(size_t(m) * n) {}

    Gemm gemm() { return {blas.handle, m, n, k, a.at(), m, b.at(), k, c.at(), m}; }

    Values sums(uint64_t seed) {
        queue_double::settings.float32Sums = true;
        queue_double::settings.sumsSeed = seed;
        gemm().run();
        return c.get();
    }

    // Within what any order of k roundings may be off.
    void check(const Values& got) const {
        for (size_t i = 0; i < got.size(); i++) {
            double exact = 0, magnitude = 0;
            for (int j = 0; j < k; j++) {
                double term = double(hostA[i % m + size_t(j) * m]) * hostB[j + i / m * k];
                exact += term;
                magnitude += std::abs(term);
            }
            compare("float32 sums", got[i], exact, k * 0x1.001p-24 * magnitude);
        }
    }

    int m, n, k;
    Blas blas;
    Draw draw;
    Values hostA, hostB;
    Array<float> a, b, c;
};

// x with one bit below TF32, and one below that: to nearest it goes up, truncated it goes down.
constexpr float BETWEEN = 1 + 0x1p-11f + 0x1p-12f;

}  // namespace

TEST("cublas: sums in float32 are the seed's own, the same again, and within their bounds") {
    for (int k : {1, 2, 5, 64, 784}) {
        Random product(9, 6, k);
        std::set<Values> seen;
        for (uint64_t seed = 0; seed < 8; seed++) {
            Values got = product.sums(seed);
            compareBits("the same product again", product.sums(seed), got);
            product.check(got);
            seen.insert(got);
        }
        require(k < 64 || seen.size() == 8, "seeds have given " + std::to_string(seen.size()) + " results of 8");
        product.gemm().run();
        queue_double::settings.float32Sums = false;
        product.gemm().run();
        require(k < 64 || seen.count(product.c.get()) == 0, "exact sums are those of some order in float32");
    }
}

TEST("cublas: terms of a float32 sum come in any order") {
    // 0 if the ones come one after the other between the others, 1 or 2 as they stand here and in most orders
    constexpr float LARGE = 0x1p24f;
    Blas blas;
    Array<float> a(Values{LARGE, 1, -LARGE, 1}), b(Values(4, 1)), c(1);
    Gemm gemm{blas.handle, 1, 1, 4, a.at(), 1, b.at(), 4, c.at(), 1};
    queue_double::settings.float32Sums = true;
    std::set<float> seen;
    for (uint64_t seed = 0; seed < 300; seed++) {
        queue_double::settings.sumsSeed = seed;
        gemm.run();
        seen.insert(c.get()[0]);
    }
    require(seen == std::set<float>{0, 1, 2}, "other sums, or too few");
}

TEST("cublas: an order in float32 is that of the shape, not of the layout") {
    Random product(8, 5, 100);
    Values expected = product.sums(3);
    Values transposed(product.hostA.size());
    for (int r = 0; r < 8; r++) {
        for (int j = 0; j < 100; j++) {
            transposed[size_t(r) * 100 + j] = product.hostA[r + size_t(j) * 8];
        }
    }
    Array<float> a(transposed);
    Gemm gemm = product.gemm();
    gemm.a = a.at();
    gemm.lda = 100;
    gemm.transA = TRANSPOSE;
    gemm.run();
    compareBits("transposed", product.c.get(), expected);
    // rows of a wider product are summed in another order: it is another shape
    Random wider(8, 6, 100);
    wider.a.set(product.hostA);
    Values first = wider.sums(3);
    require(Values(first.begin(), first.begin() + 8) != Values(expected.begin(), expected.begin() + 8),
            "two shapes have one order");
}

TEST("cublas: operands are truncated to TF32 where nobody has rounded them") {
    for (bool truncated : {false, true}) {
        Blas blas;
        queue_double::settings.truncatedTf32 = truncated;
        Array<float> a(Values{BETWEEN, -BETWEEN}), b(Values{1}), c(2);
        Gemm gemm{blas.handle, 2, 1, 1, a.at(), 2, b.at(), 1, c.at(), 2};
        gemm.compute = COMPUTE_32F_FAST_TF32;
        gemm.run();
        float expected = truncated ? 1 : 1 + 0x1p-10f;
        compareBits("TF32", c.get(), {expected, -expected});
        gemm.compute = COMPUTE_32F_FAST_16BF;
        a.set({1 + 0x3p-9f, 1});
        gemm.run();
        compareBits("bfloat16 is rounded to nearest", c.get(), {1 + 0x1p-7f, 1});
    }
}

TEST("cublas: a device below 8.0 has no TF32 and no bfloat16") {
    for (int capability : {75, 80}) {
        Blas blas;
        queue_double::settings.capability = capability;
        bool old = capability < 80;
        Array<float> a(Values{BETWEEN, 1}), b(Values{1}), c(2);
        Gemm gemm{blas.handle, 2, 1, 1, a.at(), 2, b.at(), 1, c.at(), 2};
        for (int compute : {COMPUTE_32F_FAST_TF32, COMPUTE_32F_FAST_16BF}) {
            gemm.compute = compute;
            requireStatus("a fast product", gemm.call(), old ? NOT_SUPPORTED : SUCCESS);
        }
        gemm.compute = COMPUTE_32F;
        gemm.typeA = gemm.typeB = REAL_16BF;
        requireStatus("bfloat16 operands", gemm.call(), old ? NOT_SUPPORTED : SUCCESS);
        gemm.typeA = gemm.typeB = REAL_32F;
        queue_double::reset();
        queue_double::settings.capability = capability;
        requireStatus("set math mode", cublasSetMathMode(blas.handle, MATH_TF32), SUCCESS);
        gemm.run();
        require(c.get()[0] == (old ? BETWEEN : 1 + 0x1p-10f), "TF32 mode does not fall back to float32");
    }
}

TEST("cublas: a product of several nodes computes the same, and each part of it waits") {
    for (int nodes : {1, 2, 3, 7}) {
        Random product(9, 6, 30);
        Array<char> workspace(256);
        requireStatus("bind", cublasSetWorkspace_v2(product.blas.handle, workspace.at(), 256), SUCCESS);
        product.gemm().run();
        Values expected = product.c.get();
        workspace.set(std::vector<char>(256, 7));
        product.c.set(Values(9 * 6, 0));
        queue_double::settings.nodes = nodes;
        requireStatus("product", product.gemm().call(), SUCCESS);
        require(queue_double::queued(STREAM) == size_t(nodes), "another number of nodes");
        queue_double::run(STREAM);
        compareBits("a product of several nodes", product.c.get(), expected);
        require(workspace.get() == std::vector<char>(256, char(0xff)), "the workspace is as it was");
        // what is wrong with an operand is found as ever
        Array<float> fresh(9 * 30);
        Gemm gemm = product.gemm();
        gemm.a = fresh.at();
        requireStatus("product", gemm.call(), SUCCESS);
        bool found = false;
        try {
            queue_double::run(STREAM);
        } catch (const Fault& fault) {
            found = fault.kind == FaultKind::uninitialised;
        }
        require(found, "an operand that nobody wrote is not found");
    }
}
