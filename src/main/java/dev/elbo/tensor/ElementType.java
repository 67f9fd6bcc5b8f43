package dev.elbo.tensor;

/** The type of a buffer's elements. */
public enum ElementType {
    /** The backend's working precision: float32, and float64 on the reference. */
    REAL,
    /** Always float64, for sums over many steps. */
    FLOAT64,
    /** Counters and row numbers. */
    INT32,
    /** Bytes of data: 0 to 255. */
    UINT8
}
