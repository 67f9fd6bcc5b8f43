/**
 * Checks of a backend: one table of cases for every operation (the class OpCases), a harness that owns the memory and
 * compares with an oracle (the class Parity), gradients against differences, and models whose answers are known.
 * Backends are handed in; none is named here.
 */
package dev.elbo.verify;
