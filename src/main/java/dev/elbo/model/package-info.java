/** What a model is made of, as values: nothing here computes anything. */
package dev.elbo.model;
