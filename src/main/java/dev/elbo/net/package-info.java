/**
 * Networks: one class for each kind of layer, level, prior and likelihood, listed in {@link dev.elbo.net.Kinds}; {@link
 * dev.elbo.net.Vae}, which walks stacks of them over {@link dev.elbo.backend.Ops}; their parameters, where these start, and
 * the file that a model is.
 */
package dev.elbo.net;
