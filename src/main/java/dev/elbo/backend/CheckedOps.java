package dev.elbo.backend;

/** A family of operations over the checks and the commands of a backend. */
sealed interface CheckedOps permits DenseOps, ConvolutionOps, ClassOps, ColumnOps, LatentOps, LossOps, StepOps {
    /** @hidden */
    Checks checks();
}
