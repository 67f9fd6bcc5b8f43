/**
 * What work costs before it is done: the bytes and flops of every operation, and a backend that counts what it is asked for
 * and does none of it.
 */
package dev.elbo.cost;
