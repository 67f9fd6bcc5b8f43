/**
 * The cost of work before it is done: bytes and flops of every operation, and a backend that counts operations without
 * running them.
 */
package dev.elbo.cost;
