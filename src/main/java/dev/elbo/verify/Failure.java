package dev.elbo.verify;

/** Ways in which a backend can fail a case. */
enum Failure {
    /** An input is mostly zeros, so that agreement proves little: a fault of the case. */
    MISTRUSTED,
    /** An exception was thrown. */
    EXCEPTION,
    /** An element that belongs to no tensor was written. */
    GUARD,
    /** An input was changed. */
    INPUT_MODIFIED,
    /** An element of an output was not written. */
    POISON_LEFT,
    /** NaN or an infinity is not where the oracle has it. */
    NAN_POSITION,
    /** A value is farther from the oracle than allowed, or has an impossible sign. */
    BOUND,
    /** A second run is not bit-for-bit identical. */
    RERUN,
    /** A recorded program differs from the direct call. */
    PROGRAM
}
