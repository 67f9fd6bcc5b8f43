/** Gaussian mixtures fitted to rows, such as latent codes: expectation maximisation in float64 on the host. */
package dev.elbo.analysis.mixture;
