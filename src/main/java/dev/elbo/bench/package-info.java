/**
 * Speed of operations and of training steps, beside the rates of a plain copy and of products in the same run: what a
 * measurement is, what each operation must move and compute at least, and the runs.
 */
package dev.elbo.bench;
