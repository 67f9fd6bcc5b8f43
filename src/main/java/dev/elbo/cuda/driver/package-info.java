/**
 * The CUDA driver and cuBLAS as objects: each call through one checked wrapper, each resource closed by its context. The
 * only package, besides {@code cuda.embed}, that sees JCuda.
 */
package dev.elbo.cuda.driver;
