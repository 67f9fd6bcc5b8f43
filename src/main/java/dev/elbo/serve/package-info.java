/**
 * Trained models in a server: {@link dev.elbo.serve.VaeService} answers any number of threads at once, bit-for-bit
 * identically on each of its replicas.
 */
package dev.elbo.serve;
