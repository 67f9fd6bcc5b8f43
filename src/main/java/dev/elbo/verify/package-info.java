/**
 * How a backend is checked: one table of cases for every operation ({@link dev.elbo.verify.OpCases}), a harness that owns
 * the memory and compares with an oracle ({@link dev.elbo.verify.Parity}), gradients against differences, and models whose
 * answers are known. Backends are handed in; none is named here.
 */
package dev.elbo.verify;
