/**
 * Evaluation and use of trained models: marginal likelihood, codes, reconstructions, samples, anomaly scores, a linear probe;
 * and models whose answers are known in closed form, to compare all this with.
 */
package dev.elbo.analysis;
