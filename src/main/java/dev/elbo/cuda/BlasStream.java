package dev.elbo.cuda;

import dev.elbo.cuda.driver.Blas;
import dev.elbo.cuda.driver.Stream;

/**
 * A stream with a cuBLAS of its own, whose workspace no other stream's products write to.
 *
 * @param stream where launches go
 * @param blas where products go, on that stream
 */
record BlasStream(Stream stream, Blas blas) {}
