/**
 * Entropy, cross-entropy, Kullback–Leibler divergence and mutual information (Cover and Thomas 2006, chapters 2 and 8), in
 * closed form where there is one. Results are in nats unless a {@link dev.elbo.analysis.information.Unit} is given.
 */
package dev.elbo.analysis.information;
