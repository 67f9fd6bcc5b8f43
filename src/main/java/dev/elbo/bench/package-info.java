/**
 * Benchmarks of operations and training steps, beside the rates of a plain copy and of products in the same run:
 * measurements, the least that each operation must move and compute, and the runs.
 */
package dev.elbo.bench;
