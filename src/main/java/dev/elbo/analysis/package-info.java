/**
 * What a trained model is worth and what it is used for: evaluation, marginal likelihood, codes, reconstructions, samples,
 * anomaly scores, a linear probe; and models whose answers are known in closed form to hold all this against.
 */
package dev.elbo.analysis;
