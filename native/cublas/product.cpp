#include "cublas/product.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "device.h"
#include "driver/queue.h"

namespace host_cuda {
namespace {

std::string described(const Stored& x) {
    return std::string(x.name) + " (" + std::to_string(x.rows) + " x " + std::to_string(x.cols) + ", leading dimension " +
           std::to_string(x.ld) + ")";
}

template <class Check>
void checkColumns(const Product& p, const Stored& x, Check check) {
    try {
        if (reinterpret_cast<uintptr_t>(x.at) % x.elementBytes != 0) {
            throw Fault(FaultKind::misaligned, "misaligned: its address is not a multiple of " + std::to_string(x.elementBytes) + " bytes");
        }
        for (size_t c = 0; c < x.cols; c++) {
            check(x.column(c), x.columnBytes());
        }
    } catch (const Fault& found) {
        throw Fault(found.kind, std::string(p.function) + ": " + described(x) + ": " + found.what());
    }
}

// Whether some column of x shares a byte with some column of y. Columns of one may lie in the gaps of the other.
bool overlap(const Stored& x, const Stored& y) {
    if (x.columnBytes() == 0 || y.columnBytes() == 0) {
        return false;
    }
    uintptr_t base = reinterpret_cast<uintptr_t>(y.at);
    size_t stride = y.ld * y.elementBytes;
    for (size_t c = 0; c < x.cols; c++) {
        uintptr_t from = reinterpret_cast<uintptr_t>(x.column(c));
        uintptr_t end = from + x.columnBytes();
        // the first column of y that ends after `from`
        size_t first = from < base + y.columnBytes() ? 0 : (from - base - y.columnBytes()) / stride + 1;
        if (first < y.cols && base + first * stride < end) {
            return true;
        }
    }
    return false;
}

void requireApart(const Product& p, const Stored& x, const Stored& y) {
    if (overlap(x, y)) {
        throw Fault(FaultKind::globalRace, std::string(p.function) + ": " + described(x) + " overlaps " + described(y));
    }
}

float valueOf(const Product& p, const Scalar& scalar, const char* name) {
    if (scalar.device == nullptr) {
        return scalar.value;
    }
    Stored one{name, scalar.device, sizeof(float), 1, 1, 1};
    checkColumns(p, one, reads);
    return *scalar.device;
}

Stored workspaceOf(const Product& p) { return {"workspace", p.workspace, 1, p.workspaceBytes, 1, p.workspaceBytes}; }

// A product may leave anything in its workspace: NaNs, so that whoever else uses that memory finds out.
void spoilWorkspace(const Product& p) {
    if (p.workspace == nullptr) {
        return;
    }
    Stored workspace = workspaceOf(p);
    // all of it was marked when it was bound, so a byte of it shows whether it is still there
    checkColumns(p, workspace, [](const char* at, size_t) { wrote(const_cast<char*>(at), 1); });
    memset(p.workspace, 0xff, p.workspaceBytes);
}

void readOperands(const Product& p) {
    if (p.k > 0 && valueOf(p, p.alpha, "alpha") != 0) {
        checkColumns(p, p.a, reads);
        checkColumns(p, p.b, reads);
    }
}

// All but what is done to the workspace.
void reduce(const Product& p) {
    float alpha = valueOf(p, p.alpha, "alpha");
    float beta = valueOf(p, p.beta, "beta");
    bool sums = alpha != 0 && p.k > 0;
    if (sums) {
        readOperands(p);
        requireApart(p, p.c, p.a);
        requireApart(p, p.c, p.b);
        requireApart(p, p.a, workspaceOf(p));
        requireApart(p, p.b, workspaceOf(p));
    }
    requireApart(p, p.c, workspaceOf(p));
    if (beta != 0) {
        checkColumns(p, p.c, reads);
    }
    checkColumns(p, p.c, [](const char* at, size_t bytes) { wrote(const_cast<char*>(at), bytes); });
    std::vector<double> sum(p.m * p.n);
    if (sums) {
        (p.float32Sums ? multiplyFloat32 : multiply)(p, sum.data());
    }
    for (size_t c = 0; c < p.n; c++) {
        float* column = reinterpret_cast<float*>(const_cast<char*>(p.c.column(c)));
        for (size_t r = 0; r < p.m; r++) {
            double scaled = alpha * sum[c * p.m + r];
            // beta = 0 means that C is not read: it may hold NaN
            column[r] = static_cast<float>(beta == 0 ? scaled : scaled + static_cast<double>(beta) * column[r]);
        }
    }
}

}  // namespace

void execute(const Product& p) {
    spoilWorkspace(p);
    reduce(p);
}

std::vector<std::function<void()>> stepsOf(const Product& p, int count) {
    if (count == 1) {
        return {[p] { execute(p); }};
    }
    std::vector<std::function<void()>> steps{[p] { spoilWorkspace(p); }};
    while (steps.size() + 1 < static_cast<size_t>(count)) {
        steps.push_back([p] { readOperands(p); });
    }
    steps.push_back([p] { reduce(p); });
    return steps;
}

}  // namespace host_cuda
