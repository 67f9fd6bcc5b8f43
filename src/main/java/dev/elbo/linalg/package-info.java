/**
 * Factorisations of small dense matrices in float64, for computations on the host, a model with a closed-form solution,
 * and sample moments. Independent of all other packages.
 */
package dev.elbo.linalg;
