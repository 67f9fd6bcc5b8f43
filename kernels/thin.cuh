// What the products of layers with a thin input share.
#pragma once

#include "elbo.cuh"

// the most columns of a thin input, dev.elbo.cost.KernelCost.THIN
constexpr int THIN = 64;
constexpr int THIN_QUADS = THIN / 4;

DEVICE float4 pack(const Quad& q) {
    return float4{q.v[0], q.v[1], q.v[2], q.v[3]};
}

// sum += a · w
DEVICE void multiplyAdd(Quad& sum, float a, const float4& w) {
    sum.v[0] = __fmaf_rn(a, w.x, sum.v[0]);
    sum.v[1] = __fmaf_rn(a, w.y, sum.v[1]);
    sum.v[2] = __fmaf_rn(a, w.z, sum.v[2]);
    sum.v[3] = __fmaf_rn(a, w.w, sum.v[3]);
}
