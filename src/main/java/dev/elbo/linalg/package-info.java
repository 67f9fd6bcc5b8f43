/**
 * Factorisations of small dense matrices in float64, for what is computed on the host, and the model that they solve. Knows
 * nothing of ours.
 */
package dev.elbo.linalg;
