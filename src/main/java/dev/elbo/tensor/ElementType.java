package dev.elbo.tensor;

/** What a buffer holds. */
public enum ElementType {
    /** The backend's working precision: float32, and float64 on the reference. */
    REAL,
    /** Always float64, for what is accumulated over many steps. */
    FLOAT64,
    /** Counters and row numbers. */
    INT32,
    /** Data as it comes: 0 to 255. */
    UINT8
}
