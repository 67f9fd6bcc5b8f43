// The products of libcublas.so.12: what they compute, and to which rounding.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

#include "cublas_calls.h"

namespace {

constexpr int SIZES[][3] = {{1, 1, 1}, {2, 3, 1}, {3, 1, 5}, {4, 4, 4}, {5, 7, 13}, {33, 17, 31}, {129, 3, 64}, {8, 65, 127}};

struct Factors {
    float alpha, beta;
};
constexpr Factors FACTORS[] = {{1, 0}, {-0.75f, 0}, {1, 1}, {0.3f, -1.7f}};

// The matrix as it is stored, column after column, of op(X) with `rows` rows.
Values storedOf(const Values& op, int rows, int cols, int transpose) {
    if (transpose == TRANSPOSE_NONE) {
        return op;
    }
    Values stored(op.size());
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
            stored[size_t(r) * cols + c] = op[size_t(c) * rows + r];
        }
    }
    return stored;
}

Matrix onDevice(const Values& op, int rows, int cols, int transpose, Layout layout) {
    bool transposed = transpose != TRANSPOSE_NONE;
    return Matrix(transposed ? rows : cols, transposed ? cols : rows, layout, storedOf(op, rows, cols, transpose));
}

struct Sum {
    double value, magnitude;
};

Sum product(const Values& a, const Values& b, int m, int k, int r, int c) {
    Sum sum{0, 0};
    for (int i = 0; i < k; i++) {
        double term = double(a[r + size_t(i) * m]) * b[i + size_t(c) * k];
        sum.value += term;
        sum.magnitude += std::abs(term);
    }
    return sum;
}

// One rounding of an all but exact value.
double roundedOnce(double exact, double magnitude) { return U * std::abs(exact) + 0x1p-40 * magnitude; }

void everyShape(int m, int n, int k, Layout layout) {
    Draw draw;
    Values a = draw.normal(size_t(m) * k), b = draw.normal(size_t(k) * n), c = draw.normal(size_t(m) * n);
    for (Factors f : FACTORS) {
        Values first;
        for (int transA = 0; transA < 3; transA++) {
            for (int transB = 0; transB < 3; transB++) {
                Blas blas;
                Matrix deviceA = onDevice(a, m, k, transA, layout), deviceB = onDevice(b, k, n, transB, layout);
                // uninitialised where it must not be read
                Matrix deviceC = f.beta == 0 ? Matrix(n, m, layout) : Matrix(n, m, layout, c);
                Gemm gemm{blas.handle, m, n, k, deviceA.at(), int(deviceA.stride()), deviceB.at(), int(deviceB.stride()),
                          deviceC.at(), int(deviceC.stride()), transA, transB, f.alpha, f.beta};
                gemm.run();
                Values got = deviceC.get();
                for (int j = 0; j < n; j++) {
                    host_cuda::reads(deviceC.at() + j * deviceC.stride(), m * sizeof(float));
                }
                if (first.empty()) {
                    first = got;
                    for (size_t i = 0; i < got.size(); i++) {
                        Sum sum = product(a, b, m, k, int(i) % m, int(i) / m);
                        double exact = f.alpha * sum.value + (f.beta == 0 ? 0 : f.beta * double(c[i]));
                        double magnitude = std::abs(f.alpha) * sum.magnitude + std::abs(f.beta * double(c[i]));
                        compare("gemm", got[i], exact, roundedOnce(exact, magnitude));
                    }
                }
                compareBits("gemm, transposed", got, first);
            }
        }
    }
}

// 2049 has 12 significant bits: too many for TF32 (11) and bfloat16 (8); 2052 is a TF32 and no bfloat16.
struct Seen {
    float odd, quad;
    bool operator==(const Seen& other) const { return odd == other.odd && quad == other.quad; }
};
constexpr Seen FLOAT{2049, 2052}, TF32{2048, 2052}, BF16{2048, 2048};

Seen seen(Gemm gemm, bool sgemm) {
    Array<float> a(Values{2049, 2052}), b(Values{1}), c(2);
    gemm.m = gemm.lda = gemm.ldc = 2;
    gemm.n = gemm.k = gemm.ldb = 1;
    gemm.a = a.at();
    gemm.b = b.at();
    gemm.c = c.at();
    requireStatus("product", sgemm ? gemm.callSgemm() : gemm.call(), SUCCESS);
    queue_double::run(STREAM);
    Values got = c.get();
    // the same from the other operand
    std::swap(gemm.m, gemm.n);
    std::swap(gemm.a, gemm.b);
    gemm.lda = gemm.ldb = gemm.ldc = 1;
    requireStatus("product", sgemm ? gemm.callSgemm() : gemm.call(), SUCCESS);
    queue_double::run(STREAM);
    require(c.get() == got, "A is rounded and B is not");
    return {got[0], got[1]};
}

struct Environment {
    explicit Environment(const char* value) {
        value ? setenv("NVIDIA_TF32_OVERRIDE", value, 1) : unsetenv("NVIDIA_TF32_OVERRIDE");
    }
    ~Environment() { unsetenv("NVIDIA_TF32_OVERRIDE"); }
};

Seen seen(const char* environment, int mathMode, int compute) {
    Environment set(environment);
    Blas blas;
    unsetenv("NVIDIA_TF32_OVERRIDE");  // read when the handle is made
    requireStatus("set math mode", cublasSetMathMode(blas.handle, mathMode), SUCCESS);
    Gemm gemm;
    gemm.handle = blas.handle;
    gemm.compute = compute;
    Seen ex = seen(gemm, false);
    require(compute != COMPUTE_32F || seen(gemm, true) == ex, "cublasSgemm rounds as cublasGemmEx does not");
    return ex;
}

}  // namespace

TEST("cublas: every transposition, odd shapes, gaps, alpha and beta") {
    for (auto& s : SIZES) {
        everyShape(s[0], s[1], s[2], s[0] % 2 ? GAP : DENSE);
    }
    everyShape(21, 10, 19, SHIFTED);
}

TEST("cublas: long sums") {
    constexpr int K = 8192, M = 5, N = 3;
    Draw draw;
    // terms of one sign and size, whose rounding errors would add up in float32, and random ones
    for (const Values& a : {Values(M * K, 1.0f / 3), draw.normal(M * K)}) {
        Blas blas;
        Values b = a[0] == 1.0f / 3 ? Values(K * N, 1.0f / 3) : draw.normal(K * N);
        Array<float> deviceA(a), deviceB(b), c(M * N);
        Gemm{blas.handle, M, N, K, deviceA.at(), M, deviceB.at(), K, c.at(), M}.run();
        double error = 0, size = 0;
        for (int i = 0; i < M * N; i++) {
            Sum sum = product(a, b, M, K, i % M, i / M);
            compare("gemm, k = 8192", c.get()[i], sum.value, roundedOnce(sum.value, sum.magnitude));
            error += std::pow(c.get()[i] - sum.value, 2);
            size += sum.value * sum.value;
        }
        require(error <= 1e-11 * size, "mean square error " + std::to_string(error / size));
    }
}

TEST("cublas: products of small integers are exact, of any order") {
    constexpr int N = 37;
    Blas blas;
    Values a(N * N), b(N * N);
    for (int i = 0; i < N * N; i++) {
        a[i] = float(i * 7 % 23 - 11);
        b[i] = float(i * 5 % 19 - 9);
    }
    Array<float> deviceA(a), deviceB(b), c(N * N);
    for (int compute : {COMPUTE_32F, COMPUTE_32F_PEDANTIC, COMPUTE_32F_FAST_TF32, COMPUTE_32F_FAST_16BF}) {
        Gemm gemm{blas.handle, N, N, N, deviceA.at(), N, deviceB.at(), N, c.at(), N};
        gemm.compute = compute;
        gemm.run();
        for (int i = 0; i < N * N; i++) {
            require(c.get()[i] == product(a, b, N, N, i % N, i / N).value, "element " + std::to_string(i) + " is not exact");
        }
    }
}

TEST("cublas: beta = 0 writes over NaN, alpha = 0 and k = 0 read no operand") {
    Blas blas;
    // as fresh memory holds it: rounding its bits up would make it a zero
    float nan;
    memset(&nan, 0xff, sizeof nan);
    Array<float> ones(Values(4, 1)), c(Values(4, nan)), none(4);
    Gemm gemm{blas.handle, 2, 2, 2, ones.at(), 2, ones.at(), 2, c.at(), 2};
    gemm.run();
    require(c.get() == Values(4, 2), "NaN is left of C");
    gemm.beta = 0.5f;
    gemm.run();
    require(c.get() == Values(4, 3), "beta is not applied");
    gemm.alpha = 0;
    gemm.a = gemm.b = none.at();
    gemm.run();
    require(c.get() == Values(4, 1.5f), "alpha = 0 is not C = beta C");
    gemm.alpha = 1;
    gemm.k = 0;
    gemm.a = gemm.b = nullptr;
    gemm.run();
    require(c.get() == Values(4, 0.75f), "k = 0 is not C = beta C");
    gemm.beta = 0;
    gemm.run();
    require(c.get() == Values(4, 0), "k = 0 and beta = 0 is not C = 0");
    // infinity and NaN of an operand arrive
    ones.set({INFINITY, 1, nan, 1});
    Array<float> unit(Values{1, 0, 0, 1});
    for (int compute : {COMPUTE_32F, COMPUTE_32F_FAST_TF32, COMPUTE_32F_FAST_16BF}) {
        Gemm special{blas.handle, 2, 1, 1, ones.at(), 2, unit.at(), 1, c.at(), 2};
        special.compute = compute;
        special.run();
        require(c.get()[0] == INFINITY && c.get()[1] == 1, "infinity is lost");
        special.a = ones.at(2);
        special.run();
        require(std::isnan(c.get()[0]) && c.get()[1] == 1, "NaN is lost");
    }
}

TEST("cublas: operands are rounded to TF32 and bfloat16 where that is asked for, and only there") {
    require(seen(nullptr, MATH_DEFAULT, COMPUTE_32F) == FLOAT, "float32 by default");
    require(seen(nullptr, MATH_PEDANTIC, COMPUTE_32F) == FLOAT, "pedantic mode");
    require(seen(nullptr, MATH_TENSOR_OP, COMPUTE_32F) == FLOAT, "tensor op mode");
    require(seen(nullptr, MATH_FULL_REDUCTIONS, COMPUTE_32F) == FLOAT, "reduction flag");
    require(seen(nullptr, MATH_TF32, COMPUTE_32F) == TF32, "TF32 mode");
    require(seen(nullptr, MATH_TF32 | MATH_FULL_REDUCTIONS, COMPUTE_32F) == TF32, "TF32 mode with a flag");
    require(seen(nullptr, MATH_TF32, COMPUTE_32F_PEDANTIC) == FLOAT, "a pedantic product in TF32 mode");
    require(seen(nullptr, MATH_DEFAULT, COMPUTE_32F_FAST_TF32) == TF32, "TF32 product");
    require(seen(nullptr, MATH_DEFAULT, COMPUTE_32F_FAST_16BF) == BF16, "bfloat16 product");
    require(seen("1", MATH_DEFAULT, COMPUTE_32F) == TF32, "TF32 forced by the environment");
    require(seen("1", MATH_DEFAULT, COMPUTE_32F_PEDANTIC) == TF32, "a pedantic product under the environment");
    require(seen("0", MATH_TF32, COMPUTE_32F) == FLOAT, "TF32 mode forbidden by the environment");
    require(seen("0", MATH_DEFAULT, COMPUTE_32F_FAST_TF32) == FLOAT, "TF32 product forbidden by the environment");
    require(seen("0", MATH_DEFAULT, COMPUTE_32F_FAST_16BF) == FLOAT, "bfloat16 product forbidden by the environment");
    require(seen("2", MATH_DEFAULT, COMPUTE_32F) == FLOAT, "another value of the environment");
}

TEST("cublas: rounding is to nearest, ties to even") {
    Blas blas;
    // around 1, in steps of 2^-12: a quarter of a TF32 step
    Values x{1 + 0x1p-12f, 1 + 0x1p-11f, 1 + 0x3p-12f, 1 + 0x3p-11f, -1 - 0x3p-11f, 2 - 0x1p-12f};
    Values expected{1, 1, 1 + 0x1p-10f, 1 + 0x1p-9f, -1 - 0x1p-9f, 2};
    int n = int(x.size());
    Array<float> a(x), b(Values{1}), c(x.size());
    Gemm gemm{blas.handle, n, 1, 1, a.at(), n, b.at(), 1, c.at(), n};
    gemm.compute = COMPUTE_32F_FAST_TF32;
    gemm.run();
    compareBits("TF32", c.get(), expected);
}

TEST("cublas: bfloat16 operands") {
    Blas blas;
    // 1, -2, 3, 0.5 and 4, 5
    Array<uint16_t> a(std::vector<uint16_t>{0x3f80, 0xc000, 0x4040, 0x3f00}), b(std::vector<uint16_t>{0x4080, 0x40a0});
    Array<float> c(2);
    Gemm gemm{blas.handle, 2, 1, 2, a.at(), 2, b.at(), 2, c.at(), 2};
    gemm.typeA = gemm.typeB = REAL_16BF;
    gemm.run();
    require(c.get() == Values({1 * 4 + 3 * 5, -2 * 4 + 0.5f * 5}), "wrong values");
}

TEST("cublas: the work waits for its stream; factors are read at the call, or on the device") {
    Blas blas;
    Array<float> a(Values{3}), b(Values{5}), c(Values{100}), factors(Values{2, 10});
    Gemm gemm{blas.handle, 1, 1, 1, a.at(), 1, b.at(), 1, c.at(), 1};
    float alpha = 2, beta = 1;
    requireStatus("product", gemm.call(&alpha, &beta), SUCCESS);
    alpha = beta = 0;
    a.set({4});
    require(c.get()[0] == 100 && queue_double::queued(STREAM) == 1, "it ran at the call");
    queue_double::run(STREAM);
    require(c.get()[0] == 2 * 4 * 5 + 100, "not the operands of when it ran, and the factors of the call");

    cublasSetPointerMode_v2(blas.handle, POINTER_DEVICE);
    requireStatus("product", gemm.call(factors.at(0), factors.at(1)), SUCCESS);
    factors.set({3, 0.5f});
    queue_double::run(STREAM);
    require(c.get()[0] == 3 * 4 * 5 + 0.5f * 140, "not the factors of the device when it ran");
}

TEST("cublas: the library exports what JCuda binds, under its version, and nothing else") {
    std::string self(4096, 0);
    self.resize(readlink("/proc/self/exe", &self[0], self.size()));
    std::string path = self.substr(0, self.rfind('/')) + "/host-device/libcublas.so.12";
    void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    require(library != nullptr, library ? "" : dlerror());
    for (const char* name :
         {"cublasCreate_v2", "cublasDestroy_v2", "cublasGetVersion_v2", "cublasGetProperty", "cublasSetStream_v2",
          "cublasGetStream_v2", "cublasSetWorkspace_v2", "cublasSetMathMode", "cublasGetMathMode", "cublasSetPointerMode_v2",
          "cublasGetPointerMode_v2", "cublasSetAtomicsMode", "cublasGetAtomicsMode", "cublasGetStatusName",
          "cublasGetStatusString", "cublasSgemm_v2", "cublasGemmEx", "host_cuda_blas_handles"}) {
        require(dlvsym(library, name, "libcublas.so.12") != nullptr, std::string(name) + " is not exported");
    }
    require(dlsym(library, "_ZN9host_cuda7executeERKNS_7ProductE") == nullptr, "the inside is exported");
    dlclose(library);
}
