/**
 * A trained model inside somebody else's server: {@link dev.elbo.serve.VaeService} answers any number of threads at once, with
 * the same bits whichever of its replicas does the work.
 */
package dev.elbo.serve;
