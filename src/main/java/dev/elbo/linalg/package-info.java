/**
 * Factorisations of small dense matrices in float64, for what is computed on the host, the model that they solve, and sample
 * moments. Independent of all other packages.
 */
package dev.elbo.linalg;
