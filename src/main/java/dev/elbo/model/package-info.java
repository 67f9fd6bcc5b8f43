/** Specifications of models, as values: nothing here computes anything. */
package dev.elbo.model;
