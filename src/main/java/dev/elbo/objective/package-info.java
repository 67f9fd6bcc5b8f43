/** What training minimises, as steps of operations: the ELBO and its relatives, and what holds their KL divergence. */
package dev.elbo.objective;
