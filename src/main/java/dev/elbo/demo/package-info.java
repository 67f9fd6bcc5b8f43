/** Demonstrations: small computations with real numbers that show what the theory says. Backends are handed in. */
package dev.elbo.demo;
