package dev.elbo.cuda.driver;

import jcuda.jcublas.cublasComputeType;

/**
 * What products by cuBLAS multiply; they always add in float32. Everything else is float32 anyway, also the products of
 * layers with a thin input ({@link dev.elbo.cost.KernelCost#THIN}), but for the gradients of their weights.
 */
public enum Precision {
    /** float32, 24 significant bits. */
    FP32(cublasComputeType.CUBLAS_COMPUTE_32F, 0x1p-24),
    /** Operands of 11 significant bits, for tensor cores, which truncate what no kernel has rounded before. */
    TF32(cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32, 0x1p-10),
    /** Operands rounded to bfloat16's 8 significant bits, for tensor cores; weights stay float32. */
    BF16(cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF, 0x1p-8);

    private final int computeType;
    private final double unitRoundoff;

    Precision(int computeType, double unitRoundoff) {
        this.computeType = computeType;
        this.unitRoundoff = unitRoundoff;
    }

    int computeType() {
        return computeType;
    }

    /** The largest relative error of an operand's rounding. */
    public double unitRoundoff() {
        return unitRoundoff;
    }
}
