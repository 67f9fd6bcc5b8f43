package dev.elbo.cuda;

import dev.elbo.tensor.Tensor;

/** Matrix products as commands. */
@FunctionalInterface
interface Products {
    /**
     * The command {@code c = a · b}.
     *
     * @param transposeA whether a enters it transposed
     * @param transposeB whether b enters it transposed
     */
    Runnable of(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c);
}
