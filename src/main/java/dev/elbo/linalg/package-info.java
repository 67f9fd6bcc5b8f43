/** Factorisations of small dense matrices in float64, for what is computed on the host. Knows nothing of ours. */
package dev.elbo.linalg;
