/** Errors and cancellation. */
package dev.elbo.error;
