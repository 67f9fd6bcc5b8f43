/**
 * The variational autoencoder as forward and backward pieces over {@link dev.elbo.backend.Ops}, its parameters, where they
 * start, and the file that a model is.
 */
package dev.elbo.net;
