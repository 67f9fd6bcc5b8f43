/**
 * Variational autoencoders on NVIDIA GPUs and on the CPU. A {@link dev.elbo.backend.Backend backend} is opened by name with
 * {@link dev.elbo.Backends}; everything else is handed one, except for services, which open their own.
 *
 * <p>Four things people do:
 * <ul>
 *   <li><b>Train a model</b>: describe it with {@link dev.elbo.model.VaeSpec}, choose what is minimised from {@link
 *       dev.elbo.objective}, read data with {@link dev.elbo.data}, run a {@link dev.elbo.train.Trainer}, and look at the result
 *       with {@link dev.elbo.analysis}. A model is one file, {@link dev.elbo.net.ModelFile}.
 *   <li><b>Serve a model</b> from any number of threads: {@link dev.elbo.serve.VaeService}.
 *   <li><b>Use single kernels</b> on device pointers and streams of a JCuda program of their own: {@link dev.elbo.cuda.embed}.
 *   <li><b>Verify a machine's numerics</b> against a float64 reference: {@link dev.elbo.verify.Verification}, and {@link
 *       dev.elbo.verify.GoldenRunner} for results of other frameworks.
 * </ul>
 *
 * <p>Some things hold everywhere. Matrices are row-major, an example or a code a row: B examples, D inputs, J latents, K or L
 * samples of each example. Losses and information are in nats. What can go wrong outside of the program is an {@link
 * dev.elbo.error.ElboException} whose kind says what to do about it; misuse is an {@link java.lang.IllegalArgumentException} or
 * an {@link java.lang.IllegalStateException}. What takes long can be interrupted, see {@link dev.elbo.error.Interruption}.
 * Nothing is printed: warnings go to a {@link java.lang.System.Logger}.
 */
package dev.elbo;
