/** Training objectives as steps of operations: the ELBO and its relatives, and the control of their KL divergence. */
package dev.elbo.objective;
